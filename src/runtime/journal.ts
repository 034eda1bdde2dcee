// What the agent says while an op runs, one JSON line an event. See src/host/agent/20-journal.sh, the other side of this.
import { z } from "zod";
import { shallowJson } from "../core/shallow-json.ts";
import { LONGEST_SAID, shortened } from "../core/shortened.ts";

/** What people are shown. */
const said = z.string().transform((text) => shortened(text, LONGEST_SAID));

/** `5-start`. Longer words are none of an op's. */
const word = z.string().max(200);

const step = word;

/** ms since the host's boot. */
const t = z.number().min(0).max(Number.MAX_SAFE_INTEGER);

const index = z.int().min(0).max(10_000);

const failure = { code: word, facts: z.record(z.string(), z.unknown()), tail: z.array(said).default([]) };

/** Lines of a release's manifest, from 1 on, as ranges: `1-3,7`. */
const lacking = z.string().regex(/^\d{1,9}(-\d{1,9})?(,\d{1,9}(-\d{1,9})?)*$/);

const journalEvent = z.discriminatedUnion("event", [
  z.object({ event: z.literal("waiting"), t, for: said }),
  /** What the host lacks of the release with that digest. */
  z.object({
    event: z.literal("need"),
    t,
    digest: z.string().regex(/^[0-9a-f]{64}$/),
    round: z.union([z.literal(1), z.literal(2)]),
    lacking,
  }),
  /**
   * `installed`: the µs that a hot upgrade took; `lingering`, `killed`: processes in old code, a line each; `lost`: why the state
   * of the VM's processes is gone; `left`: what could not be done and is the next run's; `data`: files of the release that the app has
   * written itself.
   */
  z.object({
    event: z.literal("note"),
    t,
    name: z.enum(["installed", "lingering", "killed", "lost", "left", "data"]),
    value: said,
  }),
  z.object({ event: z.literal("begin"), t, step, index }),
  z.object({ event: z.literal("done"), t, step, index }),
  z.object({ event: z.literal("failed"), t, step, ...failure }),
  z.object({ event: z.literal("undo"), t, step, verb: word }),
  z.object({ event: z.literal("undone"), t, step, verb: word }),
  z.object({ event: z.literal("undo_failed"), t, step, ...failure }),
  z.object({
    event: z.literal("outcome"),
    t,
    outcome: z.enum(["deployed", "rolled_back", "broken"]),
    code: word.optional(),
    facts: failure.facts.optional(),
    tail: failure.tail,
  }),
  z.object({ event: z.literal("orphaned"), t }),
]);

export type JournalEvent = z.infer<typeof journalEvent>;
export type Outcome = Extract<JournalEvent, { event: "outcome" }>;

/** One line of a journal; undefined where it is none (a half line after a crash). */
export function parseJournalLine(line: string): JournalEvent | undefined {
  const value = shallowJson(line);
  return "json" in value ? journalEvent.safeParse(value.json).data : undefined;
}
