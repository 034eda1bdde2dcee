// Where transactions are played: an agent in a sandbox, which a client drives as it drives a host's.
import { Bundles } from "../artifact/bundles.ts";
import type { DiskRoom } from "../artifact/disk-room.ts";
import type { FetchedRelease } from "../artifact/fetch.ts";
import { problem } from "../core/problem.ts";
import type { Access } from "../host/access.ts";
import { agentFile } from "../host/agent-file.ts";
import { HostClient } from "../host/client.ts";
import type { PlanItem } from "../plan/plan-item.ts";
import type { PrivateDirectory } from "../process/private-directory.ts";
import type { ReportedItem } from "../report/run-result.ts";
import { eventText } from "../report/timeline.ts";
import { execute } from "../rollout/execute.ts";
import type { JournalEvent } from "../runtime/journal.ts";
import type { ObservedApp } from "../runtime/observed.ts";
import type { Transaction } from "../runtime/transaction.ts";
import type { Host } from "../spec/host.ts";
import type { Sandbox } from "./sandbox.ts";

/** A transaction that was played, what was heard of it, and its app as it was then. */
export type Played = {
  transaction: Transaction;
  reported: ReportedItem;
  journal: readonly JournalEvent[];
  app: ObservedApp | null;
};

export type Stage = {
  /** Tools that the agent needs, and that are not here. */
  lacks(): Promise<readonly string[]>;
  play(transaction: Transaction, said: "all" | "waits"): Promise<Played>;
  /** What the app printed last. */
  lastLines(): Promise<string[]>;
  close(): Promise<void>;
};

/** As the agent shortens lines that it quotes (10-base.sh, shorten): what was cut says so. */
const SHORTEN = `LC_ALL=C awk 'length($0) > 300 { $0 = substr($0, 1, 300) "…" } { print }'`;

/** Plain, and in the sandbox alone. */
const ROOT = "/tmp/releases";

/** How long reading a log may take. */
const LAST_LINES_MS = 30_000;

export async function openStage(
  sandbox: Sandbox,
  given: {
    item: PlanItem;
    host: Host;
    directory: PrivateDirectory;
    releases: readonly FetchedRelease[];
    room: DiskRoom;
    secrets: ReadonlyMap<string, string>;
    newOp: () => string;
    say: (line: string) => void;
  },
): Promise<Stage> {
  const { item, directory, secrets, newOp, say } = given;
  const host = { ...given.host, root: ROOT };
  const access: Access = {
    host,
    run: sandbox.run,
    whyUnreached: async ({ stderr }) =>
      problem("protocol_error", { in: "host", host: host.name }, { detail: stderr.trim() || "the sandbox is gone" }),
    close: sandbox.close,
  };
  const client = new HostClient(access, { agent: await agentFile(directory), directory, isOnlyLookedAt: false });
  const bundles = new Bundles(given.releases, directory.path, given.room);
  return {
    lacks: async () => (await client.observe([])).lacks,
    play: async (transaction, said) => {
      const journal: JournalEvent[] = [];
      const seen: ObservedApp[] = [];
      const hear = (event: JournalEvent): void => {
        journal.push(event);
        const text = eventText(event);
        if (text !== null && (said === "all" || event.event === "waiting")) say(text);
      };
      const reported = await execute({ ...item, transaction }, hear, {
        client: () => client,
        secrets,
        bundles,
        newOp,
        now: Date.now,
        // Nobody else is there.
        lockTimeoutMs: 1_000,
        holder: "a rehearsal",
        onSeen: (_, app) => seen.push(app),
      });
      return { transaction, reported, journal, app: seen[0] ?? null };
    },
    lastLines: async () => {
      // A VM that was started again, as a last way back, has a log of its own.
      const log = `${ROOT}/${item.app}/log/console.log`;
      const lines: string[] = [];
      await sandbox.run(`cat ${log}.1 ${log} 2>/dev/null | tail -n 20 | ${SHORTEN}`, {
        onLine: (line) => lines.push(line),
        signal: AbortSignal.timeout(LAST_LINES_MS),
      });
      return lines.filter((line) => line.trim() !== "");
    },
    close: () => client.close(),
  };
}
