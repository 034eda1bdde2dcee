// Every code's words, made of facts as they occur. A new code does not compile here until it has a sample.
import { describe, expect, test } from "vitest";
import { problem, wordsOf } from "../../../src/core/problem.ts";
import { type Code, type Facts, words } from "../../../src/core/problem-words.ts";

const SHA = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
const URL = "https://example.org/counter-1.4.0.tar.gz";

const SAMPLES: { [C in Code]: Facts<C> } = {
  invalid_syntax: { detail: '"name" is there twice' },
  missing_field: { field: "source.url" },
  invalid_value: { field: "health.port", expected: "1..65535", got: "the number 99999" },
  unknown_field: { field: "retian", suggestion: "retain" },
  not_supported: { what: "strategy hot", instead: "Use strategy: restart." },
  unsupported_source: { type: "git", instead: "Build a release tarball." },
  duplicate_app: { app: "counter", other: "apps/a/app.yaml" },
  duplicate_overlay: { other: "apps/counter/app.staging.yaml" },
  unknown_overlay: { environment: "producton", suggestion: "production" },
  unknown_proxy: { proxy: "egde", suggestion: "edge" },
  unknown_dependency: { app: "counter", dependency: "brokr", suggestion: "broker" },
  dependency_cycle: { cycle: ["a", "b", "a"] },
  unknown_host: { host: "wbe1", suggestion: "web1" },
  no_host_matches: { app: "counter", selector: "role=web" },
  no_node: { host: "web2" },
  node_down: { node: "shop", detail: "no running VM has that name" },
  not_embeddable: {
    node: "shop",
    detail: "it needs the application inets, which neither the node nor the release has",
  },
  duplicate_host: { host: "web2", other: "web1", address: "192.0.2.11:22", what: "root /opt/releases" },
  twice_on_machine: { app: "counter", hosts: ["web1", "web2"], address: "192.0.2.11:22" },
  removed_dependency: { app: "db", dependent: "api", place: "apps/api/app.yaml:4:14" },
  port_conflict: { port: 8080, apps: ["counter", "greeter"], host: "web1" },
  secret_withheld: { secret: "DEPLOY_KEY", input: "ssh-key" },
  missing_secret: { secret: "DB_PASSWORD" },
  no_specs: { folder: "apps", commit: "c0ffee" },
  spec_vanished: { app: "counter", folder: "apps/counter" },
  not_in_git: { what: "a symbolic link" },
  spec_misplaced: { app: "counter", expected: "apps/counter/app.yaml" },
  no_fleet: { file: "fleet.yaml", commit: "c0ffee" },
  missing_input: { input: "ssh-key", why: "to reach hosts" },
  invalid_input: { input: "concurrency", expected: "1..100", got: '"many"' },
  unknown_commit: { commit: "c0ffee", detail: "it is not in this clone" },
  fetch_failed: { url: URL, detail: "404" },
  source_not_allowed: {
    url: "http://10.0.0.5/a.tar.gz",
    why: "10.0.0.5 is no address of the public internet",
    line: "http://10.0.0.5/",
  },
  checksum_mismatch: { url: URL, expected: SHA, actual: SHA.replaceAll("0", "1") },
  invalid_artifact: { url: URL, detail: "it has no releases folder" },
  host_not_contacted: { host: "web3", why: "it is not in the pull request's base" },
  host_unreachable: { address: "web1:22", detail: "connection refused" },
  host_silent: { address: "web1:22", waitedMs: 20_000 },
  host_key_missing: {
    ...{ address: "192.0.2.11:22", host: "web1", key: "ssh-ed25519 AAAA", fingerprint: "SHA256:abc" },
    file: "/etc/ssh/ssh_host_ed25519_key.pub",
  },
  host_key_unknown: { address: "192.0.2.11:22", host: "web1" },
  host_key_changed: { address: "web1:22", offered: ["ssh-ed25519 AAAA"], pinned: ["ssh-ed25519 CCCC"] },
  ssh_auth_failed: { user: "deploy", address: "web1:22", key: "ssh-ed25519 SHA256:abc" },
  login_shell_unusable: { user: "deploy", address: "web1:22", exit: 1 },
  login_eats_input: { user: "deploy", address: "web1:22" },
  agent_not_put: { root: "/opt/releases", detail: "the command ended with exit code 1" },
  ssh_key_unusable: { what: "holds the public half of a key", instead: "Paste the other one." },
  runner_lacks: { tool: "ssh", pack: "openssh-client" },
  runner_user_unknown: { uid: 1234 },
  connection_lost: { address: "web1:22", detail: "reset by peer" },
  host_stalled: { address: "192.0.2.11:22", what: "nothing more was answered", waitedMs: 45_000 },
  answer_too_long: { address: "192.0.2.11:22", what: "what it answers has no end; it was cut off" },
  protocol_error: { detail: "no answer line" },
  same_machine: { other: "web1", machineId: "4f2c" },
  same_machine_id: { other: "web1", machineId: "4f2c" },
  host_lacks: { tool: "tar" },
  user_missing: { user: "shop" },
  root_unsafe: { path: "/opt", owner: "mallory", mode: "drwxrwxrwx", user: "deploy", fault: "mode" },
  root_of_another: { root: "/opt/releases", owner: "deploy", user: "root" },
  root_not_reachable: { root: "/opt/releases", user: "shop" },
  root_not_writable: { root: "/opt/releases", user: "deploy" },
  disk_full: { path: "/opt/releases", neededBytes: 40_000_000, freeBytes: 900_000 },
  disk_read_only: { path: "/opt/releases" },
  no_inodes: { path: "/opt/releases" },
  disk_unwritable: { path: "/opt/releases/.beamline/lock", detail: "Permission denied" },
  state_removed: { path: "/opt/releases/.beamline" },
  no_more_processes: { step: "7-start" },
  port_in_use: { port: 8080, holder: "nginx (pid 12)" },
  erts_not_runnable: { path: "/opt/releases/counter/erts/bin/erl", detail: "exec format error" },
  nothing_to_roll_back_to: { wanted: "1.0.0", there: ["0.9.0"] },
  spec_too_deep: { folder: "apps", expected: "apps/counter/app.yaml" },
  not_healthy: { saw: "status 503" },
  hooks_not_run: { path: "/opt/releases/counter/1.0.0/bin/counter", hooks: "pre_stop hooks/drain.sh" },
  release_damaged: { path: "/opt/releases/counter/1.0.0" },
  unit_taken: { file: "/etc/systemd/system/beamline-counter.service" },
  linked_directory: { path: "/opt/releases/counter", to: "/srv/counter" },
  login_ends_all: { user: "deploy" },
  not_supervised: { hosts: "web1, web2", user: "deploy" },
  no_systemd: { user: "deploy" },
  lock_timeout: { holder: "run 17", waitedMs: 125_000 },
  host_changed: { expected: "op-1", found: "op-2" },
  transfer_failed: { detail: "12 of 40 bytes" },
  start_failed: { detail: "it exited with 1" },
  stop_failed: { detail: "pid 12 is still there" },
  health_check_failed: { probe: "GET :8080/health", saw: "connection refused", waitedMs: 60_000 },
  step_timeout: { deadlineMs: 90_000 },
  hot_upgrade_failed: {
    what: "1.0.0 → 1.1.0",
    detail: "code_change of counter_server failed",
    term: "{code_change_failed}",
  },
  no_hot_upgrade: { from: "1.0.0", to: "1.1.0", why: ["erts 13.1.5 → 14.2"] },
  incomplete_inspection: { why: "its node does not answer" },
  rehearsal_failed: { from: "1.0.0", to: "1.1.0", detail: "code_change of <0.1.0> in ledger failed" },
  rehearsal_impossible: { from: "1.0.0", to: "1.1.0", why: "this job has no secret DB_PASSWORD" },
  step_failed: { detail: "tar: short read" },
  interrupted: { step: "web1/counter/3-link" },
  undo_failed: { detail: "step_failed: read-only file system", remedy: "Mount it." },
  cancelled: {},
  op_unfinished: { waitedMs: 7_500 },
  superseded: { recorded: "c0ffee", head: "decaf0" },
  record_lost: { version: "1.0.0", wanted: "1.1.0", why: "its source holds another release by now" },
  held: { failed: "health_check_failed" },
  record_unreadable: { file: "/opt/releases/.beamline/state/counter", why: "it is not JSON" },
  foreign_app: { app: "counter", owner: "acme/other (production)" },
  plan_stale: { differences: ["web1 runs 1.3.0", "web2 is gone"] },
  plan_dropped: { given: "missing" },
  secret_in_plan: { secret: "DEPLOY_USER" },
  too_many_removals: { removed: 7, owned: 8, apps: ["counter", "greeter", "5 more"], limit: "50%", allowed: 4 },
  drift_found: { detail: "1.3.0 runs instead of 1.4.0" },
  incomplete_observation: { host: "web1" },
  github_unavailable: { call: "checks.update", detail: "503" },
};

const codes = Object.keys(words) as Code[];
const wordsWith = (code: Code, facts: Facts<Code>) => wordsOf(problem(code, { in: "host", host: "web1" }, facts));

describe("the words of", () => {
  test.each(codes)("%s say on one line what is, and on another what to do", (code) => {
    const { message, remedy } = wordsWith(code, SAMPLES[code]);
    for (const text of [message, remedy]) {
      expect(text).toMatch(/^\S(.*\S)?$/);
      expect(text).not.toMatch(/undefined|null|NaN|\[object|function/);
    }
    // A remedy is a sentence, or a command after a colon; a message goes on after its place.
    expect(remedy).toMatch(/^[A-Za-z].*(\.|: \S.*)$/);
    expect(message).not.toMatch(/\.$/);
  });

  test.each(codes)("%s name the facts, so that two such problems can be told apart", (code) => {
    const { message, remedy } = wordsWith(code, SAMPLES[code]);
    const silent = Object.entries(SAMPLES[code]).flatMap(([name, fact]) =>
      typeof fact === "string" && !message.includes(fact) && !remedy.includes(fact) ? [name] : [],
    );
    // The fault of root_unsafe chooses its words.
    // Where it is said elsewhere: the path of erts is the release's.
    const elsewhere: Partial<Record<Code, string[]>> = {
      root_unsafe: ["fault"],
      erts_not_runnable: ["path"],
    };
    expect(silent).toEqual(elsewhere[code] ?? []);
  });

  test.each(["unknown_field", "unknown_dependency", "unknown_host"] as const)(
    "%s suggest what was probably meant, and nothing where nothing is near",
    (code) => {
      const facts = SAMPLES[code];
      expect(wordsWith(code, facts).message).toMatch(new RegExp(`; did you mean ${facts.suggestion}\\?$`));
      const without = wordsWith(code, { ...facts, suggestion: undefined });
      expect(without.message).not.toMatch(/did you mean|undefined/);
      expect(without.remedy).not.toMatch(/undefined/);
    },
  );

  test("units are for people: seconds, minutes, megabytes", () => {
    expect(wordsWith("disk_full", SAMPLES.disk_full).message).toBe("/opt/releases has 900 kB free, 40.0 MB are needed");
    expect(wordsWith("lock_timeout", SAMPLES.lock_timeout).message).toBe("still locked after 2 min 5 s by run 17");
    expect(wordsWith("op_unfinished", SAMPLES.op_unfinished).message).toContain("(waited 7.5 s)");
  });

  test("a folder that can't be written can be mended with the command they give", () => {
    const { remedy } = wordsWith("root_not_writable", SAMPLES.root_not_writable);
    expect(remedy).toBe("On the host: mkdir -p /opt/releases && chown deploy /opt/releases");
  });

  test("a missing secret can be pasted into the workflow", () => {
    const { remedy } = wordsWith("missing_secret", SAMPLES.missing_secret);
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is an expression of GitHub's
    expect(remedy).toContain('"DB_PASSWORD": ${{ toJSON(secrets.DB_PASSWORD) }}');
  });

  test("a code is spelt like an atom", () => {
    expect(codes.filter((code) => !/^[a-z]+(_[a-z]+)*$/.test(code))).toEqual([]);
    expect(codes.length).toBeGreaterThan(50);
  });
});
