// health: what is wrong with a check, and what it is with its defaults.
import type { Problem } from "../core/problem.ts";
import { problem } from "../core/problem.ts";
import type { AppFields } from "./app-fields.ts";
import type { HealthCheck } from "./app-spec.ts";
import { defined } from "./defined.ts";
import type { SpecDocument } from "./document.ts";

/** bc_gitops' type and port where there is a check, and its times (bc_gitops_parser); start_timeout and below are ours. ms. */
const DEFAULTS = {
  type: "http",
  port: 8080,
  path: "/health",
  interval: 30_000,
  timeout: 5_000,
  start_timeout: 60_000,
  min_healthy_time: 1_000,
} as const;

export function healthProblems(document: SpecDocument, { health }: AppFields): Problem[] {
  const problems: Problem[] = [];
  if (health?.type === "custom" && health.module === undefined && health.command === undefined)
    problems.push(problem("missing_field", document.at(["health"]), { field: "health.module or health.command" }));
  const { timeout, start_timeout } = health ?? {};
  if (timeout !== undefined && start_timeout !== undefined && start_timeout < timeout) {
    const field = "health.start_timeout";
    const expected = `at least health.timeout (${timeout}): one probe alone may take that long`;
    const facts = { field, expected, got: `the number ${start_timeout}` };
    problems.push(problem("invalid_value", document.at(["health", "start_timeout"]), facts));
  }
  return problems;
}

export function healthOf({ health }: AppFields): HealthCheck {
  const type = health === undefined ? "none" : (health.type ?? DEFAULTS.type);
  const { port, path, module, command, successes, failures, expect, ...times } = health ?? {};
  const isProbed = type === "http" || type === "tcp";
  return {
    type,
    ...defined({ port: isProbed ? (port ?? DEFAULTS.port) : port }),
    ...defined({ path: type === "http" ? (path ?? DEFAULTS.path) : undefined }),
    ...defined({ module, command, successes, failures }),
    expect: { status: expect?.status ?? 200, ...defined({ body: expect?.body }) },
    timeout: times.timeout ?? DEFAULTS.timeout,
    interval: times.interval ?? DEFAULTS.interval,
    start_timeout: times.start_timeout ?? DEFAULTS.start_timeout,
    min_healthy_time: times.min_healthy_time ?? DEFAULTS.min_healthy_time,
  };
}

/**
 * The ms of one probe and of the whole start, as a gate takes them. Where they contradict each other one is a default, for a spec that
 * writes both so is refused, and gives way: a start that has little time has short probes, a long probe a start that lasts.
 */
export function gateTimes({ timeout, start_timeout }: HealthCheck): { probeMs: number; startMs: number } {
  if (timeout <= start_timeout) return { probeMs: timeout, startMs: start_timeout };
  const longest = timeout === DEFAULTS.timeout ? start_timeout : timeout;
  return { probeMs: longest, startMs: longest };
}
