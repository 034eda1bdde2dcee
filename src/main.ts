import { setFailed } from "@actions/core";
import { runAction } from "./action/run.ts";

const controller = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    process.stdout.write(`${signal}: no further host is started; what runs on a host ends or undoes by itself\n`);
    controller.abort();
  });
}

try {
  // process.exit would cut what is still being written; nothing is left to wait for but that.
  process.exitCode = (await runAction(controller.signal)) ? 0 : 1;
} catch (error) {
  setFailed(
    `This is a bug in Beamline. Please report it with this text at https://github.com/beamline-deploy/beamline/issues\n${
      error instanceof Error ? error.stack : String(error)
    }`,
  );
}
