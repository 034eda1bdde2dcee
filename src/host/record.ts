// What a host has on record of an app, as it says it: a line of JSON that Beamline wrote there. One that is no such line, or that a later
// version wrote, is never taken for none.
import { z } from "zod";
import { shallowJson } from "../core/shallow-json.ts";
import type { Recorded, Unreadable } from "../runtime/observed.ts";
import { recordedSpec } from "../spec/recorded-spec.ts";

const digest = z.string().regex(/^[0-9a-f]{64}$/);

/** Names a directory below the app's own: of a release, of a configuration. It has no slash, and does not begin with a dot. */
const directory = z.string().regex(/^[0-9A-Za-z][0-9A-Za-z.+_~-]{0,199}$/);

/** For people, and for comparing. */
const words = z
  .string()
  .max(1_000)
  .regex(/^[^\p{Cc}]*$/u);

const owner = z.object({ repository: words, environment: words });

export const supervisor = z.enum(["system", "user", "daemon"]);

/** `spec` stands last, as it does where Beamline writes it: the agent reads the fields before it (see record_field). */
const recorded = z.object({
  schema: z.literal(1),
  owner,
  version: z.string().regex(/^[0-9A-Za-z][0-9A-Za-z.+_~-]{0,127}$/),
  release: directory,
  digest,
  config: directory,
  supervisor: supervisor.default("daemon"),
  runAs: z
    .string()
    .regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$/)
    .exactOptional(),
  node: z
    .string()
    .max(255)
    .regex(/^[A-Za-z0-9_-]+(@[A-Za-z0-9_.:-]+)?$/)
    .exactOptional(),
  hotFrom: digest.exactOptional(),
  specDigest: digest,
  commit: z.string().regex(/^[0-9a-f]{7,64}$/),
  file: words.default(""),
  spec: recordedSpec,
});

const owned = z.looseObject({ owner });

const ofSchema = z.looseObject({ schema: z.number() });

/** The record of an app; or why it can't be read, and whose it is, where that can. */
export function parseRecord(text: string, app: string): { recorded: Recorded } | { unreadable: Unreadable } {
  const value = shallowJson(text);
  if ("error" in value) return { unreadable: { why: value.error, owner: null } };
  const whose = owned.safeParse(value.json).data?.owner ?? null;
  const refused = (why: string) => ({ unreadable: { why, owner: whose } });
  const schema = ofSchema.safeParse(value.json).data?.schema;
  if (schema !== undefined && schema !== 1) return refused("a later version of Beamline wrote it");
  const parsed = recorded.safeParse(value.json);
  if (!parsed.success) return refused(reasonOf(parsed.error));
  if (parsed.data.spec.name !== app) return refused("it is the record of another app");
  return { recorded: parsed.data };
}

/** The first thing that is wrong. */
function reasonOf({ issues: [issue] }: z.ZodError): string {
  const path = (issue?.path ?? []).slice(0, 3).map(String).join(".");
  return `${path || "it"} is not as Beamline writes it`;
}
