import { digestOf } from "../core/digest.ts";
import type { AppSpec } from "../spec/app-spec.ts";

/** Fingerprints of secrets by name: a change of a secret changes it, and it does not lead back to the secret. */
export type Fingerprints = ReadonlyMap<string, string>;

/**
 * The directory name of an app's configuration: the digest of its env, os_env and vm_config, whose change takes a new
 * process. A second part stands for the values of its secrets, so that a plan made without them can still compare the first.
 */
export function configName(spec: AppSpec, fingerprints: Fingerprints): string {
  const open = digestOf({ env: spec.env, os_env: spec.os_env, vm_config: spec.vm_config }).slice(0, 12);
  const secrets = Object.entries(spec.os_env).flatMap(([name, value]) =>
    "secret" in value ? [[name, fingerprints.get(value.secret) ?? null] as const] : [],
  );
  if (secrets.length === 0) return open;
  if (secrets.some(([, fingerprint]) => fingerprint === null)) return `${open}-unknown`;
  return `${open}-${digestOf(Object.fromEntries(secrets)).slice(0, 8)}`;
}

/** Whether a name could be one of these: what a host says may be anything. */
export const isConfigName = (name: string): boolean => /^[0-9a-f]{12}(-([0-9a-f]{8}|unknown))?$/.test(name);

/** The part of a name that does not stand for secrets. */
export const openPart = (name: string): string => name.split("-")[0] ?? name;

/** Whether the secrets that it stands for were not there. */
export const lacksSecrets = (name: string): boolean => name.endsWith("-unknown");

/** Whether two names stand for the same configuration, as far as can be told: unknown secrets are taken as unchanged. */
export function isSameConfig(a: string, b: string): boolean {
  if (a === b) return true;
  const [openA, secretA] = a.split("-");
  const [openB, secretB] = b.split("-");
  return openA === openB && (secretA === "unknown" || secretB === "unknown");
}
