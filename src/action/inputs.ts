// The inputs of action.yml, read once and checked all together. Nothing else reads them.
import { getInput, getMultilineInput } from "@actions/core";
import { z } from "zod";
import type { AllowedSources } from "../artifact/allowed-sources.ts";
import { allowedSources, NOTHING_ALLOWED } from "../artifact/allowed-sources.ts";
import { Failure } from "../core/failure.ts";
import type { Problem } from "../core/problem.ts";
import { problem } from "../core/problem.ts";
import type { RemovalLimit } from "../plan/plan-input.ts";
import type { PlanJson } from "../plan/plan-json.ts";
import { planJson } from "../plan/plan-json.ts";
import { removalLimit } from "../plan/removal-guard.ts";
import { repairedKey } from "../ssh/private-key.ts";
import { defaultCommand, whyNoCommand } from "./default-command.ts";
import { sortedSecrets, type Withheld } from "./withheld-secrets.ts";

export type Command = "plan" | "apply" | "status" | "rollback";

export type Inputs = {
  command: Command;
  specs: string;
  fleet: string;
  environment: string;
  base: string | null;
  /** What a rollback goes back to; null is what was there before. */
  version: string | null;
  apps: ReadonlySet<string> | null;
  /** As ssh takes it, whatever its form was. */
  sshKey: string;
  knownHosts: string;
  token: string;
  /** What apps may be given. */
  secrets: ReadonlyMap<string, string>;
  /** Secrets that no app is given, since they hold a key of the run's own; by name. */
  withheld: ReadonlyMap<string, Withheld>;
  approvedPlan: PlanJson | null;
  onDrift: "heal" | "report";
  retryFailed: boolean;
  /** Whether hot upgrades are carried out on the runner first. */
  rehearse: boolean;
  /** Whether a plan is red for whatever can't be done, though the rest could. */
  strict: boolean;
  maxRemovals: RemovalLimit;
  concurrency: number;
  lockTimeoutMs: number;
  workingDirectory: string;
  /** Whether a pull request's run logs in to hosts that it adds or changes. */
  contactChangedHosts: boolean;
  /** Where releases may come from besides the checkout and the public internet. */
  allowedSources: AllowedSources;
};

/** Reads all inputs; the event decides the default command. Throws a Failure with every input that is wrong. */
export function readInputs(event: Parameters<typeof defaultCommand>[0]): Inputs {
  const problems: Problem[] = [];
  const refuse = (input: string, expected: string, got: string): void => {
    problems.push(problem("invalid_input", { in: "input", name: input }, { input, expected, got }));
  };
  const oneOf = <T extends string>(input: string, values: readonly T[], otherwise: T): T => {
    const text = getInput(input);
    const found = values.find((value) => value === text);
    if (text !== "" && found === undefined) refuse(input, `one of ${values.join(", ")}`, JSON.stringify(text));
    return found ?? otherwise;
  };
  const path = (input: string, otherwise: string): string => {
    const text = (getInput(input) || otherwise).replace(/^\.\//, "").replace(/\/+$/, "");
    if (text.startsWith("/") || text.split("/").includes("..")) refuse(input, "a path within the repository", text);
    return text === "." ? "" : text;
  };
  const unsupported = (input: string, instead: string): void => {
    problems.push(problem("not_supported", { in: "input", name: input }, { what: `input ${input}`, instead }));
  };

  const missing = (input: string, why: string): void => {
    problems.push(problem("missing_input", { in: "input", name: input }, { input, why }));
  };

  const usual = defaultCommand(event);
  if (getInput("command") === "" && usual === null) missing("command", whyNoCommand(event));
  if (getInput("shard") !== "") unsupported("shard", "Remove it; one job drives all hosts.");

  const [sshKey, token] = [repairedKey(getInput("ssh-key")), getInput("github-token")];
  const given = secretsOf(getInput("secrets"), () => refuse("secrets", "a JSON object of texts", "something else"));
  const inputs: Inputs = {
    command: oneOf("command", ["plan", "apply", "status", "rollback"], usual ?? "plan"),
    specs: path("specs", "apps"),
    fleet: path("fleet", "fleet.yaml"),
    environment: getInput("environment") || "production",
    base: getInput("base") || null,
    version: getInput("version") || null,
    apps: appsOf(getMultilineInput("apps")),
    sshKey,
    knownHosts: getInput("known-hosts"),
    token,
    ...sortedSecrets(given, { "ssh-key": sshKey, "github-token": token }),
    approvedPlan: planOf(getInput("plan"), (given) => {
      if (given === MISSING) problems.push(problem("plan_dropped", { in: "input", name: "plan" }, { given }));
      else refuse("plan", "the output plan of an earlier plan, unchanged", "something else");
    }),
    onDrift: oneOf("on-drift", ["heal", "report"], "heal"),
    retryFailed: oneOf("retry-failed", ["true", "false"], "false") === "true",
    rehearse: oneOf("rehearse", ["true", "false"], "false") === "true",
    strict: oneOf("strict", ["true", "false"], "false") === "true",
    maxRemovals: removalsOf(getInput("max-removals"), refuse),
    concurrency: wholeNumber("concurrency", 1, 1000, 20, refuse),
    lockTimeoutMs: wholeNumber("lock-timeout", 0, 86_400, 300, refuse) * 1000,
    workingDirectory: path("working-directory", "."),
    contactChangedHosts: oneOf("contact-changed-hosts", ["true", "false"], "false") === "true",
    allowedSources: sourcesOf(getMultilineInput("allow-sources"), refuse),
  };
  if (inputs.command !== "plan" && inputs.sshKey.trim() === "" && problems.length === 0)
    missing("ssh-key", `for command ${inputs.command}`);
  const [first, ...rest] = problems;
  if (first) throw new Failure([first, ...rest]);
  return inputs;
}

function removalsOf(text: string, refuse: (input: string, expected: string, got: string) => void): RemovalLimit {
  const limit = text === "" ? null : removalLimit(text);
  if (text !== "" && limit === null)
    refuse("max-removals", "a share of the apps, 1%..100%, or a number of them, from 1", JSON.stringify(text));
  return limit ?? { percent: 50 };
}

function sourcesOf(
  lines: readonly string[],
  refuse: (input: string, expected: string, got: string) => void,
): AllowedSources {
  const read = allowedSources(lines.filter((line) => line !== ""));
  if (!("wrong" in read)) return read;
  const expected = "beginnings of urls, one a line, such as http://10.0.0.5/ or file:///srv/builds/";
  refuse("allow-sources", expected, JSON.stringify(read.wrong));
  return NOTHING_ALLOWED;
}

function appsOf(lines: readonly string[]): ReadonlySet<string> | null {
  const names = lines.flatMap((line) => line.split(/[\s,]+/)).filter((name) => name !== "");
  return names.length === 0 ? null : new Set(names);
}

function wholeNumber(
  input: string,
  min: number,
  max: number,
  otherwise: number,
  refuse: (input: string, expected: string, got: string) => void,
): number {
  const text = getInput(input);
  if (text === "") return otherwise;
  const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (number >= min && number <= max) return number;
  refuse(input, `a whole number, ${min}..${max}`, JSON.stringify(text));
  return otherwise;
}

// The text itself is never quoted in an error: it is all secrets.
function secretsOf(text: string, refuse: () => void): ReadonlyMap<string, string> {
  if (text.trim() === "") return new Map();
  const parsed = z.record(z.string(), z.string().nullable()).safeParse(jsonOf(text));
  if (!parsed.success) {
    refuse();
    return new Map();
  }
  // toJSON(secrets.NAME) of one that is not there, as in a fork's pull request. A secret of GitHub's is never empty.
  return new Map(Object.entries(parsed.data).flatMap(([name, value]) => (value ? [[name, value]] : [])));
}

/** What a workflow gives in place of a plan that did not arrive (examples/workflows/deploy.yml). */
const MISSING = "missing";

function planOf(text: string, refuse: (given: string) => void): PlanJson | null {
  if (text.trim() === "") return null;
  const parsed = planJson.safeParse(jsonOf(text));
  if (parsed.success) return parsed.data;
  refuse(text.trim());
  return null;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The caller refuses it, without quoting it.
    return undefined;
  }
}
