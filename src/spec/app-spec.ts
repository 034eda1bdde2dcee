// The fields of apps/NAME/app.yaml (DESIGN §4): what is read, what this version of Beamline carries out, and the defaults.
import { z } from "zod";
import { Tagged } from "./document.ts";
import type { ErlangTerm } from "./erlang-term.ts";

/** A host selector: names, or labels that must all match; null is every host of the environment. */
export type HostSelector = { names: readonly string[] } | { labels: Readonly<Record<string, string>> } | null;

/** How an app proves that it is well. Times in ms. */
export type HealthCheck = {
  type: "none" | "http" | "tcp";
  port?: number;
  path?: string;
  expect: { status: number; body?: string };
  /** How long one probe may take. */
  timeout: number;
  /** Between two probes of a running app, as bc_gitops has it; the gate after a start polls faster. */
  interval: number;
  start_timeout: number;
  /** How long the app must stay healthy after its first healthy answer. */
  min_healthy_time: number;
};

/** What stands for an app in lists, as bc_gitops has it: an address, base64, or text to draw one from. */
export type Icon = { type: "url" | "base64" | "identicon"; value?: string; mime_type?: string };

/** What an app's VM may take: MiB of memory, schedulers; and further arguments of the emulator. */
export type VmConfig = { memory_limit?: number; scheduler_limit?: number; extra_args?: readonly string[] };

/** One app's wanted state, with all defaults filled in. A plain JSON value, free of secrets' values. */
export type AppSpec = {
  name: string;
  version: string;
  description?: string;
  icon?: Icon;
  source: { type: "release"; url: string; sha256?: string };
  vm_config?: VmConfig;
  env: Readonly<Record<string, ErlangTerm>>;
  os_env: Readonly<Record<string, { value: string } | { secret: string }>>;
  depends_on: readonly string[];
  health: HealthCheck;
  strategy: { type: "restart" };
  hosts: HostSelector;
  rollout: { max_failures: number };
  retain: number;
};

/** A whole number within bounds, whose error names both. */
export const whole = (min: number, max: number) => {
  const error = `${min}..${max}`;
  return z
    .number({ error: `a whole number, ${error}` })
    .int({ error: `a whole number, ${error}` })
    .min(min, { error })
    .max(max, { error });
};

/** Any number; what counts is how it is written, which the document knows. */
const numeral = z.custom<number | bigint | Tagged>(
  (value) => ["number", "bigint"].includes(typeof value) || (value instanceof Tagged && value.tag === "float"),
);

const OS_ENV = { error: "text, a number, true, false, or {secret: NAME}" };

const STRATEGIES = ["restart", "hot", "blue-green", "release", "custom"] as const;

/** Field names and their types as they stand in a file; every field of the spec language, carried out or not. */
export const appFields = z.object({
  name: z
    .string()
    .regex(/^[a-z][a-zA-Z0-9_@]*$/, "an OTP name such as my_app (^[a-z][a-zA-Z0-9_@]*$)")
    .max(100, "at most 100 characters"),
  // It names a directory on the host: no slash, no leading dot, nothing a path could trip over.
  version: z
    .string()
    .regex(/^[0-9A-Za-z][0-9A-Za-z.+_~-]{0,127}$/, "a version such as 1.4.0, in quotes if it looks like a number"),
  description: z.string().optional(),
  icon: z
    .object({
      type: z.enum(["url", "base64", "identicon"]),
      value: z.string().optional(),
      mime_type: z.string().optional(),
    })
    .optional(),
  source: z
    .object({
      type: z.enum(["release", "git", "hex", "mesh"]),
      url: z.string().min(1).optional(),
      sha256: z.string().min(1).optional(),
      ref: z.string().optional(),
    })
    .optional(),
  isolation: z.enum(["vm", "embedded"]).optional(),
  vm_config: z
    .object({
      // Less than any VM boots with; more than any host has.
      memory_limit: whole(16, 16_777_216).optional(),
      // The emulator's own bounds (erl(1), +S).
      scheduler_limit: whole(1, 1024).optional(),
      extra_args: z.array(z.unknown()).optional(),
      node_prefix: z.unknown().optional(),
    })
    .optional(),
  env: z.record(z.string(), z.unknown()).optional(),
  os_env: z
    .record(
      z
        .string()
        .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "a name such as PHX_HOST")
        // What shells keep for themselves, and what tells the agent whose VM it sees.
        .regex(
          /^(?!BEAMLINE_|(BASHOPTS|SHELLOPTS|BASH_VERSINFO|E?UID|PPID)$)/,
          "a name that shells and Beamline do not use",
        ),
      z.union([z.string(), numeral, z.boolean(), z.strictObject({ secret: z.string().min(1) }, OS_ENV)], OS_ENV),
    )
    .optional(),
  depends_on: z.array(z.string()).optional(),
  health: z
    .object({
      type: z.enum(["none", "http", "tcp", "custom"]),
      port: whole(1, 65535).optional(),
      path: z
        .string()
        .regex(/^\/[\x21-\x7e]*$/, "a path such as /health")
        .optional(),
      interval: whole(1, 3_600_000).optional(),
      timeout: whole(1, 600_000).optional(),
      start_timeout: whole(1, 3_600_000).optional(),
      min_healthy_time: whole(0, 3_600_000).optional(),
      expect: z.object({ status: whole(100, 599).optional(), body: z.string().min(1).optional() }).optional(),
      module: z.unknown().optional(),
      command: z.unknown().optional(),
      successes: z.unknown().optional(),
      failures: z.unknown().optional(),
    })
    .optional(),
  strategy: z
    .union([z.enum(STRATEGIES), z.looseObject({ type: z.enum(STRATEGIES) })], {
      error: "restart, hot, blue-green, release or custom, or a map with its type",
    })
    .optional(),
  hosts: z
    .union([z.array(z.string()).min(1), z.record(z.string(), z.string())], {
      error: "a list of host names, or a map of labels",
    })
    .optional(),
  rollout: z
    .object({
      max_failures: whole(0, 100_000).optional(),
      canary: z.unknown().optional(),
      batch: z.unknown().optional(),
      pause: z.unknown().optional(),
    })
    .optional(),
  retain: whole(1, 100).optional(),
});

export type AppFields = z.infer<typeof appFields>;

/** bc_gitops' defaults (interval, timeout) and ours. Times in ms. */
export const healthDefaults = { interval: 30_000, timeout: 5_000, start_timeout: 60_000, min_healthy_time: 1_000 };
