import { visible } from "../core/visible.ts";
import type { Recorded, Supervisor } from "../runtime/observed.ts";
import type { AppSpec, HostCount, HostSelector } from "../spec/app-spec.ts";
import { formatTerm } from "../spec/erlang-term.ts";
import { healthOf } from "../spec/health.ts";
import type { Host } from "../spec/host.ts";
import type { SourcedSpec } from "../spec/parse-app.ts";
import { plainStrategy } from "../spec/strategy.ts";
import type { FieldChange } from "./plan-item.ts";

/** Every field in which the wanted spec differs from the recorded one, with the line it stands on now. */
export const fieldChanges = (from: AppSpec | null, { spec, document }: SourcedSpec): FieldChange[] =>
  specChanges(from, spec, (path) => (document.has(path) ? document.at(path) : NOWHERE));

/** A spec that says nothing but what it must: all defaults. */
const NOTHING_SAID: AppSpec = {
  name: "",
  version: "",
  source: { type: "release", url: "" },
  isolation: "vm",
  env: {},
  os_env: {},
  depends_on: [],
  health: healthOf({ name: "", version: "" }),
  strategy: { type: "restart" },
  hosts: null,
  rollout: { max_failures: 0 },
  retain: 3,
};
const ALWAYS_SAID = ["version", "source.url"];

const NOWHERE = { file: null, line: null };

/** The same of two specs that need not be in a file. */
export function specChanges(
  from: AppSpec | null,
  spec: AppSpec,
  placeOf: (path: readonly string[]) => Pick<FieldChange, "file" | "line"> = () => NOWHERE,
): FieldChange[] {
  // Of a new app all that is asked for is shown, and what goes without saying is not.
  const before = shownFields(from ?? NOTHING_SAID);
  const after = shownFields(spec);
  if (from === null) for (const field of ALWAYS_SAID) before.delete(field);
  // A url that differs only in the version says nothing that the version does not say.
  if (from !== null && withoutVersion(from) === withoutVersion(spec)) before.delete("source.url");
  if (from !== null && !before.has("source.url")) after.delete("source.url");
  // Another strategy comes with options of its own, which are worth a word where they are not the usual ones.
  if (before.get("strategy")?.text !== after.get("strategy")?.text)
    for (const fields of [before, after]) leaveUsualOptions(fields);
  return [...new Set([...after.keys(), ...before.keys()])]
    .filter((field) => before.get(field)?.text !== after.get(field)?.text)
    .map((field) => {
      const now = after.get(field);
      const { file, line } = now === undefined ? NOWHERE : placeOf(now.path);
      return {
        field,
        from: from === null ? null : (before.get(field)?.text ?? null),
        to: now?.text ?? null,
        file,
        line,
      };
    });
}

function leaveUsualOptions(fields: Map<string, Shown>): void {
  const type = fields.get("strategy")?.text;
  if (type !== "hot" && type !== "blue-green") return;
  for (const [[option], text] of leaves([], plainStrategy(type)))
    if (fields.get(`strategy.${option}`)?.text === text) fields.delete(`strategy.${option}`);
}

/** Who the app runs as is no field of its spec, and a reviewer should see it all the same. */
export const runAsChange = (from: { runAs?: string }, to: { runAs?: string }, { user }: Host): FieldChange[] =>
  from.runAs === to.runAs ? [] : [{ field: "run_as", from: from.runAs ?? user, to: to.runAs ?? user, ...NOWHERE }];

/** Nor is the node that it is embedded in. */
export const nodeChange = (from: { node?: string }, to: { node?: string }): FieldChange[] =>
  from.node === to.node ? [] : [{ field: "node", from: from.node ?? null, to: to.node ?? null, ...NOWHERE }];

/** Nor is what starts it again. */
export const supervisorChange = (
  from: Pick<Recorded, "supervisor"> | null,
  to: { supervisor: Supervisor },
): FieldChange[] =>
  from === null || from.supervisor === to.supervisor
    ? []
    : [{ field: "supervisor", from: from.supervisor, to: to.supervisor, ...NOWHERE }];

type Shown = { text: string; path: readonly string[] };

/** The version within a url, but not digits of other words that happen to be the same. */
function withoutVersion({ source, version }: AppSpec): string {
  if (!("url" in source)) return "";
  const escaped = version.replaceAll(/[.+~]/g, "\\$&");
  return source.url.replaceAll(new RegExp(`(?<![0-9A-Za-uw-z.])${escaped}(?![0-9A-Za-z])`, "g"), "{version}");
}

/** Each leaf of a spec by its field, in the order in which people read a spec. */
function shownFields(spec: AppSpec): Map<string, Shown> {
  const shown = new Map<string, Shown>();
  const show = (text: string, ...path: string[]): void =>
    void shown.set(visible(path.join(".")), { text: visible(text), path });
  const { vm_config = {}, env, os_env, health, source, strategy, rollout, hosts, depends_on, retain } = spec;
  show(spec.version, "version");
  show(source.type, "source", "type");
  if ("url" in source) show(source.url, "source", "url");
  if ("ref" in source) show(source.ref, "source", "ref");
  if (source.sha256 !== undefined) show(source.sha256, "source", "sha256");
  show(spec.isolation, "isolation");
  const { memory_limit, extra_args, ...others } = vm_config;
  if (memory_limit !== undefined) show(`${memory_limit} MiB`, "vm_config", "memory_limit");
  for (const [path, text] of leaves(["vm_config"], others)) show(text, ...path);
  if (extra_args !== undefined) show(extra_args.join(" "), "vm_config", "extra_args");
  for (const [key, term] of Object.entries(env)) show(formatTerm(term), "env", key);
  for (const [key, value] of Object.entries(os_env))
    show("secret" in value ? `secret ${value.secret}` : JSON.stringify(value.value), "os_env", key);
  for (const [path, text] of leaves(["health"], health)) show(text, ...path);
  const { type, ...options } = strategy;
  show(type, "strategy");
  for (const [path, text] of leaves(["strategy"], options)) show(text, ...path);
  show(selectorText(hosts), "hosts");
  if (depends_on.length > 0) show(depends_on.map(word).join(", "), "depends_on");
  const { canary, batch, ...pace } = rollout;
  if (canary !== undefined) show(hostCountText(canary), "rollout", "canary");
  if (batch !== undefined) show(hostCountText(batch), "rollout", "batch");
  for (const [path, text] of leaves(["rollout"], pace)) show(text, ...path);
  show(String(retain), "retain");
  return shown;
}

function selectorText(hosts: HostSelector): string {
  if (hosts === null) return "all";
  if ("names" in hosts) return hosts.names.map(word).join(", ");
  return Object.entries(hosts.labels)
    .map(([label, value]) => `${word(label)}=${word(value)}`)
    .join(", ");
}

/** In quotes where it could be taken for something else. */
const word = (text: string): string => (/^(?!all$)[\w.@-]+$/.test(text) ? text : JSON.stringify(text));

const hostCountText = (count: HostCount): string => ("hosts" in count ? String(count.hosts) : `${count.percent}%`);

function leaves(path: readonly string[], value: unknown): [readonly string[], string][] {
  if (value === null || typeof value !== "object") return value === undefined ? [] : [[path, String(value)]];
  return Object.entries(value).flatMap(([key, item]) => leaves([...path, key], item));
}
