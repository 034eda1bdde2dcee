// Which of two versions is older, for those that are numbers between dots. Others, a commit's name say, have no order.

type Version = { numbers: readonly string[]; prerelease: readonly string[] };

/**
 * As semver.org has it: 1.9.0 is older than 1.10.0, 1.0.0-rc.1 than 1.0.0, and 1.0.0 not than 1.0.0+4f2c. What semver does not
 * know: `~` is as good as `-`, 1.0 is 1.0.0, and rc9 is older than rc10; 1.2.0-5-gabc1234 (git describe) has no order. False where
 * one of the two has none.
 */
export function isOlder(version: string, than: string): boolean {
  const [a, b] = [versionIn(version), versionIn(than)];
  if (a === null || b === null) return false;
  const length = Math.max(a.numbers.length, b.numbers.length);
  const difference = compared(filled(a.numbers, length), filled(b.numbers, length), comparedFields);
  if (difference !== 0) return difference < 0;
  if (a.prerelease.length === 0 || b.prerelease.length === 0) return a.prerelease.length > b.prerelease.length;
  return compared(a.prerelease, b.prerelease, comparedFields) < 0;
}

function versionIn(text: string): Version | null {
  // git describe: so many commits behind 1.2.0, not before it.
  if (/-\d+-g[0-9a-f]+(-dirty)?$/.test(text)) return null;
  const [, numbers, prerelease] = /^v?(\d+(?:\.\d+)+)(?:$|\+|[-~]([^+]*))/.exec(text) ?? [];
  return numbers === undefined ? null : { numbers: numbers.split("."), prerelease: prerelease?.split(".") ?? [] };
}

const filled = (numbers: readonly string[], length: number): string[] =>
  Array.from({ length }, (_, index) => numbers[index] ?? "0");

/** Below zero where `a` comes first: at the first difference, or where it is all that `b` begins with. */
function compared(a: readonly string[], b: readonly string[], order: (a: string, b: string) => number): number {
  const differences = a.slice(0, b.length).map((it, index) => order(it, b[index] ?? ""));
  return differences.find((it) => it !== 0) ?? a.length - b.length;
}

const isNumber = (text: string): boolean => /^\d+$/.test(text);

/** Numbers come before words; a number within a word counts as one. */
function comparedFields(a: string, b: string): number {
  if (isNumber(a) || isNumber(b)) return comparedPieces(a, b);
  return compared(a.match(/\d+|\D+/g) ?? [], b.match(/\d+|\D+/g) ?? [], comparedPieces);
}

function comparedPieces(a: string, b: string): number {
  if (isNumber(a) && isNumber(b)) return Number(BigInt(a) - BigInt(b));
  if (isNumber(a) !== isNumber(b)) return isNumber(a) ? -1 : 1;
  return a === b ? 0 : a < b ? -1 : 1;
}
