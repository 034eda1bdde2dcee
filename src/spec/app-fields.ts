// The fields of apps/NAME/app.yaml (DESIGN §4) as they stand in a file. What is in here is what editors are told, too:
// schema/app.schema.json is made from it.
import { z } from "zod";
import { Tagged } from "./document.ts";

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
const numeral = z
  .custom<number | bigint | Tagged>(
    (value) => ["number", "bigint"].includes(typeof value) || (value instanceof Tagged && value.tag === "float"),
  )
  .meta({ type: "number" });

const OS_ENV = { error: "text, a number, true, false, or {secret: NAME}" };
const HOST_COUNT = { error: "a number of hosts, or a share such as 25%" };
const DURATION = { error: "a duration such as 30s or 5m, or a number of ms" };
const STRATEGY = { error: "restart, hot, blue-green or release, or a map with its type" };

/** What a process can be given: no NUL (execve(2)), and nothing that is no UTF-8. */
const osEnvText = z
  .string()
  .regex(/^[^\0]*$/, OS_ENV)
  .refine((text) => text.isWellFormed(), OS_ENV);

/** What lies beside the releases in ROOT/NAME. */
const RESERVED_VERSIONS = ["config", "current", "log", "run", "slots"];

/** JSON schema has no flags for its patterns. */
const inAnyCase = (word: string): string => word.replace(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`);

const hostCount = z.union([whole(1, 100_000), z.string().regex(/^([1-9]\d?|100)%$/, HOST_COUNT)], HOST_COUNT);

const PROXIES = ["haproxy", "nginx", "caddy", "command"] as const;

/** A proxy: its type, and what that type needs. */
export const proxyFields = z.object({ type: z.enum(PROXIES) }).catchall(
  z.union([z.string(), z.number(), z.boolean(), z.array(z.string())], {
    error: "text, a number, true, false or a list of texts",
  }),
);

const strategyFields = z.discriminatedUnion(
  "type",
  [
    z.object({ type: z.literal("restart") }),
    z.object({
      type: z.literal("hot"),
      on_no_appup: z.enum(["restart", "fail"]).optional().describe("What happens where no hot upgrade is possible."),
      appup: z
        .enum(["auto", "shipped"])
        .optional()
        .describe(
          "auto: where the release brings no appup one is generated; shipped: then no hot upgrade is possible.",
        ),
      appup_lint: z.enum(["warning", "error"]).optional().describe("What becomes of doubts about an appup."),
      linger_timeout: whole(0, 3_600_000)
        .optional()
        .describe("ms in which processes may leave code that is to be replaced."),
      on_linger: z
        .enum(["refuse", "kill"])
        .optional()
        .describe("What becomes of the upgrade, or of the processes, where some have not left it by then."),
      suspend_timeout: whole(1, 3_600_000)
        .optional()
        .describe("ms in which a process must be suspended, and must have changed its state."),
    }),
    z.object({
      type: z.literal("blue-green"),
      ports: z
        .strictObject({ blue: whole(1, 65535), green: whole(1, 65535) })
        .optional()
        .describe("The port of each slot."),
      proxy: z
        .union([z.string().min(1), proxyFields], { error: "a proxy's name in the fleet file, or a map with its type" })
        .optional()
        .describe("What switches the traffic: a proxy of the fleet file by name, or one of the app's own."),
      drain_timeout: whole(0, 3_600_000).optional().describe("ms in which the old slot's connections may end."),
    }),
    z.object({ type: z.literal("release") }),
    z.object({
      type: z.literal("custom"),
      runtime: z.string().min(1).describe("A folder of executables in the spec repository, one a callback."),
    }),
  ],
  STRATEGY,
);

/** Those that need no options. */
const STRATEGIES = ["restart", "hot", "blue-green", "release"] as const;

/** Field names and their types as they stand in a file; every field of the spec language, carried out or not. */
export const appFields = z.object({
  name: z
    .string()
    .regex(/^[a-z][a-zA-Z0-9_@]*$/, "an OTP name such as my_app (^[a-z][a-zA-Z0-9_@]*$)")
    .max(100, "at most 100 characters")
    // beamline-NAME@.service would be a template of units, not a unit (systemd.unit(5)).
    .regex(/[^@]$/, "an OTP name that does not end in @")
    .describe("The name of the release, or of the OTP application."),
  // It names a directory on the host: no slash, no leading dot, nothing a path could trip over, and none of Beamline's own, in any
  // case, for some file systems know none.
  version: z
    .string()
    .regex(
      /^(?!.*\.\.)[0-9A-Za-z][0-9A-Za-z.+_~-]{0,127}$/,
      "a version such as 1.4.0, in quotes if it looks like a number",
    )
    .regex(
      new RegExp(`^(?!(${RESERVED_VERSIONS.map(inAnyCase).join("|")})$)`),
      `a version other than ${RESERVED_VERSIONS.join(", ")}, which are Beamline's own directories on a host`,
    )
    .describe("The version. In quotes where it looks like a number."),
  description: z.string().optional().describe("Text for people."),
  icon: z
    .object({
      type: z.enum(["url", "base64", "identicon"]),
      value: z.string().optional(),
      mime_type: z.string().optional(),
    })
    .optional()
    .describe("What stands for the app in lists."),
  source: z
    .object({
      type: z
        .enum(["release", "git", "hex", "mesh"])
        .optional()
        .describe("release: a tarball; git, hex: built from source. Default hex."),
      url: z.string().min(1).optional().describe("Where it is. {name}, {version} and {environment} are filled in."),
      sha256: z.string().min(1).optional().describe("Of the tarball, in hex or base64; required for http and https."),
      ref: z.string().min(1).optional().describe("git: a tag, branch or commit; hex: a version."),
      mcid: z.string().optional().describe("Of bc_gitops' source type mesh, which Beamline does not have."),
    })
    .optional()
    .describe("Where the code comes from."),
  isolation: z
    .enum(["vm", "embedded"])
    .optional()
    .describe("vm: a release with its own VM; embedded: an OTP application in a running node."),
  vm_config: z
    .object({
      // Less than any VM boots with; more than any host has.
      memory_limit: whole(16, 16_777_216).optional().describe("MiB of memory."),
      // The emulator's own bounds (erl(1), +S).
      scheduler_limit: whole(1, 1024).optional().describe("Schedulers of the VM."),
      extra_args: z
        .array(z.unknown().meta({ type: ["string", "number"] }))
        .optional()
        .describe("Further arguments of the emulator, one an item."),
      node_prefix: z
        .string()
        .regex(/^[A-Za-z0-9_-]+$/, "letters, digits, _ and -")
        .optional()
        .describe("What the node's name begins with."),
    })
    .optional()
    .describe("What the app's VM may take."),
  env: z
    .record(z.string(), z.unknown())
    .optional()
    .describe("The OTP application environment. In YAML: text is a binary; !atom x, !charlist x, !tuple [a, b]."),
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
      z.union([osEnvText, numeral, z.boolean(), z.strictObject({ secret: z.string().min(1) }, OS_ENV)], OS_ENV),
    )
    .optional()
    .describe("Environment variables of the VM. {name}, {version}, {environment} and {host} are filled in."),
  depends_on: z.array(z.string()).optional().describe("Apps that are deployed before this one, and removed after it."),
  health: z
    .object({
      type: z.enum(["none", "http", "tcp", "custom"]).optional().describe("Default http, where there is a check."),
      port: whole(1, 65535).optional().describe("Default 8080."),
      path: z
        .string()
        .regex(/^\/[\x21-\x7e]*$/, "a path such as /health")
        .optional(),
      interval: whole(1, 3_600_000).optional().describe("ms between two probes of a running app."),
      timeout: whole(1, 600_000).optional().describe("ms that one probe may take."),
      start_timeout: whole(1, 3_600_000)
        .optional()
        .describe("ms after the start in which the app must become healthy."),
      min_healthy_time: whole(0, 3_600_000).optional().describe("ms that it must stay healthy."),
      expect: z
        .object({ status: whole(100, 599).optional(), body: z.string().min(1).optional() })
        .optional()
        .describe("What the answer must be."),
      module: z
        .string()
        .regex(/^[a-zA-Z][a-zA-Z0-9_@.]*$/, "a module's name")
        .optional()
        .describe("custom: a module whose check/0 is called."),
      command: z.string().min(1).optional().describe("custom: an executable on the host."),
      successes: whole(1, 1000).optional().describe("Answers in a row that count as healthy."),
      failures: whole(1, 1000).optional().describe("Answers in a row that count as unhealthy."),
    })
    .optional()
    .describe("How the app proves that it is well."),
  strategy: z
    .union([z.enum(STRATEGIES, STRATEGY), strategyFields], STRATEGY)
    .optional()
    .describe("How a host gets from one version to the next. Default restart."),
  hosts: z
    .union([z.array(z.string()).min(1), z.record(z.string(), z.string())], {
      error: "a list of host names, or a map of labels",
    })
    .optional()
    .describe("Host names, or labels that must all match. Default: every host of the environment."),
  rollout: z
    .object({
      canary: hostCount.optional().describe("Hosts that go first."),
      batch: hostCount.optional().describe("Hosts at once."),
      max_failures: whole(0, 100_000).optional().describe("After how many failed hosts no further one is started."),
      pause: z
        .union([whole(0, 86_400_000), z.string().regex(/^\d{1,9}(ms|s|m|h)$/, DURATION)], DURATION)
        .optional()
        .describe("Between two batches."),
    })
    .optional()
    .describe("Order and pace over the app's hosts."),
  retain: whole(1, 100).optional().describe("Releases that stay on a host."),
});

export type AppFields = z.infer<typeof appFields>;
