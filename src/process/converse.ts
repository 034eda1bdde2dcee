// A program that speaks for somebody else, such as ssh: it may hang, say more than anybody wants, or say it all in one line. It is
// heard line by line, never kept as a whole, and ended when nobody waits for it any more.
import { spawn } from "node:child_process";
import { createReadStream } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { StringDecoder } from "node:string_decoder";
import { childEnvironment } from "./command.ts";

export type Conversation = {
  /** A file that becomes standard input; without it there is none. */
  inputFile?: string;
  /** Where in the file to begin, in bytes. */
  inputOffset?: number;
  /** Called with each whole line of standard output as it comes; a last one without its newline is none. */
  onLine: (line: string) => void;
  /** When aborted, the program is ended. */
  signal: AbortSignal;
  /** How many bytes it may say; MAX_ANSWER_BYTES where nothing is said. */
  maxBytes?: number;
};

/** `code` is null where it was ended. `isTooMuch`: it was, for it said more than it may. */
export type Spoken = { code: number | null; stderr: string; isTooMuch: boolean };

/** The longest line of an honest host is a record: a spec of 250 kB is four times that as JSON. */
const MAX_LINE_BYTES = 4 * 1024 * 1024;

/** A hundred apps with twenty records of 4 kB each are a quarter of it. */
const MAX_ANSWER_BYTES = 32 * 1024 * 1024;

/** Of standard error the end is kept: what a program says last is why it ended. */
const MAX_STDERR_BYTES = 64 * 1024;

/** How long an output may stay open that something else has, too, when the program has ended. */
const CLOSE_MS = 2_000;

/** Runs a program to its end. Its exit code is data; only one that can't be started throws. */
export async function converse(program: string, argv: readonly string[], given: Conversation): Promise<Spoken> {
  const { inputFile, inputOffset = 0, signal, maxBytes = MAX_ANSWER_BYTES } = given;
  if (signal.aborted) return { code: null, stderr: "", isTooMuch: false };
  const file = inputFile === undefined || inputOffset > 0 ? null : await open(inputFile);
  const {
    child,
    stdout,
    stderr: complaints,
  } = started(program, argv, file, inputFile === undefined ? "ignore" : "pipe");
  // Who is to hear of its end listens before anything else is waited for: it may end at once.
  const closed = new Promise<void>((resolve, reject) => child.once("close", () => resolve()).once("error", reject));
  // It has been handed over by now.
  const released = file?.close();
  // A program that ends before it has read all of it is no news: its exit code is.
  child.stdin?.on("error", () => undefined);
  if (inputFile !== undefined && child.stdin !== null)
    createReadStream(inputFile, { start: inputOffset })
      .on("error", () => child.kill("SIGKILL"))
      .pipe(child.stdin);

  const lines = new Lines(given.onLine);
  let [stderr, heardBytes, isTooMuch, isOver] = ["", 0, false, false];
  const end = (): void => {
    isOver = true;
    // ssh asks nobody before it ends, and the connection that it shares with others is another process'.
    child.kill("SIGKILL");
  };
  const hear = (chunk: Buffer, add: (chunk: Buffer) => boolean): void => {
    if (isOver) return;
    heardBytes += chunk.length;
    if (heardBytes <= maxBytes && add(chunk)) return;
    isTooMuch = true;
    end();
  };
  stdout.on("data", (chunk: Buffer) => hear(chunk, (it) => lines.add(it)));
  complaints.on("data", (chunk: Buffer) =>
    hear(chunk, (it) => {
      stderr = `${stderr}${it.toString("utf8")}`.slice(-MAX_STDERR_BYTES);
      return true;
    }),
  );
  signal.addEventListener("abort", end, { once: true });
  if (signal.aborted) end();
  child.once("exit", () => {
    setTimeout(() => {
      stdout.destroy();
      complaints.destroy();
    }, CLOSE_MS).unref();
  });
  await closed.finally(() => released);
  signal.removeEventListener("abort", end);
  return { code: isOver ? null : child.exitCode, stderr, isTooMuch };
}

function started(program: string, argv: readonly string[], file: FileHandle | null, otherwise: "ignore" | "pipe") {
  const stdio = [file?.fd ?? otherwise, "pipe", "pipe"] as const;
  const child = spawn(program, argv, { env: childEnvironment(), stdio: [...stdio] });
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error(`${program} has no output`);
  return { child, stdout, stderr };
}

/** Whole lines of chunks that may end within a character or a line. */
class Lines {
  private readonly decoder = new StringDecoder("utf8");
  private readonly onLine: (line: string) => void;
  /** What has come of a line whose end has not. */
  private begun: string[] = [];
  private begunLength = 0;

  constructor(onLine: (line: string) => void) {
    this.onLine = onLine;
  }

  /** False where a line is too long. */
  add(chunk: Buffer): boolean {
    const text = this.decoder.write(chunk);
    let from = 0;
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", from)) {
      const line = `${this.begun.join("")}${text.slice(from, end)}`;
      this.begun = [];
      this.begunLength = 0;
      from = end + 1;
      this.onLine(line);
    }
    if (from < text.length) {
      this.begun.push(text.slice(from));
      this.begunLength += text.length - from;
    }
    return this.begunLength <= MAX_LINE_BYTES;
  }
}
