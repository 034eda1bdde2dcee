// Fleet entries that say they are one machine. A machine-id is only what a host says: one that says another's must not keep that
// one from being deployed to. Host keys settle it; where they can't, whoever is the same machine sees the other's processes.
import { randomBytes } from "node:crypto";
import type { ObservedHost } from "../runtime/observed.ts";
import type { Host } from "../spec/host.ts";

/** How a host is asked; see HostClient. */
export type Witness = { hold(nonce: string): Promise<boolean>; nonces(): Promise<string[]> };

/** `same`: entries that are one machine as another. `alike`: those that say so and are not, one list a machine-id. */
export type Machines = {
  same: { host: string; other: string; machineId: string }[];
  alike: { hosts: string[]; machineId: string }[];
};

/** How long a host may take to say it, in ms. */
const PATIENCE_MS = 15_000;

export async function machinesOf(
  observed: readonly ObservedHost[],
  hosts: readonly Host[],
  witness: (host: string) => Witness,
): Promise<Machines> {
  const entries = new Map(hosts.map((host) => [host.name, host]));
  const machines: Machines = { same: [], alike: [] };
  const groups = Map.groupBy(observed, ({ machineId }) => machineId);
  for (const [machineId, group] of groups) {
    if (machineId === null || group.length < 2) continue;
    const names = group.map(({ host }) => host);
    const others = (name: string): string[] => names.filter((candidate) => candidate !== name);
    const byKey = (one: string, other: string): boolean | null => isSameKey(entries.get(one), entries.get(other));
    const open = names.filter((name) => others(name).some((other) => byKey(name, other) === null));
    const see = await whoSeesWhom(open, witness);
    const isSame = (one: string, other: string): boolean => byKey(one, other) ?? (see(one, other) && see(other, one));
    // Of two roots of one machine neither undoes the other.
    const rootOf = (name: string): string | undefined => entries.get(name)?.root;
    for (const host of names) {
      const other = others(host).find((candidate) => rootOf(candidate) === rootOf(host) && isSame(host, candidate));
      if (other !== undefined) machines.same.push({ host, other, machineId });
    }
    const alike = names.filter((name) => others(name).some((other) => !isSame(name, other)));
    if (alike.length > 0) machines.alike.push({ hosts: alike, machineId });
  }
  return machines;
}

/** Whether two entries have one host key; null where they pin keys of two types, or not both pin one. */
function isSameKey(one: Host | undefined, other: Host | undefined): boolean | null {
  if (one?.hostKey === undefined || other?.hostKey === undefined) return null;
  const [type] = one.hostKey.split(" ");
  return other.hostKey.startsWith(`${type} `) ? one.hostKey === other.hostKey : null;
}

/**
 * Each host holds a nonce that only it was given, and says which ones it sees. Nobody can say another's who does not see its
 * processes; who says nothing is another machine.
 */
async function whoSeesWhom(
  names: readonly string[],
  witness: (host: string) => Witness,
): Promise<(one: string, other: string) => boolean> {
  const nonces = new Map(names.map((name) => [name, `beamline-nonce-${randomBytes(16).toString("hex")}`]));
  await Promise.all([...nonces].map(([name, nonce]) => within(witness(name).hold(nonce), false)));
  const seen = new Map(
    await Promise.all(names.map(async (name) => [name, await within(witness(name).nonces(), [])] as const)),
  );
  return (one, other) => seen.get(one)?.includes(nonces.get(other) ?? "") === true;
}

async function within<T>(answer: Promise<T>, otherwise: T): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<T>((resolve) => {
    timer = setTimeout(() => resolve(otherwise), PATIENCE_MS);
  });
  try {
    return await Promise.race([answer.catch(() => otherwise), late]);
  } finally {
    clearTimeout(timer);
  }
}
