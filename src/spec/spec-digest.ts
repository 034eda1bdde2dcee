import { digestOf } from "../core/digest.ts";
import type { AppSpec } from "./app-spec.ts";

/**
 * What a spec wants of a host, as a digest: equal digests want the same. Texts for people and the choice of hosts are left out.
 * Hosts have it on record, so it must stay what it is for every file: a field that the language gets is absent from AppSpec where the
 * file does not have it, and has its default where it is used. (test/unit/spec/digests.json)
 */
export function specDigest(spec: AppSpec): string {
  const { description: _, icon: __, hosts: ___, rollout: ____, retain: _____, depends_on: ______, ...wanted } = spec;
  return digestOf(wanted);
}
