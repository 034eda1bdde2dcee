// Which of two versions is older, for those that are numbers between dots. Others have no order that can be seen.

/** 1.9.0 is older than 1.10.0, and 1.0 is not older than 1.0.0+4f2c. */
export function isOlder(version: string, than: string): boolean {
  const [a, b] = [numbersOf(version), numbersOf(than)];
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return a.length > 0 && b.length > 0 && difference < 0;
  }
  return false;
}

const numbersOf = (version: string): number[] =>
  /^v?(\d+(?:\.\d+)*)(?:$|[^\d.])/.exec(version)?.[1]?.split(".").map(Number) ?? [];
