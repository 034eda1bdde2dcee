// Running a program: argv only, and a small environment of our own, so that nothing of the job's reaches it.
import { StringDecoder } from "node:string_decoder";
import { exec } from "@actions/exec";

export type Output = { code: number; stdout: string; stderr: string };

export type CommandOptions = {
  /** A file that becomes standard input; without it there is none. */
  inputFile?: string;
  /** Where in the file to begin, in bytes. */
  inputOffset?: number;
  cwd?: string;
  /** Called with standard output as it comes, where it is not text; it is then not in the answer. */
  onBytes?: (chunk: Buffer) => void;
  /** Called with each whole line of standard output as it comes. */
  onLine?: (line: string) => void;
};

/** What a child process gets of our environment. The job's inputs and secrets are in the rest of it. */
function childEnvironment(): Record<string, string> {
  const { PATH = "", HOME = "", TMPDIR, USER } = process.env;
  return { PATH, HOME, LC_ALL: "C", ...(TMPDIR ? { TMPDIR } : {}), ...(USER ? { USER } : {}) };
}

// @actions/exec writes standard input itself, and a program that ends before it has read all of it would end us too (EPIPE).
// This fixed script connects a file instead; names and arguments are passed beside it, never parsed.
const WITH_INPUT = 'input=$1; shift; exec "$@" <"$input"';
const WITH_REST_OF_INPUT = 'input=$1 from=$2; shift 2; tail -c "+$from" "$input" | "$@"';

/** Runs a program to its end. Its exit code is data; only a program that can't be started throws. */
export async function runCommand(
  program: string,
  argv: readonly string[],
  options: CommandOptions = {},
): Promise<Output> {
  const stdout = new LineSplitter(options.onLine);
  const stderr = new LineSplitter();
  const input = options.inputFile ?? "/dev/null";
  const offset = options.inputOffset ?? 0;
  // tail(1) counts bytes from 1.
  const script = offset === 0 ? [WITH_INPUT, "sh", input] : [WITH_REST_OF_INPUT, "sh", input, String(offset + 1)];
  // By its path: a name would be looked for in each folder of PATH, each time.
  const code = await exec("/bin/sh", ["-c", ...script, program, ...argv], {
    silent: true,
    ignoreReturnCode: true,
    env: childEnvironment(),
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    listeners: { stdout: options.onBytes ?? ((chunk) => stdout.add(chunk)), stderr: (chunk) => stderr.add(chunk) },
  });
  return { code, stdout: stdout.end(), stderr: stderr.end() };
}

/** Text from chunks that may end within a character or a line. */
class LineSplitter {
  private readonly decoder = new StringDecoder("utf8");
  private text = "";
  private seen = 0;
  private readonly onLine: ((line: string) => void) | undefined;

  constructor(onLine?: (line: string) => void) {
    this.onLine = onLine;
  }

  add(chunk: Buffer): void {
    this.text += this.decoder.write(chunk);
    if (!this.onLine) return;
    for (let end = this.text.indexOf("\n", this.seen); end >= 0; end = this.text.indexOf("\n", this.seen)) {
      this.onLine(this.text.slice(this.seen, end));
      this.seen = end + 1;
    }
  }

  end(): string {
    return this.text + this.decoder.end();
  }
}
