// The agent's own way of putting a release together, in a folder of this machine and under a shell of choice.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as pause } from "node:timers/promises";
import { joinedAgent } from "../../scripts/join-agent.mjs";

/** The agent's own functions; what it asks its runner for it asks of this test, by files. */
const STAGE = `
ROOT=$1 BASE=$1/.beamline APP=shop OP=op OPDIR=$1/.beamline/ops/op
journal() { printf '%s' "\${10}" >"$OPDIR/asked.tmp"; mv "$OPDIR/asked.tmp" "$OPDIR/asked.$7"; }
do_stage new "$2" 1000 1000
`;

/** busybox' own tools, by their names. */
const applets = mkdtempSync(join(tmpdir(), "applets-"));
execFileSync("busybox", ["--install", "-s", applets]);
process.once("exit", () => rmSync(applets, { recursive: true }));

/** What the runner would send: the manifest, and a bundle of the lines that are asked for. */
export type Sender = { digest: string; manifest: string; bundle: (lacking: string) => Promise<{ file: string }> };

/** `asked`: for which lines, round by round. `failure`: the agent's code and facts, null where it did not say that it failed. */
export type Staged = { code: number | null; errors: string; asked: string[]; failure: string | null };

/** Stages a release as an op would, as ROOT/shop/new. */
export async function stage(
  root: string,
  { digest, manifest, bundle }: Sender,
  { shell = "dash", agent = joinedAgent() }: { shell?: string; agent?: string } = {},
): Promise<Staged> {
  const op = join(root, ".beamline/ops/op");
  mkdirSync(join(op, "in"), { recursive: true });
  writeFileSync(join(op, `in/manifest.${digest}`), manifest);
  const script = join(root, ".beamline/stage.sh");
  writeFileSync(script, `set --\n${agent}\nset -- ${root} ${digest}\n${STAGE}`);
  const env = shell === "dash" ? process.env : { PATH: applets };
  const child = spawn(shell === "dash" ? "dash" : join(applets, shell), [script], {
    env,
    stdio: ["ignore", "ignore", "pipe"],
  });
  const errors = text(child.stderr);
  const ended = once(child, "exit");
  const asked: string[] = [];
  while (child.exitCode === null && child.signalCode === null) {
    // What the host has may be all there is, and damaged: then there is only a second round.
    for (const round of [1, 2]) {
      const question = join(op, `asked.${round}`);
      if (!existsSync(question)) continue;
      const lacking = readFileSync(question, "utf8");
      rmSync(question);
      asked.push(lacking);
      const { file } = await bundle(lacking);
      copyFileSync(file, join(op, "in/coming"));
      renameSync(join(op, "in/coming"), join(op, `in/bundle.${digest}.${round}`));
    }
    await pause(2);
  }
  const [code] = await ended;
  const failure = join(op, "failure");
  return {
    code,
    errors: await errors,
    asked,
    failure: existsSync(failure) ? readFileSync(failure, "utf8") : null,
  };
}
