// Regular expressions for versions, as appups have them (sasl, appup(4)). Whoever makes a release writes them, so they are matched in
// time in proportion to their length, which re(3)'s own and JavaScript's way of matching is not.
import { RE2JS } from "re2js";

/** Whether a version as a whole is what the expression finds first in it, as release_handler asks. */
export type VersionExpression = { readonly isWhole: (version: string) => boolean };

/** Those of OTP have some 30 characters. */
const LONGEST_SOURCE = 100;
/** How often a part may be counted, `{3}`, all counts multiplied: each is as good as so many copies. */
const MOST_COPIES = 100;
/** States of the matching machine, each of which may be looked at for each character of a version. */
const LARGEST_PROGRAM = 200;
/** Characters of a version that is matched; of longer ones no expression knows. */
const LONGEST_VERSION = 100;

/** Reads an expression; an error is a sentence's end. Lookaround and references back to a group have no such machine, and are refused. */
export function versionExpression(source: string): VersionExpression | { error: string } {
  const refused = (why: string) => ({ error: `holds the regular expression ${shown(source)}, ${why}` });
  if (source.length > LONGEST_SOURCE) return refused(`which is longer than ${LONGEST_SOURCE} characters`);
  const copies = Array.from(source.matchAll(/\{(\d+)(?:,(\d*))?\}/g), ([, least, most]) => Number(most || least));
  if (copies.reduce((all, it) => all * Math.max(it, 1), 1) > MOST_COPIES)
    return refused(`whose counts make more than ${MOST_COPIES} copies`);
  // A class of Unicode alone takes a millisecond to read, and no version has such characters.
  const program = /\\p/i.test(source) ? null : compiled(source);
  if (program === null) return refused("which can't be read");
  if (program.programSize() > LARGEST_PROGRAM) return refused("which is too large");
  return {
    isWhole: (version) => {
      if (version.length > LONGEST_VERSION) return false;
      const matcher = program.matcher(version);
      return matcher.find() && matcher.group() === version;
    },
  };
}

function compiled(source: string): RE2JS | null {
  try {
    return RE2JS.compile(source);
  } catch {
    return null;
  }
}

const shown = (source: string): string => JSON.stringify(source.length > 40 ? `${source.slice(0, 40)}…` : source);
