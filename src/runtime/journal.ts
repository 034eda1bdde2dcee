// What the agent says while an op runs, one JSON line an event. See src/host/agent/20-journal.sh, the other side of this.
import { z } from "zod";

const step = z.string();
const failure = { code: z.string(), facts: z.record(z.string(), z.unknown()), tail: z.array(z.string()).default([]) };

/** Lines of a release's manifest, from 1 on, as ranges: `1-3,7`. */
const lacking = z.string().regex(/^\d{1,9}(-\d{1,9})?(,\d{1,9}(-\d{1,9})?)*$/);

/** `t`: ms since the host's boot. */
const journalEvent = z.discriminatedUnion("event", [
  z.object({ event: z.literal("waiting"), t: z.number(), for: z.string() }),
  /** What the host lacks of the release with that digest. */
  z.object({
    event: z.literal("need"),
    t: z.number(),
    digest: z.string().regex(/^[0-9a-f]{64}$/),
    round: z.union([z.literal(1), z.literal(2)]),
    lacking,
  }),
  /**
   * `installed`: the µs that a hot upgrade took; `lingering`, `killed`: processes in old code, a line each; `lost`: why the state
   * of the VM's processes is gone.
   */
  z.object({
    event: z.literal("note"),
    t: z.number(),
    name: z.enum(["installed", "lingering", "killed", "lost"]),
    value: z.string(),
  }),
  z.object({ event: z.literal("begin"), t: z.number(), step, index: z.number() }),
  z.object({ event: z.literal("done"), t: z.number(), step, index: z.number() }),
  z.object({ event: z.literal("failed"), t: z.number(), step, ...failure }),
  z.object({ event: z.literal("undo"), t: z.number(), step, verb: z.string() }),
  z.object({ event: z.literal("undone"), t: z.number(), step, verb: z.string() }),
  z.object({ event: z.literal("undo_failed"), t: z.number(), step, ...failure }),
  z.object({
    event: z.literal("outcome"),
    t: z.number(),
    outcome: z.enum(["deployed", "rolled_back", "broken"]),
    code: z.string().optional(),
    facts: failure.facts.optional(),
    tail: failure.tail,
  }),
  z.object({ event: z.literal("orphaned"), t: z.number() }),
]);

export type JournalEvent = z.infer<typeof journalEvent>;
export type Outcome = Extract<JournalEvent, { event: "outcome" }>;

/** One line of a journal; undefined where it is none (a half line after a crash). */
export function parseJournalLine(line: string): JournalEvent | undefined {
  try {
    return journalEvent.safeParse(JSON.parse(line)).data;
  } catch {
    // Not JSON: the agent wrote half a line before it died.
    return undefined;
  }
}
