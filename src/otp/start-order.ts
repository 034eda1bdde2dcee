// In which order a release's applications start: as in its .rel file, but for those that others need, which come before them.
import type { ApplicationFile } from "./application-file.ts";

/** What systools:make_script/2 makes of the same (sasl): neither order nor circles may keep an application out. */
export function startOrder<A extends Pick<ApplicationFile, "name" | "applications" | "included">>(
  applications: readonly A[],
): readonly A[] {
  const byName = new Map(applications.map((it) => [it.name, it]));
  const ordered = new Set<A>();
  const visited = new Set<A>();
  const visit = (application: A): void => {
    if (visited.has(application)) return;
    visited.add(application);
    for (const name of [...application.applications, ...application.included]) {
      const needed = byName.get(name);
      if (needed) visit(needed);
    }
    ordered.add(application);
  };
  for (const application of applications) visit(application);
  return [...ordered];
}
