import type { Icon } from "../spec/app-spec.ts";
import { formatTerm } from "../spec/erlang-term.ts";
import type { Health, ObservedApp } from "./observed.ts";

/** bc_gitops' app_state, as `status` prints it and the output `state` holds it. */
export type AppState = {
  name: string;
  version: string | null;
  description: string | null;
  icon: Icon | null;
  status: "pending" | "starting" | "running" | "stopped" | "failed" | "upgrading";
  path: string | null;
  pid: number | null;
  /** ISO 8601, UTC. */
  started_at: string | null;
  health: Health["health"];
  /** Each value as an Erlang term in text: `8080`, `<<"a"/utf8>>`. */
  env: Readonly<Record<string, string>>;
  isolation: "vm" | "embedded";
  node: string | null;
  os_pid: number | null;
  /** Ours: null where its VM can't tell, or was not asked. */
  code: CodeState | null;
};

/** Which releases, by their directories, a VM that can be upgraded hot has to do with. */
export type CodeState = {
  /** It runs this one. */
  release: string;
  /** It would boot this one by itself (init:restart/0). */
  permanent: string;
  /** Its process was started from this one. */
  booted: string;
  /** The next start of the app takes this one. */
  next: string;
  /** Modules that are loaded, and not as `release` has them. */
  otherCode: readonly string[];
};

/** What is not as a deployment leaves it, in words: upgraded by hand and not made permanent, code loaded by hand. */
export function codeDrift({ release, permanent, next, otherCode }: CodeState): string[] {
  return [
    ...(permanent === release ? [] : [`runs ${release}, which was not made permanent: it would boot ${permanent}`]),
    ...(next === release ? [] : [`runs ${release}, and the next start takes ${next || "nothing"}`]),
    ...(otherCode.length === 0 ? [] : [`has loaded other code than ${release} has, of ${otherCode.join(", ")}`]),
  ];
}

/** The state of an app as observed on a host whose releases lie below `root`. */
export function appState(app: ObservedApp, root: string, code: CodeState | null = null): AppState {
  const { running, recorded } = app;
  const release = running?.release ?? app.current;
  const isEmbedded = recorded?.node !== undefined;
  // A process of the system has its node, not the app.
  const pid = isEmbedded ? null : (running?.pid ?? null);
  return {
    name: app.name,
    version: running?.version ?? recorded?.version ?? null,
    description: recorded?.spec.description ?? null,
    icon: recorded?.spec.icon ?? null,
    status: statusOf(app),
    path: release === null ? null : `${root}/${app.name}/${release}`,
    pid,
    started_at: running === null ? null : new Date(running.startedAt * 1000).toISOString(),
    health: app.health.health,
    env: Object.fromEntries(Object.entries(recorded?.spec.env ?? {}).map(([key, term]) => [key, formatTerm(term)])),
    isolation: isEmbedded ? "embedded" : "vm",
    node: running?.node ?? null,
    os_pid: pid,
    code,
  };
}

function statusOf(app: ObservedApp): AppState["status"] {
  if (app.unfinished.length > 0) return app.recorded === null ? "pending" : "upgrading";
  if (app.running !== null) return app.running.version === null ? "starting" : "running";
  return app.recorded === null ? "stopped" : "failed";
}
