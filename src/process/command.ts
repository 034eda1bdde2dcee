// Running a program of this machine: argv only, and a small environment of our own, so that nothing of the job's reaches it. What
// speaks for a host is heard by converse.ts.
import { StringDecoder } from "node:string_decoder";
import { exec } from "@actions/exec";

export type Output = { code: number; stdout: string; stderr: string };

export type CommandOptions = {
  /** A file that becomes standard input; without it there is none. */
  inputFile?: string;
  cwd?: string;
  /** Called with standard output as it comes, where it is not text; it is then not in the answer. */
  onBytes?: (chunk: Buffer) => void;
};

/** What a child process gets of our environment. The job's inputs and secrets are in the rest of it. */
export function childEnvironment(): Record<string, string> {
  const { PATH = "", HOME = "", TMPDIR, USER } = process.env;
  return { PATH, HOME, LC_ALL: "C", ...(TMPDIR ? { TMPDIR } : {}), ...(USER ? { USER } : {}) };
}

// @actions/exec writes standard input itself, and a program that ends before it has read all of it would end us too (EPIPE).
// This fixed script connects a file instead; names and arguments are passed beside it, never parsed.
const WITH_INPUT = 'input=$1; shift; exec "$@" <"$input"';

/** Runs a program to its end. Its exit code is data; only a program that can't be started throws. */
export async function runCommand(
  program: string,
  argv: readonly string[],
  options: CommandOptions = {},
): Promise<Output> {
  const stdout = new Text();
  const stderr = new Text();
  // By its path: a name would be looked for in each folder of PATH, each time.
  const code = await exec("/bin/sh", ["-c", WITH_INPUT, "sh", options.inputFile ?? "/dev/null", program, ...argv], {
    silent: true,
    ignoreReturnCode: true,
    env: childEnvironment(),
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    listeners: { stdout: options.onBytes ?? ((chunk) => stdout.add(chunk)), stderr: (chunk) => stderr.add(chunk) },
  });
  return { code, stdout: stdout.end(), stderr: stderr.end() };
}

/** Text of chunks that may end within a character. */
class Text {
  private readonly decoder = new StringDecoder("utf8");
  private text = "";

  add(chunk: Buffer): void {
    this.text += this.decoder.write(chunk);
  }

  end(): string {
    return this.text + this.decoder.end();
  }
}
