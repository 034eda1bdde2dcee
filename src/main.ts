import http from "node:http";
import { setFailed } from "@actions/core";
import { Reporter } from "./action/reporter.ts";
import { runAction } from "./action/run-action.ts";

// Until the inputs are read nothing is known to be secret.
let reporter = new Reporter((value) => value, null);
const controller = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    process.stdout.write(`${signal}: no further host is started; what runs on a host ends or undoes by itself\n`);
    controller.abort();
  });
}

/** What reaches here is no Failure: nobody thought of it. */
function reportBug(error: unknown): void {
  const { GITHUB_SERVER_URL, GITHUB_ACTION_REPOSITORY } = process.env;
  // Set by the runner: the repository that this action was taken from (GitHub docs, "Variables reference").
  const place = GITHUB_ACTION_REPOSITORY ? ` at ${GITHUB_SERVER_URL}/${GITHUB_ACTION_REPOSITORY}/issues` : "";
  const text = error instanceof Error ? error.stack : String(error);
  setFailed(reporter.shown(`This is a bug in Beamline. Please report it with this text${place}\n${text}`));
}

// An event nobody listened to; what goes on is unknown from here, so nothing does. Hosts end their ops, post removes the key.
process.on("uncaughtException", (error) => {
  reportBug(error);
  process.exit(1);
});

try {
  // Downloads go through the proxy that the environment names, as GitHub's client goes by itself. Node 24.14 brought it (Node.js,
  // "HTTP", "Built-in Proxy Support"); a runner may have an older one.
  http.setGlobalProxyFromEnv?.();
  // process.exit would cut what is still being written; nothing is left to wait for but that.
  process.exitCode = (await runAction(controller.signal, (it) => {
    reporter = it;
  }))
    ? 0
    : 1;
} catch (error) {
  reportBug(error);
}
