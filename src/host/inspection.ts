// The answer to `inspect`: what a running release is made of, a line a fact. See src/host/agent/erl/inspect.erl, the other side.
import type { ApplicationFacts, ModuleFacts, ReleaseInventory } from "../otp/inventory.ts";
import { applicationDigest } from "../otp/module-digest.ts";
import { privDigests } from "../otp/priv-digest.ts";
import type { ReadingBudget } from "../otp/reading-budget.ts";
import { readingBudget, spend } from "../otp/reading-budget.ts";
import { MOST_APPLICATIONS } from "../otp/release-file.ts";
import { startFilesOf } from "../otp/start-files.ts";
import { readTermFile } from "../otp/term-file.ts";
import { atomIn, atomsIn, listIn, tupleIn } from "../otp/term-shape.ts";
import type { ErlangTerm } from "../spec/erlang-term.ts";

/** The words that say of which applications nothing need be said: they are as the other release has them. */
export const knownDigests = ({ applications }: ReleaseInventory): string[] =>
  applications.flatMap(({ name, modules }) =>
    // It stands unquoted in a command line.
    /^[a-z][a-zA-Z0-9_@]*$/.test(name) ? [`${name}=${applicationDigest(modules)}`] : [],
  );

type Growing<T> = { -readonly [K in keyof T]: T[K] };

/** What was read so far. */
type Reading = {
  /** The other release's applications, by name and digest. */
  others: ReadonlyMap<string, ApplicationFacts>;
  release: { name: string; erts: string } | null;
  applications: Map<string, Growing<ApplicationFacts>>;
  /** By application, `-` for what Elixir consolidated. */
  modules: Map<string, Map<string, Growing<ModuleFacts>>>;
  appups: Map<string, ErlangTerm>;
  relup: ErlangTerm | null;
  /** Content and path of the files in priv, by the application's directory. */
  priv: Map<string, [string, string][]>;
  /** Name and content of the files that its VM read when it started; null where no manifest tells. */
  startFiles: [string, string][] | null;
  made: Map<string, string[]>;
  /** How the answer ended; null where it broke off. */
  ended: { failed: string | null } | null;
  /** All that it says counts for what one release may have. */
  budget: ReadingBudget;
};

type Reader = (reading: Reading, words: readonly string[]) => void;

/** What a line says, by its first word; a term stands last, and may have spaces. */
const readers = {
  release(reading, [name = "", , erts = ""]) {
    reading.release = { name, erts };
  },
  application({ applications, others }, [name = "", version = "", startType = "", digest = ""]) {
    const same = others.get(`${name} ${digest}`);
    const facts = { resource: same?.resource ?? NO_TERM, modules: same?.modules ?? new Map(), priv: "", libraries: "" };
    applications.set(name, { name, version, startType, ...facts });
  },
  resource({ applications, budget }, [name = "", ...term]) {
    const application = applications.get(name);
    if (application !== undefined) application.resource = termOf(term, budget);
  },
  appup({ appups, budget }, [name = "", ...term]) {
    appups.set(name, termOf(term, budget));
  },
  relup(reading, term) {
    reading.relup = termOf(term, reading.budget);
  },
  module({ modules, budget }, [owner = "", name = "", md5 = "", native, behaviours, exports, calls, ...term]) {
    const vsn = term.join(" ");
    const names = [behaviours, exports, calls].map(namesIn);
    spend(budget, "facts", names.flat().length);
    const [itsBehaviours = [], itsExports = [], itsCalls = []] = names;
    const known = modules.get(owner) ?? new Map<string, Growing<ModuleFacts>>();
    modules.set(
      owner,
      known.set(name, {
        md5,
        isNative: native === "true",
        behaviours: itsBehaviours,
        exports: itsExports,
        calls: itsCalls,
        vsn: vsn === "-" ? null : vsn,
        records: null,
      }),
    );
  },
  records({ modules, budget }, [owner = "", name = "", ...term]) {
    const facts = modules.get(owner)?.get(name);
    if (facts !== undefined) facts.records = recordsIn(termOf(term, budget));
  },
  priv({ priv }, words) {
    const [key = "", path = ""] = words.join(" ").split("\t");
    const [, directory = "", file = ""] = /^\.\/lib\/([^/]+)\/priv\/(.*)$/.exec(path) ?? [];
    // A key is a letter and the first digits of the content's digest (see manifestText).
    const files = priv.get(directory) ?? [];
    files.push([key.slice(1), file]);
    priv.set(directory, files);
  },
  starts(reading, [name = "", digest = ""]) {
    reading.startFiles ??= [];
    if (digest !== "-") reading.startFiles.push([name, digest]);
  },
  made({ made }, [name = "", module = ""]) {
    const known = made.get(name) ?? [];
    known.push(module);
    made.set(name, known);
  },
  end(reading) {
    reading.ended = { failed: null };
  },
  failed(reading, reason) {
    reading.ended = { failed: reason.join(" ") };
  },
} satisfies Record<string, Reader>;

/** As many files as no release has; and of what there is more work with each, as many as none has either. */
const MOST = 100_000;
const MOST_OF: ReadonlyMap<string, number> = new Map([
  ["application", MOST_APPLICATIONS],
  ["resource", MOST_APPLICATIONS],
  ["appup", MOST_APPLICATIONS],
  ["module", 20_000],
  ["records", 20_000],
]);

/** Whatever word a node comes up with, `constructor` too, it is one of these, or skipped. */
const readerOf: ReadonlyMap<string, Reader> = new Map(Object.entries(readers));

/**
 * `other`: the release whose digests were told; `version`: that of the running one. Null where nothing runs that could tell; an
 * error, a sentence, where something does and has not told all.
 */
export function parseInspection(
  lines: readonly string[],
  other: ReleaseInventory,
  version: string,
): ReleaseInventory | { error: string } | null {
  if (lines.length === 0) return null;
  const reading: Reading = {
    others: new Map(other.applications.map((it) => [`${it.name} ${applicationDigest(it.modules)}`, it])),
    release: null,
    applications: new Map(),
    modules: new Map(),
    appups: new Map(),
    relup: null,
    priv: new Map(),
    startFiles: null,
    made: new Map(),
    ended: null,
    budget: readingBudget(),
  };
  const counts = new Map<string, number>();
  for (const line of lines) {
    const [kind = "", ...words] = line.split(" ");
    const count = (counts.get(kind) ?? 0) + 1;
    counts.set(kind, count);
    readerOf.get(kind)?.(reading, words);
    if (count > (MOST_OF.get(kind) ?? MOST) || reading.budget.over !== null)
      return { error: "its node says more than any release has" };
  }
  const { release, applications, modules, appups, relup, priv, startFiles, made, ended } = reading;
  if (release === null || ended === null || ended.failed !== null)
    return { error: ended?.failed ?? "its node's answer broke off" };
  for (const application of applications.values()) {
    const { name } = application;
    application.modules = modules.get(name) ?? application.modules;
    Object.assign(application, privDigests(priv.get(`${name}-${application.version}`) ?? []));
  }
  return {
    name: release.name,
    version,
    erts: release.erts,
    applications: [...applications.values()],
    appups,
    relup,
    consolidated: modules.get("-") ?? new Map(),
    startFiles: startFiles && startFilesOf(startFiles),
    made,
  };
}

const NO_TERM: ErlangTerm = { tuple: [] };

const namesIn = (list = "-"): readonly string[] => (list === "-" ? [] : list.split(","));

/** Of an appup or an .app file that anybody writes; more would only keep the runner busy. */
const LONGEST_TERM = 256 * 1024;

function termOf(words: readonly string[], budget: ReadingBudget): ErlangTerm {
  const text = words.join(" ");
  if (text.length > LONGEST_TERM) return NO_TERM;
  const read = readTermFile(new TextEncoder().encode(`${text}.`), budget);
  // What the node printed is a term; of one that we can't read nothing is known.
  return "term" in read ? read.term : NO_TERM;
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
