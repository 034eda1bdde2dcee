// What a client of a host misses while an op is struck there. It is inside: a cable that is out is no interruption of an app.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Interruption } from "../../demo/client.ts";
import type { Host } from "../lab/lab.ts";
import { type Combination, restartsOf } from "./combinations.ts";
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
  const argv = ["--target", String(host.pid), "-n", process.execPath, CLIENT, ...ports];
  const child = spawn("nsenter", argv, { stdio: ["pipe", "pipe", "inherit"] });
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
      return seen.flatMap((missed) => complaints(missed, allowed(Number(missed.target.app), subject, combination)));
    },
  };
}

/** How often what answers at a port may be missed; null where nothing is promised. */
function allowed(port: number, subject: Subject, combination: Combination): number | null {
  if (port === subject.port) return restartsOf(combination);
  // Of the others only the VM that it is embedded in may be ended, by the fault.
  return port === NODE_PORT && combination.fault.endsVm === true ? null : 0;
}

function complaints({ target, times, failedLooks, looks }: Interruption, most: number | null): string[] {
  if (most === null || times <= most) return [];
  return [`port ${target.app} was missed ${times} times, and not ${most}: ${failedLooks} of ${looks} looks failed`];
}
