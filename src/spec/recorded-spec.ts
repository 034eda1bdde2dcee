// A spec as hosts have it on record: AppSpec, which Beamline wrote there as JSON. What the language has got since then may be missing,
// and has its default; what a later Beamline may have added is passed over.
import { z } from "zod";
import { whole } from "./app-fields.ts";
import type { ErlangTerm } from "./erlang-term.ts";

/** Text that can be sent anywhere: no NUL, and no half of a character. */
const text = z.string().refine((value) => !value.includes("\0") && value.isWellFormed(), "text without NUL");

const name = z
  .string()
  .max(100)
  .regex(/^[a-z][a-zA-Z0-9_@]*$/);

const version = z.string().regex(/^[0-9A-Za-z][0-9A-Za-z.+_~-]{0,127}$/);

const ms = whole(0, 86_400_000);

/** As many keys, or items, as nobody has: each may become a line of a plan. */
const MANY = 10_000;
const isFew = (fields: object): boolean => Object.keys(fields).length <= MANY;

/** An Erlang term as JSON. It is read as deep as it is there: how deep that can be decides whoever reads the JSON. */
function isTerm(value: unknown): value is ErlangTerm {
  if (value === null || typeof value !== "object") return false;
  const [[kind, content] = [], second] = Object.entries(value);
  if (kind === undefined || second !== undefined) return false;
  const isText = typeof content === "string" && content.isWellFormed();
  switch (kind) {
    case "atom":
      return isText && [...content].length <= 255;
    case "binary":
    case "charlist":
      return isText;
    case "bytes":
      return isText && /^([0-9a-f]{2})*$/.test(content);
    case "integer":
      return isText && /^-?[0-9]+$/.test(content);
    case "float":
      return typeof content === "number" && Number.isFinite(content);
    case "list":
    case "tuple":
      return Array.isArray(content) && content.every(isTerm);
    case "map":
      return (
        Array.isArray(content) &&
        content.every((pair) => Array.isArray(pair) && pair.length === 2 && pair.every(isTerm))
      );
    default:
      return false;
  }
}

const term = z.custom<ErlangTerm>(isTerm, "an Erlang term");

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

const source = z.discriminatedUnion("type", [
  z.object({ type: z.literal("release"), url: text, sha256: sha256.exactOptional() }),
  z.object({ type: z.literal("git"), url: text, ref: text, sha256: sha256.exactOptional() }),
  z.object({ type: z.literal("hex"), ref: text, sha256: sha256.exactOptional() }),
]);

const health = z.object({
  type: z.enum(["none", "http", "tcp"]),
  port: whole(1, 65_535).exactOptional(),
  path: z
    .string()
    .regex(/^\/[\x21-\x7e]*$/)
    .exactOptional(),
  expect: z.object({ status: whole(100, 599), body: text.exactOptional() }),
  timeout: ms,
  interval: ms.default(30_000),
  start_timeout: ms,
  min_healthy_time: ms,
});

/** Of strategies that this version carries out: with another one on record nobody here knows what to do. */
const strategy = z.discriminatedUnion("type", [
  z.object({ type: z.literal("restart") }),
  z.object({
    type: z.literal("hot"),
    on_no_appup: z.enum(["restart", "fail"]).default("restart"),
    appup: z.enum(["auto", "shipped"]).default("auto"),
    appup_lint: z.enum(["warning", "error"]).default("warning"),
    linger_timeout: ms.default(10_000),
    on_linger: z.enum(["refuse", "kill"]).default("refuse"),
    suspend_timeout: ms.default(5_000),
  }),
]);

const hostCount = z.union([z.object({ hosts: whole(1, 100_000) }), z.object({ percent: whole(1, 100) })]);

export const recordedSpec = z.object({
  name,
  version,
  description: text.exactOptional(),
  icon: z
    .object({
      type: z.enum(["url", "base64", "identicon"]),
      value: text.exactOptional(),
      mime_type: text.exactOptional(),
    })
    .exactOptional(),
  source,
  isolation: z.enum(["vm", "embedded"]).default("vm"),
  vm_config: z
    .object({
      memory_limit: whole(16, 16_777_216).exactOptional(),
      scheduler_limit: whole(1, 1024).exactOptional(),
      node_prefix: text.exactOptional(),
      extra_args: z.array(text).max(MANY).exactOptional(),
    })
    .exactOptional(),
  env: z.record(z.string(), term).refine(isFew),
  os_env: z
    .record(
      z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/),
      z.union([z.object({ value: text }), z.object({ secret: text })]),
    )
    .refine(isFew),
  depends_on: z.array(name).max(MANY),
  health,
  strategy,
  hosts: z.union([z.object({ names: z.array(text) }), z.object({ labels: z.record(text, text) })]).nullable(),
  rollout: z.object({
    canary: hostCount.exactOptional(),
    batch: hostCount.exactOptional(),
    pause: ms.exactOptional(),
    max_failures: whole(0, 100_000),
  }),
  retain: whole(1, 100),
});
