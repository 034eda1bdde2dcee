// One app's wanted state (DESIGN §4), as the rest of Beamline sees it: complete, with all defaults filled in.
import type { ErlangTerm } from "./erlang-term.ts";

/** A host selector: names, or labels that must all match; null is every host of the environment. */
export type HostSelector = { names: readonly string[] } | { labels: Readonly<Record<string, string>> } | null;

/** Where the code comes from. `ref` of git is a tag, a branch or a commit, of hex a version. `sha256` is 64 lower-case hex digits. */
export type Source =
  | { type: "release"; url: string; sha256?: string }
  | { type: "git"; url: string; ref: string; sha256?: string }
  | { type: "hex"; ref: string; sha256?: string };

/** How an app proves that it is well. Times in ms. */
export type HealthCheck = {
  type: "none" | "http" | "tcp" | "custom";
  port?: number;
  path?: string;
  /** Of a custom check: its check/0 is called in the app's VM. */
  module?: string;
  /** An executable on the host; healthy when it exits 0. */
  command?: string;
  expect: { status: number; body?: string };
  /** How many answers in a row count as healthy, and as unhealthy. */
  successes?: number;
  failures?: number;
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

/** What an app's VM may take: MiB of memory, schedulers; further arguments of the emulator; what its node's name begins with. */
export type VmConfig = {
  memory_limit?: number;
  scheduler_limit?: number;
  node_prefix?: string;
  extra_args?: readonly string[];
};

/** What switches traffic between slots: one of the fleet's proxies by name, or one of the app's own. */
export type ReverseProxy = {
  type: "haproxy" | "nginx" | "caddy" | "command";
  [option: string]: string | number | boolean | readonly string[];
};

/** Times in ms. */
export type HotStrategy = {
  type: "hot";
  /** Where no hot upgrade is possible. */
  on_no_appup: "restart" | "fail";
  /** `auto`: what no appup leads to is generated from the code itself. */
  appup: "auto" | "shipped";
  /** What becomes of doubts about an appup. */
  appup_lint: "warning" | "error";
  /** For how long processes may go on in code that is to be replaced. */
  linger_timeout: number;
  /** What becomes of those that still do. */
  on_linger: "refuse" | "kill";
  /** For how long a process may take to be suspended, and to change its state. */
  suspend_timeout: number;
};

/** How a host gets from one version to the next. Times in ms. */
export type Strategy =
  | { type: "restart" }
  | HotStrategy
  | {
      type: "blue-green";
      ports?: { blue: number; green: number };
      proxy?: string | ReverseProxy;
      drain_timeout: number;
    }
  | { type: "release" }
  | { type: "custom"; runtime: string };

/** A number of hosts, or a share of them in percent. */
export type HostCount = { hosts: number } | { percent: number };

/** Order and pace over an app's hosts. `pause` in ms. */
export type Rollout = { canary?: HostCount; batch?: HostCount; pause?: number; max_failures: number };

/** One app's wanted state, with all defaults filled in. A plain JSON value, free of secrets' values. */
export type AppSpec = {
  name: string;
  version: string;
  description?: string;
  icon?: Icon;
  source: Source;
  isolation: "vm" | "embedded";
  vm_config?: VmConfig;
  env: Readonly<Record<string, ErlangTerm>>;
  os_env: Readonly<Record<string, { value: string } | { secret: string }>>;
  depends_on: readonly string[];
  health: HealthCheck;
  strategy: Strategy;
  hosts: HostSelector;
  rollout: Rollout;
  retain: number;
};
