import type { AppSpec, HostSelector } from "../spec/app-spec.ts";
import { formatTerm } from "../spec/erlang-term.ts";
import type { SourcedSpec } from "../spec/parse-app.ts";
import type { FieldChange } from "./plan-item.ts";

/** Every field in which the wanted spec differs from the recorded one, with the line it stands on now. */
export const fieldChanges = (from: AppSpec | null, { spec, document }: SourcedSpec): FieldChange[] =>
  specChanges(from, spec, (path) => document.at(path).line);

/** The same of two specs that need not be in a file. */
export function specChanges(
  from: AppSpec | null,
  spec: AppSpec,
  lineOf: (path: readonly string[]) => number | null = () => null,
): FieldChange[] {
  const before = from === null ? new Map<string, Shown>() : shownFields(from);
  const after = shownFields(spec);
  // A url that differs only in the version says nothing that the version does not say.
  if (from !== null && withoutVersion(from) === withoutVersion(spec)) before.delete("source.url");
  if (from !== null && !before.has("source.url")) after.delete("source.url");
  return [...new Set([...after.keys(), ...before.keys()])]
    .filter((field) => before.get(field)?.text !== after.get(field)?.text)
    .map((field) => {
      const now = after.get(field);
      const line = now === undefined ? null : lineOf(now.path);
      return { field, from: before.get(field)?.text ?? null, to: now?.text ?? null, line };
    });
}

type Shown = { text: string; path: readonly string[] };

const withoutVersion = ({ source, version }: AppSpec): string => source.url.replaceAll(version, "{version}");

/** Each leaf of a spec by its field, in the order in which people read a spec. */
function shownFields(spec: AppSpec): Map<string, Shown> {
  const shown = new Map<string, Shown>();
  const show = (text: string, ...path: string[]): void => void shown.set(path.join("."), { text, path });
  const { vm_config = {}, env, os_env, health, source, strategy, rollout, hosts, depends_on, retain, version } = spec;
  show(version, "version");
  show(source.url, "source", "url");
  if (source.sha256 !== undefined) show(`${source.sha256.slice(0, 12)}…`, "source", "sha256");
  const { memory_limit, scheduler_limit, extra_args } = vm_config;
  if (memory_limit !== undefined) show(`${memory_limit} MiB`, "vm_config", "memory_limit");
  if (scheduler_limit !== undefined) show(String(scheduler_limit), "vm_config", "scheduler_limit");
  if (extra_args !== undefined) show(extra_args.join(" "), "vm_config", "extra_args");
  for (const [key, term] of Object.entries(env)) show(formatTerm(term), "env", key);
  for (const [key, value] of Object.entries(os_env))
    show("secret" in value ? `secret ${value.secret}` : JSON.stringify(value.value), "os_env", key);
  for (const [path, text] of leaves(["health"], health)) show(text, ...path);
  show(strategy.type, "strategy");
  show(selectorText(hosts), "hosts");
  if (depends_on.length > 0) show(depends_on.join(", "), "depends_on");
  show(String(rollout.max_failures), "rollout", "max_failures");
  show(String(retain), "retain");
  return shown;
}

function selectorText(hosts: HostSelector): string {
  if (hosts === null) return "all";
  if ("names" in hosts) return hosts.names.join(", ");
  return Object.entries(hosts.labels)
    .map(([label, value]) => `${label}=${value}`)
    .join(", ");
}

function leaves(path: readonly string[], value: unknown): [readonly string[], string][] {
  if (value === null || typeof value !== "object") return value === undefined ? [] : [[path, String(value)]];
  return Object.entries(value).flatMap(([key, item]) => leaves([...path, key], item));
}
