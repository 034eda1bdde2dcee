/** What is said of an error that is no Failure: nobody thought of it. */
export function bugText(error: unknown, { GITHUB_SERVER_URL, GITHUB_ACTION_REPOSITORY }: NodeJS.ProcessEnv): string {
  // Set by the runner: the repository that this action was taken from (GitHub docs, "Variables reference").
  const place = GITHUB_ACTION_REPOSITORY ? ` at ${GITHUB_SERVER_URL}/${GITHUB_ACTION_REPOSITORY}/issues` : "";
  const text = error instanceof Error ? error.stack : String(error);
  return `This is a bug in Beamline. Please report it with this text${place}\n${text}`;
}
