import { digestOf } from "../core/digest.ts";
import type { ApplicationFacts } from "./inventory.ts";

/** What erlang:load_nif/2 and erl_ddll load. */
const SHARED_LIBRARY = /\.(so(\.[0-9.]+)?|dylib|dll)$/;

/** As many digits of a content's SHA-256 as hosts know (see manifestText). */
export const KNOWN_DIGITS = 12;

/** What stands for the files in an application's priv: of each the SHA-256 of its content, in hex, and its path within priv. */
export function privDigests(
  files: readonly (readonly [digest: string, path: string])[],
): Pick<ApplicationFacts, "priv" | "libraries"> {
  const digest = (some: typeof files): string =>
    some.length === 0
      ? ""
      : digestOf(some.map(([content, path]) => `${path} ${content.slice(0, KNOWN_DIGITS)}`).sort());
  return { priv: digest(files), libraries: digest(files.filter(([, path]) => SHARED_LIBRARY.test(path))) };
}
