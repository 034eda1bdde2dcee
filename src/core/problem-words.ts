// Every problem Beamline can name, with the facts each needs. A released code keeps its meaning for ever; docs/problems.md
// is generated from this table. Message: what is, one line. Remedy: the next thing to type or open.
import { formatBytes, formatDuration } from "./quantity.ts";
import { type UnsafeDirectory, unsafeDirectory } from "./unsafe-directory.ts";

const suggested = (suggestion: string | undefined): string => (suggestion ? `; did you mean ${suggestion}?` : "");

export const words = {
  // Spec and fleet files
  invalid_syntax: (f: { detail: string }) => ({
    message: f.detail,
    remedy: "Correct the file; a YAML-aware editor shows the same place.",
  }),
  missing_field: (f: { field: string }) => ({
    message: `${f.field} is missing`,
    remedy: `Add ${f.field}; docs/spec.md lists every field.`,
  }),
  invalid_value: (f: { field: string; expected: string; got: string }) => ({
    message: `${f.field} must be ${f.expected}, got ${f.got}`,
    remedy: "Correct the value; docs/spec.md lists what each field takes.",
  }),
  unknown_field: (f: { field: string; suggestion?: string | undefined }) => ({
    message: `${f.field} is not a field Beamline knows, it has no effect${suggested(f.suggestion)}`,
    remedy: f.suggestion ? `Rename it to ${f.suggestion}.` : "Remove it, or leave it if another tool reads it.",
  }),
  not_supported: (f: { what: string; instead: string }) => ({
    message: `${f.what} is not supported by this version of Beamline`,
    remedy: f.instead,
  }),
  unsupported_source: (f: { type: string; instead: string }) => ({
    message: `source.type ${f.type} is not supported by this version of Beamline`,
    remedy: f.instead,
  }),
  duplicate_app: (f: { app: string; other: string }) => ({
    message: `app ${f.app} is also named by ${f.other}`,
    remedy: "Give each app one folder.",
  }),
  duplicate_overlay: (f: { other: string }) => ({
    message: `this app and environment already have the overlay ${f.other}`,
    remedy: "Keep one of the two files.",
  }),
  unknown_overlay: (f: { environment: string; suggestion?: string | undefined }) => ({
    message: `the fleet file has no environment ${f.environment}: this file has no effect${suggested(f.suggestion)}`,
    remedy: "Rename the file after an environment, or remove it.",
  }),
  unknown_proxy: (f: { proxy: string; suggestion?: string | undefined }) => ({
    message: `the fleet file has no proxy ${f.proxy}${suggested(f.suggestion)}`,
    remedy: "Correct the name, or add the proxy to the fleet file.",
  }),
  unknown_dependency: (f: { app: string; dependency: string; suggestion?: string | undefined }) => ({
    message: `${f.app} depends on ${f.dependency}, which no spec names${suggested(f.suggestion)}`,
    remedy: "Correct the name, or add that app's spec.",
  }),
  dependency_cycle: (f: { cycle: readonly string[] }) => ({
    message: `depends_on forms a cycle: ${f.cycle.join(" → ")}`,
    remedy: "Remove one of these dependencies.",
  }),
  unknown_host: (f: { host: string; suggestion?: string | undefined }) => ({
    message: `no host of this environment is named ${f.host}${suggested(f.suggestion)}`,
    remedy: "Correct the name, or add the host to the fleet file.",
  }),
  no_host_matches: (f: { app: string; selector: string }) => ({
    message: `no host of this environment matches ${f.selector} for ${f.app}`,
    remedy: "Correct the labels here or in the fleet file.",
  }),
  no_node: (f: { host: string }) => ({
    message: `${f.host} has no node for embedded apps`,
    remedy: "Name one in the fleet file (node: shop), choose other hosts, or use isolation: vm.",
  }),
  duplicate_host: (f: { host: string; other: string; address: string }) => ({
    message: `hosts ${f.host} and ${f.other} are both ${f.address}`,
    remedy: "Keep one of the two entries.",
  }),
  port_conflict: (f: { port: number; apps: readonly [string, string]; host: string }) => ({
    message: `${f.apps[0]} and ${f.apps[1]} both want port ${f.port} on ${f.host}`,
    remedy: "Give one of them another port, or other hosts.",
  }),
  missing_secret: (f: { secret: string; suggestion?: string | undefined }) => ({
    message: `secret ${f.secret} is not in the input secrets${suggested(f.suggestion)}`,
    remedy: `Pass it in the JSON object of the input secrets: "${f.secret}": \${{ toJSON(secrets.${f.secret}) }}.`,
  }),
  secret_withheld: (f: { secret: string; input: string }) => ({
    message: `secret ${f.secret} is, or holds, what the input ${f.input} is given: no app may have it`,
    remedy: "Name another secret here. In the workflow, pass only the secrets that apps need, each by its name.",
  }),
  no_specs: (f: { folder: string; commit: string }) => ({
    message: `${f.folder}/ holds no app spec at commit ${f.commit}`,
    remedy: "Nothing is ever removed because a folder is empty. Check the input specs and the commit.",
  }),
  spec_vanished: (f: { app: string; folder: string }) => ({
    message: `${f.folder}/ still exists, but no longer holds a spec file for ${f.app}`,
    remedy: "Restore the spec file, or delete the whole folder to remove the app.",
  }),
  spec_too_deep: (f: { folder: string; expected: string }) => ({
    message: `a spec must be in a folder of its own right below ${f.folder}/, this one is not looked at`,
    remedy: `Move it to ${f.expected}.`,
  }),
  not_in_git: (f: { what: string }) => ({
    message: `a spec's folder and file must be in this repository itself, this is ${f.what}`,
    remedy: "Put the folder and its files there; nothing is removed because it can't be followed.",
  }),
  spec_misplaced: (f: { app: string; expected: string }) => ({
    message: `no spec names ${f.app} any more, and this file looks like its spec`,
    remedy: `Move it to ${f.expected}, or delete it as well to remove the app.`,
  }),
  no_fleet: (f: { file: string; commit: string }) => ({
    message: `fleet file ${f.file} does not exist at commit ${f.commit}`,
    remedy: "Commit it, or name another in the input fleet.",
  }),

  // Inputs and git
  missing_input: (f: { input: string; why: string }) => ({
    message: `input ${f.input} is required ${f.why}`,
    remedy: `Set it under with: in the workflow.`,
  }),
  invalid_input: (f: { input: string; expected: string; got: string }) => ({
    message: `input ${f.input} must be ${f.expected}, got ${f.got}`,
    remedy: "Correct it under with: in the workflow.",
  }),
  unknown_commit: (f: { commit: string; detail: string }) => ({
    message: `commit ${f.commit} can't be read: ${f.detail}`,
    remedy: "Use actions/checkout in the job before Beamline; fetch-depth: 0 helps with rewritten histories.",
  }),

  // Artifacts
  fetch_failed: (f: { url: string; detail: string }) => ({
    message: `${f.url} can't be fetched: ${f.detail}`,
    remedy: "Check that the artifact exists at this url and can be read from the runner.",
  }),
  source_not_allowed: (f: { url: string; why: string; line: string }) => ({
    message: `${f.url} is not fetched: ${f.why}`,
    remedy: `If a release may come from there, give the workflow's input allow-sources this line: ${f.line}`,
  }),
  checksum_mismatch: (f: { url: string; expected: string; actual: string }) => ({
    message: `${f.url} has sha256 ${f.actual}, the spec says ${f.expected}`,
    remedy: "If the artifact is right, put its sha256 into the spec; if not, someone changed it: find out who.",
  }),
  invalid_artifact: (f: { url: string; detail: string }) => ({
    message: `${f.url} is no usable release: ${f.detail}`,
    remedy: "Build it again with rebar3 tar or mix release, and check the upload.",
  }),

  // Reaching hosts
  host_not_contacted: (f: { host: string; why: string }) => ({
    message: `${f.host} is not contacted: ${f.why}`,
    remedy:
      "It is planned after the merge. To log in to it from pull requests, too: input contact-changed-hosts: true.",
  }),
  host_unreachable: (f: { address: string; detail: string }) => ({
    message: `${f.address} can't be reached: ${f.detail}`,
    remedy: "Check address, port and firewall; the runner must reach the host's sshd.",
  }),
  host_silent: (f: { address: string; waitedMs: number }) => ({
    message: `${f.address} accepts connections, but no SSH answer came in ${formatDuration(f.waitedMs)}`,
    remedy: "Log in to the host by another way: sshd hangs, or something else listens on that port.",
  }),
  host_key_missing: (f: { address: string; offered: readonly string[] }) => ({
    message: `no host key is pinned for ${f.address}`,
    remedy: `Verify the key on the host, then pin it as host_key in the fleet file. It offered: ${f.offered.join(", ")}.`,
  }),
  host_key_changed: (f: { address: string; offered: readonly string[]; pinned: readonly string[] }) => ({
    message: `${f.address} shows another host key than the pinned one`,
    remedy: `Reinstalled, or an attack? Pinned ${f.pinned.join(", ")}; offered ${f.offered.join(", ")}.`,
  }),
  ssh_auth_failed: (f: { user: string; address: string }) => ({
    message: `${f.address} refuses user ${f.user} with the key in ssh-key`,
    remedy: "Add the public key to that user's authorized_keys on the host.",
  }),
  connection_lost: (f: { address: string; detail: string }) => ({
    message: `the connection to ${f.address} was lost: ${f.detail}`,
    remedy: "What runs there ends or undoes by itself; the next run picks it up.",
  }),
  host_stalled: (f: { address: string; what: string; waitedMs: number }) => ({
    message: `${f.address}: ${f.what} within ${formatDuration(f.waitedMs)}`,
    remedy: "Log in to the host as that user: a start file of its shell (.bashrc), a node or the machine itself hangs.",
  }),
  answer_too_long: (f: { address: string; what: string }) => ({
    message: `${f.address}: ${f.what}`,
    remedy: "Log in to the host as that user: find out what prints that, and whose host it is by now.",
  }),
  protocol_error: (f: { detail: string }) => ({
    message: `the host's answer makes no sense: ${f.detail}`,
    remedy: "Run again with debug logging (ACTIONS_STEP_DEBUG) and report it.",
  }),
  same_machine_id: (f: { other: string; machineId: string }) => ({
    message: `${f.other} claims the same machine-id (${f.machineId}), and is another machine`,
    remedy:
      "Cloned from one image: run systemd-machine-id-setup on one of them. If neither is a clone, one of them is lying.",
  }),
  same_machine: (f: { other: string; machineId: string }) => ({
    message: `this host is the same machine as ${f.other} (machine-id ${f.machineId})`,
    remedy: "Keep one of the two entries in the fleet file; cloned VMs need a machine-id of their own.",
  }),

  // On the host, before anything stops
  host_lacks: (f: { tool: string }) => ({
    message: `the host has no ${f.tool}`,
    remedy: `Install ${f.tool} on the host.`,
  }),
  root_not_writable: (f: { root: string; user: string }) => ({
    message: `${f.root} is not writable for ${f.user}`,
    remedy: `On the host: mkdir -p ${f.root} && chown ${f.user} ${f.root}`,
  }),
  root_unsafe: (f: UnsafeDirectory) => unsafeDirectory(f),
  root_of_another: (f: { root: string; owner: string; user: string }) => ({
    message: `what lies in ${f.root} is ${f.owner}'s, and the fleet file has user: ${f.user}`,
    remedy: `Keep user: ${f.owner}. Or stop ${f.owner}'s apps, disable their units, then on the host: chown -R ${f.user}: ${f.root}`,
  }),
  user_missing: (f: { user: string }) => ({
    message: `run_as is ${f.user}, and the host has no such user`,
    remedy: `On the host: useradd --create-home ${f.user}. Or correct run_as in the fleet file.`,
  }),
  root_not_reachable: (f: { root: string; user: string }) => ({
    message: `${f.root} can't be reached by ${f.user}, whom run_as names`,
    remedy: `On the host: chmod a+x for each directory above ${f.root}. Or choose another root.`,
  }),
  disk_full: (f: { path: string; neededBytes: number; freeBytes: number }) => ({
    message: `${f.path} has ${formatBytes(f.freeBytes)} free, ${formatBytes(f.neededBytes)} are needed`,
    remedy: "Free space on the host, or lower retain.",
  }),
  disk_read_only: (f: { path: string }) => ({
    message: `${f.path} lies on a disk that is read-only`,
    remedy: "Look at the host's disk (dmesg, fsck); run again once it can be written, which clears away what was left.",
  }),
  no_inodes: (f: { path: string }) => ({
    message: `${f.path} lies on a disk without free inodes`,
    remedy: "Remove files on the host (df -i shows where there are too many), and run again.",
  }),
  disk_unwritable: (f: { path: string; detail: string }) => ({
    message: `${f.path} can't be written: ${f.detail}`,
    remedy: "Look at the host: at the directory's owner and mode, and at its disk (dmesg). Then run again.",
  }),
  state_removed: (f: { path: string }) => ({
    message: `${f.path} was removed while the app was being changed`,
    remedy: "What ran before runs again. Put back the rest of the directory from a backup, and run again.",
  }),
  no_more_processes: (f: { step: string }) => ({
    message: `the agent broke off in step ${f.step}: the host could start no more processes`,
    remedy: "What ran before runs again. See to the host's limits (pids, nproc, memory), and run again.",
  }),
  port_in_use: (f: { port: number; holder: string }) => ({
    message: `port ${f.port} is held by ${f.holder}, not by this app`,
    remedy: "Stop that process, or give the app another port.",
  }),
  erts_not_runnable: (f: { path: string; detail: string }) => ({
    message: `the release's Erlang runtime does not run on this host: ${f.detail}`,
    remedy:
      "Build the release for this host's architecture and libc, or install a matching Erlang. A version that runs here is tried as soon as the spec names it.",
  }),
  release_damaged: (f: { path: string }) => ({
    message: `${f.path} is not what was unpacked there`,
    remedy:
      "Somebody changed it, or the disk did. Run again: the release is then sent again, beside it, or the plan says why not.",
  }),
  node_down: (f: { node: string; detail: string }) => ({
    message: `node ${f.node} does not run on this host: ${f.detail}`,
    remedy:
      "Start it, or correct node in the fleet file. If an app of this repository is that node, add it to depends_on.",
  }),
  not_embeddable: (f: { node: string; detail: string }) => ({
    message: `can't be embedded in ${f.node}: ${f.detail}`,
    remedy: "Change the app or its node so that both fit into one VM, or use isolation: vm.",
  }),
  unit_taken: (f: { file: string }) => ({
    message: `${f.file} exists, and is not Beamline's for this app and root`,
    remedy: "Remove that unit, or give the app another name.",
  }),
  linked_directory: (f: { path: string; to: string }) => ({
    message: `${f.path} is a symbolic link, to ${f.to}`,
    remedy: `Nothing was changed. On the host, put a real directory in its place; to keep it on another disk, use a bind mount.`,
  }),
  no_systemd: (f: { user: string }) => ({
    message: `the fleet file asks for systemd, which does not run here, or not for ${f.user} when nobody is logged in`,
    remedy: `On the host: loginctl enable-linger ${f.user}. Or log in as root, or set supervisor: daemon.`,
  }),
  lock_timeout: (f: { holder: string; waitedMs: number }) => ({
    message: `still locked after ${formatDuration(f.waitedMs)} by ${f.holder}`,
    remedy: "Wait for that run to end, or raise lock-timeout.",
  }),
  host_changed: (f: { expected: string; found: string }) => ({
    message: `another run changed this app since the plan was made (op ${f.found}, planned on ${f.expected})`,
    remedy: "Run again: the plan is made anew from what is there.",
  }),

  // Steps
  transfer_failed: (f: { detail: string }) => ({
    message: `the release did not arrive whole: ${f.detail}`,
    remedy: "Run again; if it repeats, check the host's disk and network.",
  }),
  start_failed: (f: { detail: string }) => ({
    message: `the app did not start: ${f.detail}`,
    remedy: "Read its last lines below; correct the release or its env.",
  }),
  stop_failed: (f: { detail: string }) => ({
    message: `the app did not stop: ${f.detail}`,
    remedy: "Look at the process on the host.",
  }),
  health_check_failed: (f: { probe: string; saw: string; waitedMs: number }) => ({
    message: `${f.probe} was not healthy within ${formatDuration(f.waitedMs)}: ${f.saw}`,
    remedy: "Read the app's last lines below; raise health.start_timeout if it only needs longer.",
  }),
  step_timeout: (f: { deadlineMs: number }) => ({
    message: `did not end within its deadline of ${formatDuration(f.deadlineMs)}`,
    remedy: "Look at the host's load and disk.",
  }),
  step_failed: (f: { detail: string }) => ({
    message: f.detail,
    remedy: "Look at the host; run again when it is mended.",
  }),
  hot_upgrade_failed: (f: { what: string; detail: string; term: string }) => ({
    message: `hot upgrade ${f.what}: ${f.detail}${f.term === "" ? "" : ` (${f.term})`}`,
    remedy:
      "What was refused before anything changed is tried again by the next run. Else correct the code or its appup, or use strategy: restart for this version; docs/hot-upgrade.md says more.",
  }),
  no_hot_upgrade: (f: { from: string; to: string; why: readonly string[] }) => ({
    message: `${f.from} can't become ${f.to} without a restart: ${f.why.join("; ")}`,
    remedy: "Use on_no_appup: restart to allow the restart, or change what stands in the way.",
  }),
  incomplete_inspection: (f: { why: string }) => ({
    message: `whether it can be upgraded without a restart is not known: ${f.why}`,
    remedy: "Nothing is done to it here. Run again; if it comes again, strategy: restart asks no node.",
  }),
  rehearsal_failed: (f: { from: string; to: string; detail: string }) => ({
    message: `the hot upgrade ${f.from} → ${f.to} fails when it is rehearsed: ${f.detail}`,
    remedy: "Correct the code or its appup, or use strategy: restart for this version; docs/hot-upgrade.md says more.",
  }),
  rehearsal_impossible: (f: { from: string; to: string; why: string }) => ({
    message: `the hot upgrade ${f.from} → ${f.to} can't be rehearsed here: ${f.why}`,
    remedy: "Nothing is proven either way, and nothing is held up; docs/hot-upgrade.md says what a rehearsal needs.",
  }),
  not_healthy: (f: { saw: string }) => ({
    message: `runs as it should, and is not healthy: ${f.saw}`,
    remedy: "Nothing is done about it: look at the app, its log and what it depends on.",
  }),
  interrupted: (f: { step: string }) => ({
    message: `an earlier run was cut off in step ${f.step}; it has been undone`,
    remedy: "Nothing: this run goes on from there.",
  }),
  undo_failed: (f: { step: string; detail: string }) => ({
    message: `could not be undone: ${f.detail}`,
    remedy: "The app is broken on this host: look at it now. The next run tries again from what it finds.",
  }),
  op_unfinished: (f: { waitedMs: number }) => ({
    message: `still at work on the host when this run was cancelled (waited ${formatDuration(f.waitedMs)})`,
    remedy: "It finishes or undoes by itself; run status in a minute.",
  }),

  // Plan
  superseded: (f: { recorded: string; head: string }) => ({
    message: `what runs here is of commit ${f.recorded}, which is newer than ${f.head}`,
    remedy: "Nothing to do: this run is late. To go back on purpose, revert the commit.",
  }),
  nothing_to_roll_back_to: (f: { wanted: string; there: readonly string[] }) => ({
    message: `${f.wanted} is not on the host any more, with its configuration${f.there.length > 0 ? ` (still there: ${f.there.join(", ")})` : ""}`,
    remedy:
      "Name a version that is still there, or revert the commit and push. retain says how many releases stay on a host.",
  }),
  record_lost: (f: { version: string; wanted: string; why: string }) => ({
    message: `${f.version} is gone or damaged here and can't be sent again: ${f.why}`,
    remedy: `Change the spec to a version that can be deployed, or try ${f.wanted} again with the input retry-failed: true.`,
  }),
  held: (f: { failed: string }) => ({
    message:
      f.failed === "rolled_back"
        ? "this very spec was rolled back here and is held: it is not tried again"
        : `this very spec failed here before (${f.failed}) and is held: it is not tried again`,
    remedy: "Change the spec, or set the input retry-failed: true.",
  }),
  record_unreadable: (f: { file: string; why: string }) => ({
    message: `${f.file} can't be read as a record: ${f.why}`,
    remedy:
      "Nothing is done there. Give the file back to the login's user, or restore it, or a line of its .history; or remove it and the app.",
  }),
  foreign_app: (f: { app: string; owner: string }) => ({
    message: `${f.app} belongs to ${f.owner}`,
    remedy: "Rename the app, choose other hosts, or remove it from there first.",
  }),
  plan_stale: (f: { differences: readonly string[] }) => ({
    message: `the world changed since the plan was approved: ${f.differences.join("; ")}`,
    remedy: "Plan again and approve the new plan.",
  }),
  too_many_removals: (f: {
    removed: number;
    owned: number;
    apps: readonly string[];
    limit: string;
    allowed: number;
    /** Where the hosts alone say that these apps are deployed from here: which. */
    on?: string;
  }) => ({
    message: `${f.removed} of the ${f.owned} apps deployed from here${f.on === undefined ? "" : ` to ${f.on}`} would be removed, max-removals (${f.limit}) allows ${f.allowed}: ${f.apps.join(", ")}`,
    remedy: `If all of them are to go, set max-removals: ${f.removed} for this run; if not, check specs, environment, ${f.on === undefined ? "and what was deleted" : "base, and who wrote that host's records"}.`,
  }),
  drift_found: (f: { detail: string }) => ({
    message: `drifted: ${f.detail}`,
    remedy: "on-drift is report: nothing was changed. Set on-drift: heal to bring it back.",
  }),
  incomplete_observation: (f: { host: string }) => ({
    message: `nothing is known about ${f.host}, so nothing is planned there`,
    remedy: "See the host's own problem.",
  }),

  // GitHub
  github_unavailable: (f: { call: string; detail: string }) => ({
    message: `${f.call} failed: ${f.detail}`,
    remedy: "The deploy is not affected; only this report is missing on GitHub. Check permissions: checks: write.",
  }),
} satisfies Record<string, (facts: never) => { message: string; remedy: string }>;

export type Code = keyof typeof words;
export type Facts<C extends Code> = Parameters<(typeof words)[C]>[0];
