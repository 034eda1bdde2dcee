import { isOlder } from "../otp/version-order.ts";
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
  if (recorded !== null && isOlder(spec.version, recorded.version)) warnings.push(`downgrade from ${recorded.version}`);
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
