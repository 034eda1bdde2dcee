// strategy and rollout, with their defaults.
import type { AppFields } from "./app-fields.ts";
import type { HostCount, Rollout, Strategy } from "./app-spec.ts";
import { defined } from "./defined.ts";

/** ms that the old slot's connections get to end. */
const DRAIN_TIMEOUT = 30_000;

/** ms that processes get to leave old code. */
const LINGER_TIMEOUT = 10_000;

/** ms, as sys:suspend/1 has it by itself (stdlib, sys(3)). */
const SUSPEND_TIMEOUT = 5_000;

type Options = Exclude<NonNullable<AppFields["strategy"]>, string>;

/** A strategy of which nothing is said but its word. */
export const plainStrategy = (type: "restart" | "hot" | "blue-green" | "release"): Strategy =>
  strategyOf({ strategy: type });

export function strategyOf({ strategy = "restart" }: Pick<AppFields, "strategy">): Strategy {
  const options: Options = typeof strategy === "string" ? { type: strategy } : strategy;
  switch (options.type) {
    case "hot":
      return {
        type: "hot",
        on_no_appup: options.on_no_appup ?? "restart",
        appup: options.appup ?? "auto",
        appup_lint: options.appup_lint ?? "warning",
        linger_timeout: options.linger_timeout ?? LINGER_TIMEOUT,
        on_linger: options.on_linger ?? "refuse",
        suspend_timeout: options.suspend_timeout ?? SUSPEND_TIMEOUT,
      };
    case "blue-green": {
      const { ports, proxy, drain_timeout = DRAIN_TIMEOUT } = options;
      return { type: "blue-green", ...defined({ ports, proxy }), drain_timeout };
    }
    case "custom":
      return { type: "custom", runtime: options.runtime };
    default:
      return { type: options.type };
  }
}

export function rolloutOf({ rollout = {} }: AppFields): Rollout {
  const { canary, batch, pause, max_failures } = rollout;
  return {
    ...defined({ canary: hostCountOf(canary), batch: hostCountOf(batch), pause: durationOf(pause) }),
    max_failures: max_failures ?? 0,
  };
}

function hostCountOf(written: number | string | undefined): HostCount | undefined {
  if (written === undefined) return undefined;
  return typeof written === "number" ? { hosts: written } : { percent: Number(written.slice(0, -1)) };
}

const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** `30s` and the like in ms. */
function durationOf(written: number | string | undefined): number | undefined {
  if (written === undefined || typeof written === "number") return written;
  const [, count, unit = "ms"] = /^(\d+)(ms|s|m|h)$/.exec(written) ?? [];
  return Number(count) * UNITS[unit as keyof typeof UNITS];
}
