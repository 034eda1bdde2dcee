// What a client of a host misses while an op is struck there. It is inside: a cable that is out is no interruption of an app.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Interruption } from "../../demo/client.ts";
import type { Host } from "../lab/lab.ts";
import { type Combination, deedOf, restartsOf } from "./combinations.ts";
import type { Subject } from "./subjects.ts";

/** Of the counter, in whose VM the lodger is. */
const NODE_PORT = 8080;

const CLIENT = fileURLToPath(new URL("./client-inside.ts", import.meta.url));

/** A client that asks until it is stopped, and then says what it missed that nobody may miss. */
export type Asking = { stop(): Promise<string[]> };

/** Starts one on a host that stays up; null where the fault takes it down, and a client with it. */
export async function startAsking(host: Host, subject: Subject, combination: Combination): Promise<Asking | null> {
  if (combination.fault.endsHost === true) return null;
  const ports = [subject.port, ...subject.beside].map(String);
  const [file = "", ...argv] = host.inNetwork([process.execPath, CLIENT, ...ports]);
  const child = spawn(file, argv, { stdio: ["pipe", "pipe", "inherit"] });
  const exited = once(child, "exit");
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  await lines.next();
  return {
    stop: async () => {
      child.stdin.end();
      const { value } = await lines.next();
      await exited;
      if (value === undefined) return ["its client has not said what it missed"];
      const seen = JSON.parse(value) as Interruption[];
      return seen.flatMap((missed) => complaints(missed, promised(Number(missed.target.app), subject, combination)));
    },
  };
}

/** Whether it is there at the beginning and at the end, and how often it may be missed between; null where nothing is promised. */
type Promised = { isThereFirst: boolean; isThereLast: boolean; times: number | null };

function promised(port: number, subject: Subject, combination: Combination): Promised {
  if (port === subject.port) {
    const deed = deedOf(combination.kind);
    return { isThereFirst: deed !== "deploy", isThereLast: deed !== "remove", times: restartsOf(combination) };
  }
  // Of the others only the VM that it is embedded in may be ended, by the fault.
  const mayEnd = port === NODE_PORT && combination.fault.endsVm === true;
  return { isThereFirst: true, isThereLast: true, times: mayEnd ? null : 0 };
}

function complaints({ target, times, wasUp, isUp, failedLooks, looks }: Interruption, promise: Promised): string[] {
  const port = `port ${target.app}`;
  const wrong: string[] = [];
  if (promise.times !== null && times > promise.times)
    wrong.push(`${port} was missed ${times} times, and not ${promise.times}: ${failedLooks} of ${looks} looks failed`);
  if (wasUp !== promise.isThereFirst) wrong.push(`${port} ${wasUp ? "answers" : "does not answer"} at the beginning`);
  if (isUp !== promise.isThereLast) wrong.push(`${port} ${isUp ? "answers" : "does not answer"} at the end`);
  return wrong;
}
