import type { ObservedApp, Owner, Recorded } from "../runtime/observed.ts";

/** Only what this repository and environment put on a host is ever changed there. */
export const isOurs = (owner: Owner, ours: Owner): boolean =>
  owner.environment === ours.environment &&
  (owner.repository === ours.repository || owner.repository.toLowerCase() === ours.repository.toLowerCase());

/** Two specs folders of one repository may share hosts; each removes only its own apps. */
export const isFromFolder = ({ file }: Pick<Recorded, "file">, folder: string): boolean =>
  file === "" || folder === "" || file.startsWith(`${folder}/`);

/** Who else has this app on the host, in words; null where nobody has. */
export function foreignOwner(app: ObservedApp | undefined, ours: Owner): string | null {
  if (app === undefined) return null;
  const owner = app.recorded?.owner ?? app.unreadable?.owner;
  if (owner) return isOurs(owner, ours) ? null : `${owner.repository}, environment ${owner.environment}`;
  if (app.unreadable !== undefined) return null;
  // Something put it there by hand or with another tool: we have no record to go back to.
  return app.current !== null || app.running !== null
    ? "somebody else: it is on the host without Beamline's record"
    : null;
}
