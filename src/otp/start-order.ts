// In which order a release's applications start: as in its .rel file, but for those that others need, which come before them.
import type { ApplicationFile } from "./application-file.ts";

/** What systools:make_script/2 makes of the same (sasl): neither order nor circles may keep an application out. */
export function startOrder<A extends Pick<ApplicationFile, "name" | "applications" | "included">>(
  applications: readonly A[],
): readonly A[] {
  const places = new Map(applications.map(({ name }, index) => [name, index]));
  /** In the order of the file, whatever the order of their names in an .app file. */
  const named = (names: readonly string[]): readonly A[] =>
    [...new Set(names.flatMap((it) => places.get(it) ?? []))]
      .sort((a, b) => a - b)
      .flatMap((index) => applications[index] ?? []);
  const ordered = new Set<A>();
  const visited = new Set<A>();
  // No call for each step of a way, which may be as long as there are applications.
  for (const application of applications) {
    const way = [{ application, needed: null as A[] | null }];
    for (let at = way.at(-1); at !== undefined; at = way.at(-1)) {
      if (at.needed === null && visited.has(at.application)) {
        way.pop();
        continue;
      }
      visited.add(at.application);
      at.needed ??= [...named(at.application.applications), ...named(at.application.included)].reverse();
      const next = at.needed.pop();
      if (next !== undefined) way.push({ application: next, needed: null });
      else {
        ordered.add(at.application);
        way.pop();
      }
    }
  }
  return [...ordered];
}
