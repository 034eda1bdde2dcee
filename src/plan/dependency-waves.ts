/**
 * Groups names so that each comes in a later wave than what it depends on. Names that nobody asked about are ignored.
 * A cycle has no order: it is returned instead, first name repeated at its end.
 */
export function dependencyWaves(
  dependencies: ReadonlyMap<string, readonly string[]>,
): { waves: string[][] } | { cycle: string[] } {
  const wave = new Map<string, number>();
  const visiting: string[] = [];

  const visit = (name: string): string[] | null => {
    if (wave.has(name)) return null;
    const seen = visiting.indexOf(name);
    if (seen >= 0) return [...visiting.slice(seen), name];
    visiting.push(name);
    let own = 0;
    for (const dependency of dependencies.get(name) ?? []) {
      if (!dependencies.has(dependency)) continue;
      const cycle = visit(dependency);
      if (cycle) return cycle;
      own = Math.max(own, (wave.get(dependency) ?? 0) + 1);
    }
    visiting.pop();
    wave.set(name, own);
    return null;
  };

  for (const name of [...dependencies.keys()].sort()) {
    const cycle = visit(name);
    if (cycle) return { cycle };
  }
  const waves: string[][] = [];
  for (const [name, index] of [...wave].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const names = waves[index] ?? [];
    names.push(name);
    waves[index] = names;
  }
  return { waves };
}
