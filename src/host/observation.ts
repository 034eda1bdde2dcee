// The answer to `observe`: a line for the host, and of each app its records, a line each, and a line that says the rest. See
// src/host/agent/90-observe.sh, the other side of this. A host may claim anything: what is read here has its form, and is bounded.
import { z } from "zod";
import { shallowJson } from "../core/shallow-json.ts";
import { LONGEST_SAID, shortened } from "../core/shortened.ts";
import type { ObservedApp, Recorded, Unreadable } from "../runtime/observed.ts";
import { parseRecord, supervisor } from "./record.ts";

/** Text of one line. What is sent back to the host, or shown, has no NUL in it. */
const words = z
  .string()
  .max(10_000)
  .regex(/^[^\p{Cc}]*$/u);

const appName = z
  .string()
  .max(100)
  .regex(/^[a-z][a-zA-Z0-9_@]*$/);

/** An op's id stands in command lines. */
const opId = z.string().regex(/^[0-9A-Za-z][0-9A-Za-z.-]{0,99}$/);

const hostLine = z.object({
  kind: z.literal("host"),
  machineId: words,
  supervisor,
  node: z.object({ name: words, app: appName.nullable() }).nullable().default(null),
  /** What a login starts there is ended when it ends, and no manager outlives it. */
  endsWithLogin: z.boolean().default(false),
  isWritable: z.boolean(),
  isReadOnly: z.boolean().default(false),
  user: words,
  lacks: z.array(words).max(100),
  /** Why nothing there is to be executed or written; then no app is told of. */
  unsafe: z.object({ code: words, facts: z.unknown() }).nullable().default(null),
});

/** More than these nobody has who runs apps: 100 releases may stay, 20 records. */
const MANY = 10_000;
const MAX_APPS = 2_000;
const MAX_UNFINISHED = 100;
const MAX_HISTORY = 20;

const appLine = z.object({
  kind: z.literal("app"),
  name: appName,
  op: opId.nullable(),
  current: words.nullable(),
  releases: z.array(z.object({ directory: words, digest: words.nullable() })).max(MANY),
  running: z
    .object({
      // Linux has no larger ones (proc(5), pid_max).
      pid: z.int().min(1).max(4_194_304),
      // Up to the year 9999.
      startedAt: z.int().min(0).max(253_402_300_799),
      release: words.nullable(),
      config: words.nullable(),
      node: words.nullable(),
      runAs: words.nullable().transform((user) => user ?? undefined),
      version: words.nullable(),
      isUpgradable: z.boolean().optional(),
    })
    .nullable(),
  health: z.object({
    health: z.enum(["healthy", "unhealthy", "unknown"]),
    saw: z.string().transform((text) => shortened(text, LONGEST_SAID)),
  }),
  held: z.object({ specDigest: words, code: words }).nullable(),
  unfinished: z.array(z.object({ id: opId, isLive: z.boolean() })).max(MAX_UNFINISHED),
  configs: z.array(words).max(MANY),
  /** Why there is no line for what is on record, though something is. */
  unreadable: words.nullable(),
});

export type Observation = z.infer<typeof hostLine> & { apps: ObservedApp[] };

/** Reads the lines of apps. */
export type AppReader = {
  /** Whether the line is one of these. */
  read(line: string): boolean;
  /** The app whose lines are complete since this was asked for last; null where none is. */
  app(): ObservedApp | null;
};

/** The lines before an app's own say what is, and what was, on record of it. */
export function appReader(): AppReader {
  let record: string | null = null;
  let past: string[] = [];
  let complete: ObservedApp | null = null;
  return {
    read(line) {
      if (line.startsWith("record ")) record = line.slice("record ".length);
      else if (line.startsWith("past ")) {
        if (past.length < MAX_HISTORY) past.push(line.slice("past ".length));
      } else {
        const json = jsonOf(line);
        const parsed = appLine.safeParse(json);
        const named = parsed.success ? null : namedLine.safeParse(json);
        if (named?.success === false) return false;
        // What an app says of itself may be anything; it costs that app alone.
        complete = parsed.success ? observedApp(parsed.data, record, past) : unknownApp(named?.data.name ?? "", record);
        [record, past] = [null, []];
      }
      return true;
    },
    app() {
      const app = complete;
      complete = null;
      return app;
    },
  };
}

const namedLine = z.object({ kind: z.literal("app"), name: appName });

const unknownApp = (name: string, record: string | null): ObservedApp => ({
  name,
  op: null,
  recorded: null,
  unreadable: { why: "what the host says of it is not as Beamline says it", owner: ownerIn(name, record) },
  history: [],
  current: null,
  releases: [],
  running: null,
  health: { health: "unknown", saw: "" },
  held: null,
  unfinished: [],
  configs: [],
});

function ownerIn(app: string, record: string | null): Unreadable["owner"] {
  const { recorded, unreadable } = recordOf(app, null, record);
  return recorded?.owner ?? unreadable?.owner ?? null;
}

function observedApp(
  { kind: _, unreadable, ...app }: z.infer<typeof appLine>,
  record: string | null,
  past: readonly string[],
): ObservedApp {
  const history = past.flatMap((text) => {
    const parsed = parseRecord(text, app.name);
    // One that can't be read is nothing to go back to.
    return "recorded" in parsed ? [parsed.recorded] : [];
  });
  return { ...app, history, ...recordOf(app.name, unreadable, record) };
}

function recordOf(
  app: string,
  unreadable: string | null,
  record: string | null,
): { recorded: Recorded | null; unreadable?: Unreadable } {
  if (unreadable !== null) return { recorded: null, unreadable: { why: unreadable, owner: null } };
  if (record === null) return { recorded: null };
  const parsed = parseRecord(record, app);
  return "recorded" in parsed ? parsed : { recorded: null, ...parsed };
}

function jsonOf(line: string): unknown {
  const value = shallowJson(line);
  return "json" in value ? value.json : undefined;
}

/** Reads an answer whole; a sentence where it is none. */
export function parseObservation(lines: readonly string[]): Observation | { error: string } {
  let host: z.infer<typeof hostLine> | null = null;
  const reader = appReader();
  const apps = new Map<string, ObservedApp>();
  let unfinished = 0;
  for (const line of lines) {
    if (reader.read(line)) {
      const app = reader.app();
      if (app === null) continue;
      if (apps.has(app.name)) return { error: `it tells of ${app.name} twice` };
      apps.set(app.name, app);
      if (apps.size > MAX_APPS) return { error: `it tells of more than ${MAX_APPS} apps` };
      unfinished += app.unfinished.length;
      if (unfinished > MAX_UNFINISHED) return { error: `it tells of more than ${MAX_UNFINISHED} unfinished ops` };
      continue;
    }
    const value = shallowJson(line);
    if ("error" in value) return { error: `${value.error}: ${shortened(line, 200)}` };
    const parsed = hostLine.safeParse(value.json);
    if (!parsed.success || host !== null) return { error: `${wrongIn(value.json)} in ${shortened(line, 200)}` };
    host = parsed.data;
  }
  return host === null ? { error: "the answer ends early" } : { ...host, apps: [...apps.values()] };
}

/** What is wrong with a line: the first of it. */
function wrongIn(json: unknown): string {
  const { error } = z.discriminatedUnion("kind", [hostLine, appLine]).safeParse(json);
  const [issue] = error?.issues ?? [];
  return issue === undefined ? "it tells of the host twice" : `${issue.path.map(String).join(".")}: ${issue.message}`;
}
