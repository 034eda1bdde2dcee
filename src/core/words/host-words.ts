// What is wrong with a host, or with the way to it, before anything stops there.
import { formatBytes, formatDuration } from "../quantity.ts";
import { type UnsafeDirectory, unsafeDirectory } from "./unsafe-directory.ts";

export const hostWords = {
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
  host_key_missing: (f: { address: string; host: string; key: string; file: string; fingerprint: string }) => ({
    message: `no host key is pinned for ${f.address}`,
    remedy: `On the host, ssh-keygen -lf ${f.file} must show ${f.fingerprint}. Then add to ${f.host} in the fleet file: host_key: "${f.key}"`,
  }),
  host_key_unknown: (f: { address: string; host: string }) => ({
    message: `no host key is pinned for ${f.address}, and it shows none`,
    remedy: `Add to ${f.host} in the fleet file as host_key what the host has in: /etc/ssh/ssh_host_ed25519_key.pub`,
  }),
  host_key_changed: (f: { address: string; offered: readonly string[]; pinned: readonly string[] }) => ({
    message: `${f.address} shows another host key than the pinned one`,
    remedy: `Reinstalled, or an attack? Pinned ${f.pinned.join(", ")}; offered ${f.offered.join(", ")}.`,
  }),
  ssh_auth_failed: (f: { user: string; address: string; key: string }) => ({
    message: `${f.address} refuses user ${f.user} with the key in ssh-key (${f.key})`,
    remedy: `On the host, ssh-keygen -lf ~${f.user}/.ssh/authorized_keys must list that key; that file and the directories above it must be writable by ${f.user} and root alone, the account not locked, and there must be no /etc/nologin.`,
  }),
  login_shell_unusable: (f: { user: string; address: string; exit: number }) => ({
    message: `${f.address} lets ${f.user} log in, but what its login runs is not Beamline's command (it ended with exit code ${f.exit})`,
    remedy: `On the host, ${f.user} needs a plain shell such as /bin/sh in /etc/passwd; its .bashrc must neither end, start another shell, nor read standard input where nobody types; and no ForceCommand or command= may stand in the way.`,
  }),
  login_eats_input: (f: { user: string; address: string }) => ({
    message: `what is sent to ${f.user} on ${f.address} does not arrive whole: something in that login reads it first`,
    remedy:
      "Nothing was done. Find what reads standard input in that user's start files (.bashrc: read, cat, ssh), and let it do so only where the shell is interactive.",
  }),
  agent_not_put: (f: { root: string; detail: string }) => ({
    message: `the agent can't be put into ${f.root}/.beamline: ${f.detail}`,
    remedy: "Nothing was done. Look at the host's disk, and at the directory's owner and mode.",
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
  login_ends_all: (f: { user: string }) => ({
    message: `the host ends whatever ${f.user} has started when its login ends: an op could not go on, and no app would`,
    remedy: `On the host, as root: loginctl enable-linger ${f.user}. Or KillUserProcesses=no in logind.conf (KillMode=process for a unit that sshd or the like makes for each connection).`,
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
  hooks_not_run: (f: { path: string; hooks: string }) => ({
    message: `${f.path} has hooks for a stop, and Beamline stops a VM without its start script: ${f.hooks}`,
    remedy:
      "Do it in the application (its stop/1 or prep_stop/1), and take the hooks out of rebar.config (extended_start_script_hooks). pre_start hooks are run.",
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
    remedy:
      "Where another root of this host has it, give this entry of the fleet file another user, or supervisor: daemon. Else remove that unit, or give the app another name.",
  }),
  linked_directory: (f: { path: string; to: string }) => ({
    message: `${f.path} is a symbolic link, to ${f.to}`,
    remedy: `Nothing was changed. On the host, put a real directory in its place; to keep it on another disk, use a bind mount.`,
  }),
  not_supervised: (f: { hosts: string; user: string }) => ({
    message: `nothing starts apps again after a crash or a reboot on ${f.hosts}: systemd does not run there, or not for ${f.user} when nobody is logged in`,
    remedy: `On the host: loginctl enable-linger ${f.user}. Where it is meant, set supervisor: daemon in the fleet file.`,
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
};
