// A host without a network: what it says is a function, which knows the frame, as every host does.
import type { Access } from "../../../src/host/access.ts";
import { HostClient } from "../../../src/host/client.ts";
import type { Waits } from "../../../src/host/deadlines.ts";

export type Call = {
  commandLine: string;
  frame: string;
  say: (line: string) => void;
  /** Resolves when nobody listens any more. */
  ended: Promise<void>;
};

/** Speaks, and ends with an exit code; null where the connection breaks. */
export type Speak = (call: Call) => Promise<number | null>;

/** All deadlines short. */
const waiting = { startMs: 200, silenceMs: 200, totalMs: 600 };
export const SHORT: Waits = {
  look: waiting,
  ask: waiting,
  follow: { ...waiting, totalMs: 60_000 },
  upload: { ...waiting, totalMs: 60_000 },
  install: waiting,
};

export type FakeHost = { client: HostClient /** How often it was spoken to. */; calls: Call[] };

/** `isOnlyLookedAt`: as a run that plans has it. */
export function fakeHost(
  speak: Speak,
  { waits, isOnlyLookedAt = false }: { waits?: Waits; isOnlyLookedAt?: boolean } = {},
): FakeHost {
  const calls: Call[] = [];
  const unused = (): never => {
    throw new Error("nobody asks for this here");
  };
  const access: Access = {
    host: { name: "web1", address: "192.0.2.11", port: 22, user: "deploy", root: "/opt/releases" },
    run: async (commandLine, { onLine, signal }) => {
      const frame = /(beamline-[0-9a-f]{16})/.exec(commandLine)?.[1] ?? "";
      let isOver = signal.aborted;
      const ended = new Promise<void>((resolve) =>
        signal.addEventListener("abort", () => {
          isOver = true;
          resolve();
        }),
      );
      const say = (line: string): void => {
        if (!isOver) onLine(line);
      };
      const call = { commandLine, frame, say, ended };
      calls.push(call);
      const code = await Promise.race([speak(call), ended.then(() => null)]);
      return { code: isOver ? null : (code ?? 255), stderr: "broken pipe\n", isTooMuch: false };
    },
    whyUnreached: unused,
    close: async () => undefined,
  };
  const given = {
    agent: { path: "agent.sh", name: "agent-0", sha256: "0", withInput: (input: string) => input },
    isOnlyLookedAt,
    directory: { path: "", write: async () => "request", remove: async () => undefined },
  };
  return { client: new HostClient(access, { ...given, ...(waits === undefined ? {} : { waits }) }), calls };
}

/** Says lines within the frame, and ends with a code. */
export const saying =
  (lines: readonly string[], code: number | null): Speak =>
  async ({ frame, say }) => {
    for (const line of [`${frame} begin`, ...lines]) say(line);
    if (code !== null) say(`${frame} end ${code}`);
    return code;
  };
