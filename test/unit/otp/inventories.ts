// Inventories that no release had to be built for.
import type { ApplicationFacts, ModuleFacts, ReleaseInventory } from "../../../src/otp/inventory.ts";
import { parseErlangTerms } from "../../../src/spec/erlang/parse-terms.ts";
import { termOfPlaced } from "../../../src/spec/erlang/placed-term.ts";
import type { ErlangTerm } from "../../../src/spec/erlang-term.ts";

export function termIn(text: string): ErlangTerm {
  const read = parseErlangTerms(`${text}.`);
  const [term] = "terms" in read ? read.terms : [];
  if (!term) throw new Error(text);
  return termOfPlaced(term);
}

/** A plain module, whose code is `code`. */
export const plain = (code: string, more: Partial<ModuleFacts> = {}): ModuleFacts => ({
  md5: code,
  behaviours: [],
  exports: [],
  calls: [],
  isNative: false,
  vsn: "1",
  records: new Map(),
  ...more,
});

export const server = (code: string, more: Partial<ModuleFacts> = {}): ModuleFacts =>
  plain(code, { behaviours: ["gen_server"], exports: ["code_change/3", "handle_call/3", "init/1"], ...more });

export const withoutCodeChange = (code: string, ...fields: string[]): ModuleFacts =>
  server(code, {
    exports: ["handle_call/3", "init/1"],
    records: new Map(fields.length > 0 ? [["state", fields]] : []),
  });

export const supervisor = (code: string): ModuleFacts =>
  plain(code, { behaviours: ["supervisor"], exports: ["init/1"] });

export function application(
  name: string,
  version: string,
  modules: Readonly<Record<string, ModuleFacts>>,
  more: Partial<ApplicationFacts> & { mod?: string } = {},
): ApplicationFacts {
  const { mod, ...facts } = more;
  const keys = [`{vsn, "${version}"}`, ...(mod ? [`{mod, {${mod}, []}}`] : [])];
  return {
    name,
    version,
    startType: "permanent",
    resource: termIn(`{application, ${name}, [${keys.join(", ")}]}`),
    modules: new Map(Object.entries(modules)),
    priv: "",
    libraries: "",
    ...facts,
  };
}

const CORE = [application("kernel", "8.5", {}), application("stdlib", "4.2", {}), application("sasl", "4.2", {})];

export const release = (
  version: string,
  applications: readonly ApplicationFacts[],
  more: Partial<ReleaseInventory> = {},
): ReleaseInventory => ({
  name: "shop",
  version,
  erts: "13.1.5",
  applications: [...CORE, ...applications],
  appups: new Map(),
  relup: null,
  consolidated: new Map(),
  startFiles: new Map(),
  made: new Map(),
  ...more,
});
