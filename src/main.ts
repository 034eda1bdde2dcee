import http from "node:http";
import { setFailed } from "@actions/core";
import { bugText } from "./action/bug.ts";
import { runAction } from "./action/run-action.ts";

/** How long whatever is still going on after the end may hold up the job, in ms; and one that was cancelled. */
const LEAVE_MS = 10_000;
const CANCELLED_LEAVE_MS = 500;

const controller = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    process.stdout.write(`${signal}: no further host is started; what runs on a host ends or undoes by itself\n`);
    controller.abort();
  });
}

// An event nobody listened to; what goes on is unknown from here, so the run is over. Hosts end their ops, post removes the key.
let hasCrashed = false;
const { promise: crashed, reject: crash } = Promise.withResolvers<never>();
crashed.catch(() => undefined);
process.on("uncaughtException", (error) => {
  hasCrashed = true;
  crash(error);
});

try {
  // Downloads go through the proxy that the environment names, as GitHub's client goes by itself. Node 24.14 brought it (Node.js,
  // "HTTP", "Built-in Proxy Support"); a runner may have an older one.
  http.setGlobalProxyFromEnv?.();
  process.exitCode = (await runAction(controller.signal, crashed)) ? 0 : 1;
} catch (error) {
  setFailed(bugText(error, process.env));
}
// process.exit would cut what is still being written; nothing is left to wait for but that.
if (hasCrashed) process.exit(1);
setTimeout(() => process.exit(), controller.signal.aborted ? CANCELLED_LEAVE_MS : LEAVE_MS).unref();
