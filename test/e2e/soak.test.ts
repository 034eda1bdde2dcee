// Hot upgrades up and down on one node under load, again and again: nothing is lost, and nothing grows. `npm run soak` does fifty.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Host, whyNoLab } from "../lab/lab.ts";
import { counterSpec, openShop, type Shop } from "./shop.ts";
import { type SteadyClient, startSteadyClient } from "./steady-client.ts";

const because = whyNoLab();
const UPGRADES = Number(process.env.SOAK ?? 6);
/** Held connections that ask without pause. */
const CLIENTS = 4;

/** Those who look at a node call themselves by one of 64 names, and ops by one of as many; what is asked here has one each time. */
const NAMES = 64 + 64 + 3;

const NUMBERS =
  "erlang:garbage_collect(), [garbage_collect(P) || P <- processes()], " +
  'io:format("~b ~b ~b ~b", [erlang:system_info(atom_count), erlang:memory(code), erlang:memory(total), length(processes())]).';

/** Atoms, bytes of code, bytes in all, processes of a host's node. */
async function numbersOf(host: Host): Promise<{ atoms: number; code: number; total: number; processes: number }> {
  const call = "erl_call -sname counter -R -timeout 9 -fetch_stdout -no_result_term -e";
  const line = `set -- /opt/releases/counter/*/erts-*/bin; echo '${NUMBERS}' | HOME=/root "$1"/${call}`;
  const { stdout } = await host.exec(["sh", "-c", line]);
  const [atoms = 0, code = 0, total = 0, processes = 0] = stdout.split(" ").map(Number);
  return { atoms, code, total, processes };
}

describe.skipIf(because !== undefined)(because ?? "one node, upgraded hot again and again", () => {
  let shop: Shop;
  let host: Host;
  const push = async (version: string): Promise<void> => {
    const health = "{type: http, port: 8080, path: /health, min_healthy_time: 0}";
    const strategy = "strategy: {type: hot, on_no_appup: fail}";
    const { code, log } = await shop.push({
      "apps/counter/app.yaml": counterSpec(version, { health, more: strategy }),
    });
    expect(log).not.toContain("processes go on in old code");
    expect(code).toBe(0);
  };

  beforeAll(async () => {
    shop = await openShop({ hosts: 1 });
    [host] = shop.lab.hosts as [Host];
    await push("1.0.0");
  });
  afterAll(() => shop.close());

  test(`${UPGRADES} times: no request fails, no connection breaks, no count is lost, nothing grows`, async () => {
    const clients = Array.from(
      { length: CLIENTS },
      (): SteadyClient => startSteadyClient(host.address, 8080, "/count"),
    );
    const versions = ["1.1.0", "1.2.0", "1.1.0", "1.0.0"];
    const upgrade = (nth: number): Promise<void> => push(versions[nth % versions.length] ?? "");
    // One time around: from there on all code has been there; and once asked for its numbers, a node has all atoms for an answer.
    for (let nth = 0; nth < versions.length; nth += 1) await upgrade(nth);
    await numbersOf(host);
    const before = await numbersOf(host);
    for (let nth = 0; nth < UPGRADES; nth += 1) await upgrade(nth);
    // To the version that the numbers before are of.
    for (let nth = UPGRADES; nth % versions.length !== 0; nth += 1) await upgrade(nth);
    const after = await numbersOf(host);
    await Promise.all(clients.map((client) => client.stop()));

    expect(clients.flatMap(({ failures }) => failures)).toEqual([]);
    const counts = clients.flatMap(({ answers }) => answers.map(Number)).sort((a, b) => a - b);
    // Each request counted one on, whoever asked: from the first to the last, no number twice, none left out.
    expect(counts).toEqual(counts.map((_, index) => index + 1));
    expect(after.atoms - before.atoms).toBeLessThanOrEqual(NAMES);
    expect(after.processes).toBeLessThanOrEqual(before.processes + CLIENTS);
    expect(after.code).toBeLessThan(before.code * 1.02);
    expect(after.total).toBeLessThan(before.total * 1.1);
  }, 600_000);
});
