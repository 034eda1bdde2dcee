import type { Json } from "../core/digest.ts";
import { canonicalJson } from "../core/digest.ts";
import type { AppSpec } from "../spec/app-spec.ts";
import { formatTerm } from "../spec/erlang-term.ts";
import type { SourcedSpec } from "../spec/parse-app.ts";
import type { FieldChange } from "./plan-item.ts";

/** Every field in which the wanted spec differs from the recorded one, with the line it stands on now. */
export function fieldChanges(from: AppSpec | null, { spec, document }: SourcedSpec): FieldChange[] {
  const before = from === null ? new Map<string, string>() : shownFields(from);
  const after = shownFields(spec);
  const fields = [...new Set([...before.keys(), ...after.keys()])];
  return fields
    .filter((field) => before.get(field) !== after.get(field))
    .map((field) => ({
      field,
      from: before.get(field) ?? null,
      to: after.get(field) ?? null,
      line: after.has(field) ? document.at(field.split(".")).line : null,
    }));
}

/** Each leaf of a spec as `field → text`, in the order in which people read a spec. */
function shownFields(spec: AppSpec): Map<string, string> {
  const shown = new Map<string, string>();
  const { name: _, env, os_env, health, source, strategy, rollout, hosts, depends_on, retain, version } = spec;
  shown.set("version", version);
  for (const [key, value] of Object.entries({ ...source, type: undefined }))
    if (value) shown.set(`source.${key}`, value);
  for (const [key, term] of Object.entries(env)) shown.set(`env.${key}`, formatTerm(term));
  for (const [key, value] of Object.entries(os_env))
    shown.set(`os_env.${key}`, "secret" in value ? `secret ${value.secret}` : JSON.stringify(value.value));
  for (const [key, value] of leaves("health", health)) shown.set(key, value);
  shown.set("strategy", strategy.type);
  shown.set("hosts", hosts === null ? "all" : canonicalJson(hosts as Json));
  shown.set("depends_on", depends_on.join(", "));
  shown.set("rollout.max_failures", String(rollout.max_failures));
  shown.set("retain", String(retain));
  return shown;
}

function leaves(path: string, value: unknown): [string, string][] {
  if (value === null || typeof value !== "object") return value === undefined ? [] : [[path, String(value)]];
  return Object.entries(value).flatMap(([key, item]) => leaves(`${path}.${key}`, item));
}
