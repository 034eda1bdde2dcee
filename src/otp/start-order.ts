// In which order a release's applications start: as in its .rel file, but for those that others need, which come before them.
import type { ApplicationFile } from "./application-file.ts";

/** What systools:make_script/2 makes of the same (sasl): neither order nor circles may keep an application out. */
export function startOrder<A extends Pick<ApplicationFile, "name" | "applications" | "included">>(
  applications: readonly A[],
): readonly A[] {
  /** In the order of the file, whatever the order of their names in an .app file. */
  const named = (names: readonly string[]): readonly A[] => applications.filter(({ name }) => names.includes(name));
  const ordered = new Set<A>();
  const visited = new Set<A>();
  const visit = (application: A): void => {
    if (visited.has(application)) return;
    visited.add(application);
    for (const needed of [...named(application.applications), ...named(application.included)]) visit(needed);
    ordered.add(application);
  };
  for (const application of applications) visit(application);
  return [...ordered];
}
