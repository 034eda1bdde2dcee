// Why a VM died, as its crash dump has it.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { agentShell, SHELLS } from "./agent-shell.ts";

const REASON = `{bad_return,{{shop,start,[normal,[]]},{'EXIT',{{no_database,"db\\"1"},[]}}}}`;

test.each(
  SHELLS.flatMap((shell) => [
    [shell, "OTP 25", `({application_start_failure,shop,${REASON}})`],
    [
      shell,
      "OTP 27",
      `("{application_start_failure,shop,${REASON.replaceAll('\\"', '\\\\"').replaceAll(/(?<!\\)"/g, '\\"')}}")`,
    ],
  ]),
)("in %s, the reason of an application of %s that does not start is told in whole", async (name, _, told) => {
  const shell = agentShell(name as (typeof SHELLS)[number], { lacks: [] });
  try {
    const log = join(shell.base, "../shop/log");
    mkdirSync(log, { recursive: true });
    const slogan = `Kernel pid terminated (application_controller) ${told}`;
    writeFileSync(join(log, "erl_crash.dump"), `=erl_crash_dump:0.5\nSlogan: ${slogan}\n`);
    const { said } = await shell.run("crash_slogan");
    expect(said.replaceAll('\\"', '"')).toBe(`: application shop: ${REASON.replaceAll('\\"', '"')}})`);
  } finally {
    shell.remove();
  }
});
