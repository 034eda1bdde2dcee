// The answer to `inspect`: what a running release is made of, a line a fact. See src/host/agent/erl/inspect.erl, the other side.
import type { ApplicationFacts, ModuleFacts, ReleaseInventory } from "../otp/inventory.ts";
import { applicationDigest } from "../otp/module-digest.ts";
import { privDigests } from "../otp/priv-digest.ts";
import { readTermFile } from "../otp/term-file.ts";
import { atomIn, atomsIn, listIn, tupleIn } from "../otp/term-shape.ts";
import type { ErlangTerm } from "../spec/erlang-term.ts";

/** A running release; `label` is the directory that it runs from. */
export type Inspection = { label: string; inventory: ReleaseInventory };

/** The words that say of which applications nothing need be said: they are as the other release has them. */
export const knownDigests = ({ applications }: ReleaseInventory): string[] =>
  applications.flatMap(({ name, modules }) =>
    // It stands unquoted in a command line.
    /^[a-z][a-zA-Z0-9_@]*$/.test(name) ? [`${name}=${applicationDigest(modules)}`] : [],
  );

type Growing<T> = { -readonly [K in keyof T]: T[K] };

/**
 * `other`: the release whose digests were told; `version`: that of the running one. Null where nothing runs that could tell.
 */
export function parseInspection(lines: readonly string[], other: ReleaseInventory, version: string): Inspection | null {
  const applications = new Map<string, Growing<ApplicationFacts>>();
  const modules = new Map<string, Map<string, Growing<ModuleFacts>>>();
  const priv = new Map<string, [string, string][]>();
  const appups = new Map<string, ErlangTerm>();
  let relup: ErlangTerm | null = null;
  let release: { name: string; label: string; erts: string } | null = null;
  for (const line of lines) {
    const [kind, ...words] = line.split(" ");
    const [first = "", second = "", third = "", fourth = ""] = words;
    if (kind === "release") release = { name: first, label: second, erts: third };
    else if (kind === "application") {
      const same = other.applications.find(
        ({ name, modules }) => name === first && applicationDigest(modules) === fourth,
      );
      applications.set(first, {
        name: first,
        version: second,
        startType: third,
        resource: same?.resource ?? { tuple: [] },
        modules: same?.modules ?? new Map(),
        priv: "",
        libraries: "",
      });
    } else if (kind === "resource") {
      const application = applications.get(first);
      if (application !== undefined) application.resource = termOf(words.slice(1).join(" "));
    } else if (kind === "appup") appups.set(first, termOf(words.slice(1).join(" ")));
    else if (kind === "relup") relup = termOf(words.join(" "));
    else if (kind === "module") {
      const [owner = "", name = "", md5 = "", native, behaviours = "-", exports = "-", calls = "-", ...vsn] = words;
      const facts: ModuleFacts = {
        md5,
        isNative: native === "true",
        behaviours: namesIn(behaviours),
        exports: namesIn(exports),
        calls: namesIn(calls),
        vsn: vsn.join(" ") === "-" ? null : vsn.join(" "),
        records: null,
      };
      const known = modules.get(owner) ?? new Map<string, Growing<ModuleFacts>>();
      modules.set(owner, known.set(name, facts));
    } else if (kind === "records") {
      const facts = modules.get(first)?.get(second);
      if (facts !== undefined) facts.records = recordsIn(termOf(words.slice(2).join(" ")));
    } else if (kind === "priv") {
      const [key = "", path = ""] = words.join(" ").split("\t");
      const [, directory = "", file = ""] = /^\.\/lib\/([^/]+)\/priv\/(.*)$/.exec(path) ?? [];
      priv.set(directory, [...(priv.get(directory) ?? []), [key, file]]);
    }
  }
  if (release === null) return null;
  for (const [name, application] of applications) {
    const own = modules.get(name);
    if (own !== undefined) application.modules = own;
    Object.assign(application, privDigests(priv.get(`${name}-${application.version}`) ?? []));
  }
  const { name, label, erts } = release;
  const inventory = {
    name,
    version,
    erts,
    applications: [...applications.values()],
    appups,
    relup,
    consolidated: modules.get("-") ?? new Map(),
  };
  return { label, inventory };
}

const namesIn = (list: string): string[] => (list === "-" ? [] : list.split(","));

function termOf(text: string): ErlangTerm {
  const read = readTermFile(new TextEncoder().encode(`${text}.`));
  // What the node printed is a term; of one that we can't read nothing is known.
  return "term" in read ? read.term : { tuple: [] };
}

function recordsIn(term: ErlangTerm): ReadonlyMap<string, readonly string[]> {
  return new Map(
    (listIn(term) ?? []).flatMap((pair) => {
      const [name, fields] = tupleIn(pair) ?? [];
      const record = atomIn(name);
      return record === null ? [] : [[record, atomsIn(fields) ?? []] as const];
    }),
  );
}
