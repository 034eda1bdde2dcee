import type { Present, Target } from "../runtime/runtime.ts";
import { configName, type Fingerprints, lacksSecrets } from "./config-name.ts";
import type { Recovery } from "./recovery.ts";
import { releaseOnHost } from "./release-target.ts";

/** What a reviewer should know of it. */
export const SENT_AGAIN =
  "it is gone from the host or damaged there: it is sent again, from what git has at its commit";

/** Why it can't be sent again all the same; null where it can. */
export const whyNotSent = (target: Target | undefined): string | null =>
  target !== undefined && lacksSecrets(target.config)
    ? "its configuration is gone, and this job lacks its secrets"
    : null;

/** What is gone back to, from what git has: in a directory of its own beside what is left there. */
export function recoveredTarget(
  { record, artifact }: Exclude<Recovery, { refused: string }>,
  from: Present,
  fingerprints: Fingerprints,
): Target {
  const { version, digest: _, release: __, ...rest } = record;
  const config = from.configs.includes(record.config) ? record.config : configName(record.spec, fingerprints);
  return { ...rest, config, release: releaseOnHost(version, artifact, from) };
}
