import type { Recorded } from "../runtime/observed.ts";
import type { Target } from "../runtime/runtime.ts";

/** What a reviewer should know before saying yes. */
export function warningsOf({ spec, release }: Target, recorded: Recorded | null, drift: string | null): string[] {
  const warnings: string[] = [];
  if (drift !== null) warnings.push(`drift: ${drift}`);
  if (recorded !== null && compareVersions(spec.version, recorded.version) < 0)
    warnings.push(`downgrade from ${recorded.version}`);
  if (recorded !== null && spec.version === recorded.version && release.digest !== recorded.digest)
    warnings.push(`same version ${spec.version}, other contents`);
  if (spec.health.type === "none") warnings.push("no health check: only proven that the VM runs");
  return warnings;
}

/** Numbers in versions compare as numbers, other parts as text: 1.10.0 > 1.9.0. */
function compareVersions(a: string, b: string): number {
  const parts = (version: string): string[] => version.split(/[.+~-]/);
  const [left, right] = [parts(a), parts(b)];
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const [x, y] = [left[index] ?? "0", right[index] ?? "0"];
    if (x === y) continue;
    const isNumeric = /^\d+$/.test(x) && /^\d+$/.test(y);
    return isNumeric ? Number(x) - Number(y) : x < y ? -1 : 1;
  }
  return 0;
}
