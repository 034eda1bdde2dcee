import type { Recorded } from "../runtime/observed.ts";
import type { Target } from "../runtime/runtime.ts";
import type { Host } from "../spec/host.ts";

/** What a reviewer should know before saying yes. */
export function warningsOf(
  target: Target,
  host: Host,
  seen: { recorded: Recorded | null; drift: string | null },
): string[] {
  const { spec, specDigest, config, release } = target;
  const { recorded, drift } = seen;
  const warnings: string[] = [];
  if (drift !== null) warnings.push(`drift: ${drift}`);
  if (recorded !== null && compareVersions(spec.version, recorded.version) < 0)
    warnings.push(`downgrade from ${recorded.version}`);
  if (recorded !== null && spec.version === recorded.version && release.digest !== recorded.digest)
    warnings.push(`same version ${spec.version}, other contents`);
  if (recorded !== null && specDigest === recorded.specDigest && config !== recorded.config)
    warnings.push("a secret in os_env has another value");
  if (spec.health.type === "none")
    warnings.push(`no health check: only proven that the ${spec.isolation === "vm" ? "VM" : "application"} runs`);
  return [...warnings, ...limitWarnings(target, host)];
}

/** Only systemd can hold a VM to a limit of memory. */
export function limitWarnings({ spec, supervisor }: Pick<Target, "spec" | "supervisor">, host: Host): string[] {
  if (supervisor !== "daemon" || spec.vm_config?.memory_limit === undefined) return [];
  const why = host.supervisor === "daemon" ? "the fleet file says supervisor: daemon" : "this host has none";
  return [`vm_config.memory_limit needs systemd; ${why}`];
}

/**
 * The order of two versions, as semver.org has it where they are such, and as near to it as others allow: numbers compare as
 * numbers, 1.10.0 > 1.9.0; what follows a `-` or `~` comes before the version without it; what follows a `+` does not count.
 */
function compareVersions(a: string, b: string): number {
  const [left, right] = [parsed(a), parsed(b)];
  const core = compareParts(left.core, right.core);
  if (core !== 0) return core;
  if (left.pre.length === 0 || right.pre.length === 0) return right.pre.length - left.pre.length;
  return compareParts(left.pre, right.pre);
}

function parsed(version: string): { core: string[]; pre: string[] } {
  const [, core = "", pre = ""] = /^([^-~+]*)(?:[-~]([^+]*))?/.exec(version) ?? [];
  // A number within a word counts as one: rc9 < rc10.
  const parts = (text: string): string[] => text.match(/\d+|[^\d.]+/g) ?? [];
  return { core: parts(core), pre: parts(pre) };
}

function compareParts(left: readonly string[], right: readonly string[]): number {
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const [x, y] = [left[index] ?? "0", right[index] ?? "0"];
    if (x === y) continue;
    const isNumeric = /^\d+$/.test(x) && /^\d+$/.test(y);
    if (!isNumeric || Number(x) !== Number(y)) return isNumeric ? Number(x) - Number(y) : x < y ? -1 : 1;
  }
  return 0;
}
