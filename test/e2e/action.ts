// Runs dist/ as GitHub would: a child process with INPUT_*, GITHUB_* and the files it writes to.
import { spawn } from "node:child_process";
import { chown, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

export type Job = {
  /** The checkout. */
  workspace: string;
  event: { name: string; sha: string; ref?: string; payload: object };
  inputs: Record<string, string>;
  apiUrl?: string;
  /** More variables of the job, which must not reach any app. */
  environment?: Record<string, string>;
  runId?: string;
  /** Whom it runs as; as the tests when absent. The workspace must be that user's. */
  user?: { uid: number; gid: number };
  /** RUNNER_TEMP; a folder of the job's own when absent. */
  temp?: string;
  /** Runs the sources as they are, where no host is contacted. */
  isSource?: boolean;
  /** The folder with the built action; dist/ when absent. */
  dist?: string;
};

export type JobResult = {
  code: number | null;
  signal: NodeJS.Signals | null;
  log: string;
  summary: string;
  outputs: Record<string, string>;
  /** What the runner's temp directory holds after post. */
  leftovers: string[];
};

const ROOT = resolve(import.meta.dirname, "../..");

/** Tests' releases lie outside of the checkouts, and their servers are on this machine. */
const ALLOW_SOURCES = ["file:///", "http://127.0.0.1:*/", "https://127.0.0.1:*/"].join("\n");

const USUAL_INPUTS = { specs: "apps", fleet: "fleet.yaml", "working-directory": ".", "allow-sources": ALLOW_SOURCES };

export type StartedJob = {
  pid: number;
  temp: string;
  log(): string;
  kill(signal: NodeJS.Signals): void;
  /** When main has ended; post comes after it. */
  ended: Promise<unknown>;
  result: Promise<JobResult>;
};

/** What every event tells. */
const ON_MAIN = { ref: "refs/heads/main", repository: { default_branch: "main" } };

/** Starts a job; its result comes when main and post have ended. */
export async function startJob(job: Job): Promise<StartedJob> {
  const directory = await mkdtemp(join(tmpdir(), "job-"));
  const file = (name: string): string => join(directory, name);
  const temp = job.temp ?? file("temp");
  for (const name of ["output", "state", "summary", "env", "path"]) await writeFile(file(name), "");
  await writeFile(file("event.json"), JSON.stringify({ ...ON_MAIN, ...job.event.payload }));
  await mkdir(temp, { recursive: true });
  if (job.user !== undefined)
    for (const path of [directory, ...(await readdir(directory)).map(file)])
      await chown(path, job.user.uid, job.user.gid);

  const environment: Record<string, string> = {
    PATH: process.env.PATH ?? "",
    HOME: process.env.HOME ?? "",
    // What is written is looked at here, not how it looks.
    NO_COLOR: "1",
    ...job.environment,
    ...Object.fromEntries(
      Object.entries({ ...USUAL_INPUTS, ...job.inputs }).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]),
    ),
    GITHUB_ACTIONS: "true",
    GITHUB_WORKSPACE: job.workspace,
    GITHUB_EVENT_NAME: job.event.name,
    GITHUB_EVENT_PATH: file("event.json"),
    GITHUB_SHA: job.event.sha,
    GITHUB_REF: job.event.ref ?? ON_MAIN.ref,
    GITHUB_REPOSITORY: "acme/shop",
    GITHUB_RUN_ID: job.runId ?? "1",
    GITHUB_RUN_ATTEMPT: "1",
    GITHUB_ACTOR: "octocat",
    GITHUB_SERVER_URL: "https://github.example",
    GITHUB_API_URL: job.apiUrl ?? "http://127.0.0.1:9",
    GITHUB_OUTPUT: file("output"),
    GITHUB_STATE: file("state"),
    GITHUB_STEP_SUMMARY: file("summary"),
    RUNNER_TEMP: temp,
  };
  const programOf = (name: string): string =>
    job.isSource ? join(ROOT, "src", `${name}.ts`) : join(job.dist ?? join(ROOT, "dist"), name, "index.js");
  const start = (name: string, more: Record<string, string> = {}) =>
    spawn(process.execPath, [programOf(name)], {
      cwd: job.workspace,
      env: { ...environment, ...more },
      ...job.user,
      stdio: ["ignore", "pipe", "pipe"],
    });
  const main = start("main");
  let log = "";
  main.stdout.on("data", (data) => {
    log += data;
  });
  main.stderr.on("data", (data) => {
    log += data;
  });
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((end) =>
    main.on("close", (code, signal) => end({ code, signal })),
  );
  const result = ended.then(async ({ code, signal }): Promise<JobResult> => {
    const state = Object.entries(fileCommands(await readFile(file("state"), "utf8")));
    const post = start("post", Object.fromEntries(state.map(([key, value]) => [`STATE_${key}`, value])));
    await new Promise((end) => post.on("close", end));
    const leftovers = await readdir(temp);
    const summary = await readFile(file("summary"), "utf8");
    const outputs = fileCommands(await readFile(file("output"), "utf8"));
    await rm(directory, { recursive: true });
    return { code, signal, log, summary, outputs, leftovers };
  });
  return { pid: main.pid ?? 0, temp, log: () => log, kill: (signal) => main.kill(signal), ended, result };
}

export const runJob = async (job: Job): Promise<JobResult> => (await startJob(job)).result;

/** The runner's files: `NAME<<DELIMITER`, the value's lines, the delimiter. */
function fileCommands(text: string): Record<string, string> {
  const values: Record<string, string> = {};
  for (const match of text.matchAll(/^([^\n]+?)<<(\S+)\r?\n([\s\S]*?)\r?\n\2$/gm)) {
    const [, name = "", , value = ""] = match;
    values[name] = value;
  }
  return values;
}
