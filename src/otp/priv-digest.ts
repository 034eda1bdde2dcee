import { digestOf } from "../core/digest.ts";

/** What stands for the contents of an application's priv: pairs of a digest of a file and its path. Empty where there is nothing. */
export const privDigest = (files: readonly (readonly [string, string])[]): string =>
  files.length === 0 ? "" : digestOf([...files].map(([digest, path]) => `${path} ${digest}`).sort());
