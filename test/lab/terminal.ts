/** Where commands come from, a person or a pipe, and the programs that share it. */
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { createInterface } from "node:readline";

export type Terminal = {
  /** Whether a person sits there. */
  isInteractive: boolean;
  /** Line by line; ends at EOF, and at ^C. */
  lines(prompt: string): AsyncIterable<string>;
  /** Runs a program to its end, which a person can talk to; answers its exit code. From a pipe it gets no input: that is our commands. */
  run(argv: readonly string[]): Promise<number>;
};

export function openTerminal(): Terminal {
  const { stdin, stdout } = process;
  const isInteractive = stdin.isTTY === true && stdout.isTTY === true;
  const reader = createInterface(isInteractive ? { input: stdin, output: stdout } : { input: stdin });

  async function* lines(prompt: string): AsyncGenerator<string> {
    const ask = (): void => {
      if (!isInteractive) return;
      reader.setPrompt(prompt);
      reader.prompt();
    };
    ask();
    for await (const line of reader) {
      yield line;
      ask();
    }
    if (isInteractive) stdout.write("\n");
  }

  /** Keys are the program's while it runs, ^C too. */
  async function lent(argv: readonly string[]): Promise<number> {
    reader.pause();
    stdin.setRawMode(false);
    try {
      return await exitCodeOf(onOwnTerminal(argv), "inherit");
    } finally {
      stdin.setRawMode(true);
      reader.resume();
    }
  }

  return {
    isInteractive,
    lines,
    run: (argv) => (isInteractive ? lent(argv) : exitCodeOf(argv, "ignore")),
  };
}

/**
 * A shell with job control takes the terminal for a process group of its own, and gives it back to ours by number. Ours began outside
 * of the lab's process namespace and has no number in it: the terminal would be lost. So a program gets one of its own.
 */
function onOwnTerminal(argv: readonly string[]): string[] {
  const quoted = argv.map((it) => `'${it.replaceAll("'", "'\\''")}'`).join(" ");
  return ["env", "SHELL=/bin/sh", "script", "--quiet", "--return", "--command", `exec ${quoted}`, "/dev/null"];
}

function exitCodeOf([file = "", ...args]: readonly string[], input: "inherit" | "ignore"): Promise<number> {
  const child = spawn(file, args, { stdio: [input, "inherit", "inherit"] });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => resolve(code ?? 128 + constants.signals[signal ?? "SIGKILL"]));
  });
}
