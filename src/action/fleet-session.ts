// The run's connections: one a host, opened by the first look at it, closed at the end.
import { Failure } from "../core/failure.ts";
import type { Problem } from "../core/problem.ts";
import { problem } from "../core/problem.ts";
import { agentFile } from "../host/agent-file.ts";
import { HostClient } from "../host/client.ts";
import type { Observation } from "../host/observation.ts";
import { reportedProblem } from "../host/reported-problem.ts";
import type { PrivateDirectory } from "../process/private-directory.ts";
import type { ObservedHost } from "../runtime/observed.ts";
import type { Host } from "../spec/host.ts";
import { Connection } from "../ssh/connection.ts";
import type { KeyFile } from "../ssh/key-file.ts";
import { knownHostsFile } from "../ssh/known-hosts.ts";
import { machinesOf } from "./same-machines.ts";

export type Observed = { hosts: ObservedHost[]; problems: Map<string, Problem>; warnings: Problem[] };

export type FleetSession = {
  client(host: string): HostClient;
  observe(hosts: readonly Host[], apps: readonly string[]): Promise<Observed>;
  close(): Promise<void>;
};

/** Hosts that a warning names before it only counts. */
const NAMED = 5;

/** How often a wait is said aloud. */
const SAY_EVERY_MS = 10_000;

export async function openFleet(
  hosts: readonly Host[],
  given: {
    key: KeyFile;
    knownHosts: string;
    /** No host is changed in this run. */
    isOnlyLookedAt: boolean;
    directory: PrivateDirectory;
    /** For the sockets of ssh's connections. */
    socketDirectory: string;
    say: (line: string) => void;
  },
): Promise<FleetSession> {
  const { directory, socketDirectory, key, isOnlyLookedAt, say } = given;
  const knownHosts = await directory.write("known_hosts", knownHostsFile(hosts, given.knownHosts));
  const agent = await agentFile(directory);
  const credentials = { socketDirectory, key, knownHostsFile: knownHosts };
  const clients = new Map(
    hosts.map((host) => {
      const connection = new Connection(host, credentials);
      return [host.name, new HostClient(connection, { agent, directory, isOnlyLookedAt })] as const;
    }),
  );
  const client = (host: string): HostClient => {
    const found = clients.get(host);
    if (found === undefined) throw new Error(`no host ${host} in this run`);
    return found;
  };
  let isOpen = true;
  const sayWhileOpen = (line: string): void => {
    if (isOpen) say(line);
  };
  return {
    client,
    observe: (chosen, apps) => observeAll(chosen, apps, { client, say: sayWhileOpen }),
    close: async () => {
      isOpen = false;
      await Promise.all([...clients.values()].map((each) => each.close()));
    },
  };
}

async function observeAll(
  hosts: readonly Host[],
  apps: readonly string[],
  { client, say }: { client: (host: string) => HostClient; say: (line: string) => void },
): Promise<Observed> {
  const problems = new Map<string, Problem>();
  const observed = new Map<string, ObservedHost>();
  await Promise.all(
    hosts.map(async (host) => {
      const begin = Date.now();
      const waiting = setInterval(() => {
        const seconds = Math.round((Date.now() - begin) / 1000);
        say(`${host.name}: waiting for ${host.address}:${host.port} to answer by SSH (${seconds} s)`);
      }, SAY_EVERY_MS);
      try {
        const answer = await client(host.name).observe(apps);
        const unfit = unfitFor(host, answer);
        if (unfit !== null) problems.set(host.name, unfit);
        else observed.set(host.name, { host: host.name, ...answer, machineId: answer.machineId || null });
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        problems.set(host.name, error.problems[0]);
      } finally {
        clearInterval(waiting);
      }
    }),
  );
  const { same, alike } = await machinesOf([...observed.values()], hosts, client);
  // Neither is touched, since each would undo the other.
  for (const entry of same) {
    observed.delete(entry.host);
    problems.set(entry.host, problem("same_machine", { in: "host", host: entry.host }, entry));
  }
  const warnings = alike.map(({ hosts: [host = "", ...others], machineId }) => {
    const [named, more] = [others.slice(0, NAMED), others.length - NAMED];
    const other = [...named, ...(more > 0 ? [`${more} more`] : [])].join(", ");
    return problem("same_machine_id", { in: "host", host }, { other, machineId });
  });
  return { hosts: hosts.flatMap(({ name }) => observed.get(name) ?? []), problems, warnings };
}

function unfitFor(host: Host, observation: Observation): Problem | null {
  const { lacks, unsafe, isWritable, isReadOnly, user, supervisor, endsWithLogin } = observation;
  const where = { in: "host", host: host.name } as const;
  if (lacks.length > 0) return problem("host_lacks", where, { tool: lacks.join(", ") });
  if (unsafe !== null) return reportedProblem(unsafe, { host: host.name });
  if (isReadOnly) return problem("disk_read_only", where, { path: host.root });
  if (!isWritable) return problem("root_not_writable", where, { root: host.root, user });
  if (endsWithLogin) return problem("login_ends_all", where, { user });
  if (host.supervisor === "systemd" && supervisor === "daemon") return problem("no_systemd", where, { user });
  return null;
}
