// The answer to `observe`: a line for the host, a line an app. See src/host/agent/90-observe.sh, the other side of this.
import { z } from "zod";
import { shortened } from "../core/shortened.ts";
import type { ObservedApp, Recorded } from "../runtime/observed.ts";

const supervisor = z.enum(["system", "user", "daemon"]);

const recorded = z
  .looseObject({
    schema: z.literal(1),
    owner: z.object({ repository: z.string(), environment: z.string() }),
    version: z.string(),
    release: z.string(),
    digest: z.string(),
    config: z.string(),
    supervisor: supervisor.default("daemon"),
    runAs: z.string().optional(),
    node: z.string().optional(),
    hotFrom: z.string().optional(),
    specDigest: z.string(),
    commit: z.string(),
    file: z.string().default(""),
    spec: z.looseObject({
      name: z.string(),
      version: z.string(),
      strategy: z.looseObject({ type: z.enum(["restart", "hot"]) }),
    }),
  })
  // Beamline wrote it from these very types; a later schema number is refused above.
  .transform((value) => value as unknown as Recorded);

const hostLine = z.object({
  kind: z.literal("host"),
  machineId: z.string(),
  supervisor,
  node: z.object({ name: z.string(), app: z.string().nullable() }).nullable().default(null),
  isWritable: z.boolean(),
  user: z.string(),
  lacks: z.array(z.string()),
});

const appLine = z.object({
  kind: z.literal("app"),
  name: z.string(),
  op: z.string().nullable(),
  current: z.string().nullable(),
  releases: z.array(z.object({ directory: z.string(), digest: z.string().nullable() })),
  running: z
    .object({
      pid: z.number(),
      startedAt: z.number(),
      release: z.string().nullable(),
      config: z.string().nullable(),
      node: z.string().nullable(),
      runAs: z
        .string()
        .nullable()
        .transform((user) => user ?? undefined),
      version: z.string().nullable(),
      isUpgradable: z.boolean().optional(),
    })
    .nullable(),
  health: z.object({ health: z.enum(["healthy", "unhealthy", "unknown"]), saw: z.string() }),
  held: z.object({ specDigest: z.string(), code: z.string() }).nullable(),
  unfinished: z.array(z.object({ id: z.string(), isLive: z.boolean() })),
  history: z.array(recorded),
  configs: z.array(z.string()),
  recorded: recorded.nullable(),
});

export type Observation = z.infer<typeof hostLine> & { apps: ObservedApp[] };

/** The line that follows an op's journal: its app as it is then. Null where it is none. */
export function parseObservedApp(line: string): ObservedApp | null {
  const value = jsonOf(line);
  const parsed = "error" in value ? null : appLine.safeParse(value.json);
  if (!parsed?.success) return null;
  const { kind: _, ...app } = parsed.data;
  return app;
}

function jsonOf(line: string): { json: unknown } | { error: string } {
  try {
    return { json: JSON.parse(line) };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

/** Reads an answer whole; a sentence where it is none. */
export function parseObservation(lines: readonly string[]): Observation | { error: string } {
  let host: z.infer<typeof hostLine> | undefined;
  const apps: ObservedApp[] = [];
  for (const line of lines.filter((candidate) => candidate !== "")) {
    const value = jsonOf(line);
    if ("error" in value) return { error: `${value.error} in ${shortened(line, 200)}` };
    const parsed = z.discriminatedUnion("kind", [hostLine, appLine]).safeParse(value.json);
    if (!parsed.success) return { error: `${z.prettifyError(parsed.error)} in ${shortened(line, 200)}` };
    if (parsed.data.kind === "host") host = parsed.data;
    else {
      const { kind: _, ...app } = parsed.data;
      apps.push(app);
    }
  }
  return host === undefined ? { error: "the answer ends early" } : { ...host, apps };
}
