// Which entries of a fleet are one machine: a machine-id alone says nothing, it is only what a host says.
import { describe, expect, test } from "vitest";
import { machinesOf, type Witness } from "../../../src/action/same-machines.ts";
import type { Host } from "../../../src/spec/host.ts";

const entry = (name: string, hostKey?: string): Host => ({
  name,
  address: `${name}.example`,
  port: 22,
  user: "root",
  root: "/opt/releases",
  labels: {},
  ...(hostKey === undefined ? {} : { hostKey }),
});
const answering = (name: string, machineId: string | null) => ({
  host: name,
  machineId,
  supervisor: "daemon" as const,
  apps: [],
});

/** Machines, each with the entries that lead to it. A liar says what it was told itself, and whatever it could make up. */
function witnesses(machines: readonly (readonly string[])[], { silent = [] as string[], liars = [] as string[] } = {}) {
  const held = new Map<number, string[]>();
  const told = new Map<string, string>();
  const asked: string[] = [];
  const machineOf = (name: string): number => machines.findIndex((entries) => entries.includes(name));
  const witness = (name: string): Witness => ({
    hold: async (nonce) => {
      asked.push(name);
      if (silent.includes(name)) return new Promise(() => undefined);
      told.set(name, nonce);
      held.set(machineOf(name), [...(held.get(machineOf(name)) ?? []), nonce]);
      return true;
    },
    nonces: async () => {
      if (silent.includes(name)) throw new Error("the connection broke");
      return liars.includes(name)
        ? [told.get(name) ?? "", `beamline-nonce-${"0".repeat(32)}`]
        : (held.get(machineOf(name)) ?? []);
    },
  });
  return { witness, asked };
}

const judged = async (
  hosts: readonly Host[],
  ids: readonly (string | null)[],
  { witness, asked }: ReturnType<typeof witnesses>,
) => {
  const observed = hosts.map(({ name }, index) => answering(name, ids[index] ?? null));
  const { same, alike } = await machinesOf(observed, hosts, witness);
  return { same: same.map(({ host, other }) => `${host} is ${other}`), alike: alike.map((it) => it.hosts), asked };
};

describe("entries with one machine-id", () => {
  const [one, two] = ["ssh-ed25519 AAAA1", "ssh-ed25519 AAAA2"];

  test("are no trouble where they are two roots of one machine", async () => {
    const hosts = [entry("live", one), { ...entry("staging", one), root: "/srv/staging" }];
    expect(await judged(hosts, ["id", "id"], witnesses([["live", "staging"]]))).toMatchObject({ same: [], alike: [] });
  });

  test("are two machines where two host keys of one type are pinned; no host is asked", async () => {
    const hosts = [entry("web1", one), entry("web2", two)];
    expect(await judged(hosts, ["f00d", "f00d"], witnesses([["web1"], ["web2"]]))).toEqual({
      same: [],
      alike: [["web1", "web2"]],
      asked: [],
    });
  });

  test("are one machine where one host key is pinned for both", async () => {
    const hosts = [entry("web1", one), entry("web2", one)];
    expect(await judged(hosts, ["f00d", "f00d"], witnesses([["web1", "web2"]]))).toEqual({
      same: ["web1 is web2", "web2 is web1"],
      alike: [],
      asked: [],
    });
  });

  test.each([
    ["no keys", undefined, undefined],
    ["keys of two types", one, "ecdsa-sha2-nistp256 AAAA1"],
    ["one key", one, undefined],
  ])("are one machine with %s, where each sees what the other was given", async (_, a, b) => {
    const hosts = [entry("web1", a), entry("web2", b)];
    expect((await judged(hosts, ["f00d", "f00d"], witnesses([["web1", "web2"]]))).same).toEqual([
      "web1 is web2",
      "web2 is web1",
    ]);
  });

  test("are two where one only says so: it can't say what the other was given", async () => {
    const hosts = [entry("web1"), entry("web2")];
    expect(await judged(hosts, ["f00d", "f00d"], witnesses([["web1"], ["web2"]], { liars: ["web2"] }))).toEqual({
      same: [],
      alike: [["web1", "web2"]],
      asked: ["web1", "web2"],
    });
  });

  test("are told apart each by itself", async () => {
    const hosts = ["web1", "web2", "liar"].map((name) => entry(name));
    const found = await judged(hosts, ["f00d", "f00d", "f00d"], witnesses([["web1", "web2"], ["liar"]]));
    expect(found).toMatchObject({
      same: ["web1 is web2", "web2 is web1"],
      alike: [["web1", "web2", "liar"]],
    });
  });
});

test("a host that says nothing when it is asked is another machine, after a while", { timeout: 60_000 }, async () => {
  const hosts = [entry("web1"), entry("web2")];
  const { same } = await judged(hosts, ["f00d", "f00d"], witnesses([["web1"], ["web2"]], { silent: ["web2"] }));
  expect(same).toEqual([]);
});

test("where each machine-id is another, or none is said, nobody is asked", async () => {
  const hosts = ["web1", "web2", "web3", "web4"].map((name) => entry(name));
  const none = { same: [], alike: [], asked: [] };
  expect(await judged(hosts, ["f00d", "beef", null, null], witnesses([["web1", "web2"]]))).toEqual(none);
});
