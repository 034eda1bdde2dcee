import { digestOf } from "../core/digest.ts";
import type { AppSpec } from "./app-spec.ts";

/** What a spec wants of a host, as a digest: equal digests want the same. Texts for people and the choice of hosts are left out. */
export function specDigest(spec: AppSpec): string {
  const { description: _, icon: __, hosts: ___, rollout: ____, retain: _____, depends_on: ______, ...wanted } = spec;
  return digestOf(wanted);
}
