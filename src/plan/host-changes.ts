// How hosts are reached: as whom, where, and by which key they are known. A plan of other hosts is another plan.
import { fingerprintOf } from "../core/digest.ts";
import type { Fleet } from "../spec/fleet.ts";
import type { Host } from "../spec/host.ts";
import type { HostChange, PlannedHost } from "./plan-item.ts";

/** What decides where a run logs in and writes, besides the key. In the order in which people read it. */
export const reachOf = ({ name, address, port, user, root, hostKey }: Host): PlannedHost => ({
  host: name,
  address,
  port,
  user,
  root,
  hostKey: hostKey ?? null,
});

/** Fields of the fleet file, with how they read. */
const FIELDS = {
  address: (host: PlannedHost) => host.address,
  port: (host: PlannedHost) => String(host.port),
  user: (host: PlannedHost) => host.user,
  root: (host: PlannedHost) => host.root,
  host_key: ({ hostKey }: PlannedHost) => (hostKey === null ? null : fingerprintOf(hostKey)),
} as const;

type Field = keyof typeof FIELDS;

const REACH_FIELDS: readonly Field[] = ["address", "port", "user", "root", "host_key"];

/** In which fields two hosts of one name are reached otherwise. */
export const reachDifferences = (one: PlannedHost, other: PlannedHost): Field[] =>
  REACH_FIELDS.filter((field) => FIELDS[field](one) !== FIELDS[field](other));

/** What stands for a field that nobody gives. */
const USUAL: Record<Field, string | null> = {
  address: null,
  port: "22",
  user: "deploy",
  root: "/opt/releases",
  host_key: null,
};

/**
 * Every field in which a host is reached otherwise than at the base commit, with the line it stands on now. Of a host that is new
 * all but what is usual, of one that has gone its address. `before`: null where nothing is known of then; nothing is said then.
 */
export function hostChanges(
  before: readonly Host[] | null,
  { hosts, document }: Pick<Fleet, "hosts" | "document">,
): HostChange[] {
  if (before === null) return [];
  const known = new Map(before.map((host) => [host.name, reachOf(host)]));
  const names = new Set(hosts.map(({ name }) => name));
  const gone = before
    .filter(({ name }) => !names.has(name))
    .map(({ name, address }) => ({ host: name, field: "address", from: address, to: null, file: null, line: null }));
  const changed = hosts.flatMap((host) => {
    const [was, is] = [known.get(host.name), reachOf(host)];
    return REACH_FIELDS.flatMap((field): HostChange[] => {
      const [from, to] = [was === undefined ? USUAL[field] : FIELDS[field](was), FIELDS[field](is)];
      if (from === to) return [];
      const own = ["hosts", host.name, field];
      const path = document.has(own) || !document.has(["defaults", field]) ? own : ["defaults", field];
      const { file, line } = document.at(path);
      return [{ host: host.name, field, from: was === undefined ? null : from, to, file, line }];
    });
  });
  return [...changed, ...gone];
}
