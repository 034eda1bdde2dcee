// A team with a spec repository, hosts and GitHub: what most end-to-end tests start from.
import { expect } from "vitest";
import { type GitHubDouble, startDouble } from "../github/double.ts";
import { type Host, type Lab, type LabOptions, startLab } from "../lab/lab.ts";
import { type Job, type JobResult, runJob, type StartedJob, startJob } from "./action.ts";
import { releaseFile } from "./releases.ts";
import { SpecRepository } from "./spec-repository.ts";

export type Files = Record<string, string | null>;

export type Shop = {
  lab: Lab;
  double: GitHubDouble;
  repository: SpecRepository;
  /** Commits files, and runs the action on the push. */
  push(files: Files, job?: Partial<Job>): Promise<JobResult>;
  /** The same, not waiting for its end. */
  startPush(files: Files, job?: Partial<Job>): Promise<StartedJob>;
  /** Runs it on what was pushed last, for another event or with other inputs. */
  run(job?: Partial<Job>): Promise<JobResult>;
  close(): Promise<void>;
};

export const TOKEN = "ghs_the-token-of-this-job";

export async function openShop(options: LabOptions): Promise<Shop> {
  const lab = await startLab({ keyExchange: "quick", ...options });
  const double = await startDouble();
  const repository = new SpecRepository();
  const jobFor = (event: { sha: string; before: string }, job: Partial<Job>): Job => ({
    workspace: repository.checkout(event.sha),
    event: { name: "push", sha: event.sha, payload: { before: event.before } },
    apiUrl: double.url,
    ...job,
    inputs: { "ssh-key": lab.userKey.text, "github-token": TOKEN, ...job.inputs },
  });
  let last = repository.push({ "fleet.yaml": fleetFile(lab.hosts) });
  const pushed = (files: Files): { sha: string; before: string } => {
    last = repository.push(files);
    return last;
  };
  return {
    lab,
    double,
    repository,
    push: (files, job = {}) => runJob(jobFor(pushed(files), job)),
    startPush: (files, job = {}) => startJob(jobFor(pushed(files), job)),
    run: (job = {}) => runJob(jobFor(last, job)),
    close: async () => {
      repository.remove();
      await lab.stop();
      await double.close();
      expect(double.violations).toEqual([]);
    },
  };
}

/** A fleet file with all hosts and their true keys; `more` is YAML that each host gets, too. */
export function fleetFile(hosts: readonly Host[], more: Record<string, string> = {}): string {
  const lines = hosts.map(
    ({ name, address, hostKey }) => `  ${name}: {address: ${address}, host_key: "${hostKey}"${more[name] ?? ""}}`,
  );
  return ["defaults: {user: root, root: /opt/releases}", "hosts:", ...lines, ""].join("\n");
}

/**
 * A counter's spec; `more` is appended, `health` and `source` replace what is usual. It is as patient as a spec is by default, for
 * other tests' hosts boot at the same time, and stays healthy for no longer than it takes to ask twice.
 */
export function counterSpec(
  version: string,
  { health = "{type: http, port: 8080, path: /health, min_healthy_time: 200}", source = "", more = "" } = {},
): string {
  return [
    "name: counter",
    `version: "${version}"`,
    `source: ${source || `{type: release, url: "file://${releaseFile("counter")}"}`}`,
    `health: ${health}`,
    more,
    "",
  ].join("\n");
}

export const greeterSpec = (version: string, more = ""): string =>
  [
    "name: greeter",
    `version: "${version}"`,
    `source: {type: release, url: "file://${releaseFile("greeter")}"}`,
    "health: {type: http, port: 8090, path: /health, min_healthy_time: 200}",
    more,
    "",
  ].join("\n");

/** What an app on a host answers; "down" where nothing does. */
export async function answerOf(host: Host, path: string, port = 8080): Promise<string> {
  try {
    const response = await fetch(`http://${host.address}:${port}${path}`, { signal: AbortSignal.timeout(3000) });
    return await response.text();
  } catch (error) {
    if (error instanceof Error && /fetch failed|aborted/.test(error.message)) return "down";
    throw error;
  }
}

/** What the counter's node on a host prints of an expression, asked by hand. */
export async function evaluateIn(host: Host, expression: string): Promise<string> {
  const erlCall =
    "HOME=/root $(ls -d /opt/releases/counter/1*/erts-*/bin/erl_call | head -n 1) -sname counter -h by_hand -timeout 20 -e";
  return (await host.exec(["sh", "-c", `${erlCall} <<'END'\n${expression}\nEND\n`])).stdout;
}

export const versionsOf = (shop: Shop): Promise<string[]> =>
  Promise.all(shop.lab.hosts.map((host) => answerOf(host, "/version")));

/** The log without what the runner itself hides: its add-mask commands. */
export const shownLog = ({ log }: { log: string }): string => log.replace(/^::add-mask::.*\n/gm, "");
