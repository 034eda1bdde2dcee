// Hot upgrades of a release with a process of each shape (test/releases/shapes/README.md), by instructions that are generated,
// or come with it; and what is done about those that can't be.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Host, whyNoLab } from "../lab/lab.ts";
import { releaseFile } from "./releases.ts";
import { answerOf, openShop, type Shop } from "./shop.ts";

const because = whyNoLab();

type Wish = { strategy?: string; motto?: string };

/** A build is called after its version, see releases.ts. */
const shapesSpec = (build: string, { strategy = "hot", motto }: Wish = {}): string => `name: shapes
version: "${build.split("-")[0]}"
source: {type: release, url: "file://${releaseFile("shapes", build)}"}
strategy: ${strategy}
env: {${motto === undefined ? "" : `motto: ${motto}`}}
health: {type: http, port: 8085, path: /health, start_timeout: 10000, min_healthy_time: 100}
`;

/** What all things answer when they were added to once, in 1.0.0. */
const OLD = [
  "door count=1 is=open",
  "bell count=1",
  "table count=1",
  "ledger count=1",
  "cart count=1",
  "beacon count=1",
  "desk count=1 limit=10",
  "depot count=1",
];

/** The same in 1.1.0, and later. The desk's limit is what it was started with. */
const NEW = [
  "door count=1 is=open last=none",
  "bell count=1 last=none",
  "table count=1 unit=kg",
  "ledger count=1 owner=nobody",
  "cart count=1 of=goods",
  "beacon count=1 colour=white",
  "desk count=1 limit=10",
  "depot count=1 place=here",
];

const CLOCK = "clock count=0";

describe.skipIf(because !== undefined)(because ?? "a hot upgrade of processes of each shape", () => {
  let shop: Shop;
  let host: Host;

  const push = (build: string, wish?: Wish) => shop.push({ "apps/shapes/app.yaml": shapesSpec(build, wish) });
  const ask = (path: string): Promise<string> => answerOf(host, path, 8085);
  const lines = async (path: string): Promise<string[]> => (await ask(path)).trim().split("\n");
  const vmPid = async (): Promise<string> => (await host.exec(["pgrep", "-x", "beam.smp"])).stdout.trim();
  /** The VM and its processes, but those that a version has alone. */
  const processes = async (): Promise<string[]> => [
    await vmPid(),
    ...(await lines("/pids")).filter((line) => !line.startsWith("shapes_clock ")),
  ];

  beforeAll(async () => {
    shop = await openShop({ hosts: 1 });
    [host] = shop.lab.hosts as [Host];
    const { code, log } = await push("1.0.0");
    expect(code, log).toBe(0);
    await ask("/add");
    expect(await lines("/all")).toEqual(OLD);
  });
  afterAll(() => shop.close());

  test("changes each state, of the dependency too, and keeps each process", async () => {
    const before = await processes();
    const { code, log } = await push("1.1.0", { motto: "as-wished" });
    expect(log).toContain(
      "hot: 10 modules loaded, 1 added; state migrated: shapes_beacon, shapes_bell_log, shapes_depot, shapes_desk_sup, shapes_door, shapes_ledger, shapes_table; shapes_lib 0.1.0 → 0.2.0 by a generated appup; shapes_dep 2.0.0 → 2.1.0 by a generated appup; shapes 1.0.0 → 1.1.0 by a generated appup",
    );
    expect(code, log).toBe(0);
    expect(await lines("/all")).toEqual(NEW);
    expect(await ask("/state/door")).toBe("{open,#{count => 1,last => none}}");
    expect(await ask("/state/bell")).toBe("[{shapes_bell_log,false,{1,none}}]");
    expect(await ask("/state/table")).toBe("[{apples,1,kg},{pears,0,kg}]");
    expect(await ask("/state/ledger")).toBe("{ledger,1,nobody}");
    expect(await ask("/state/beacon")).toBe("{1,white}");
    expect(await ask("/state/depot")).toBe("#{count => 1,place => here}");
    expect(await lines("/versions")).toEqual(["shapes 1.1.0", "shapes_dep 2.1.0", "shapes_lib 0.2.0"]);
    expect(await lines("/supervisor")).toEqual(["shapes_desk args=[20] restart=transient shutdown=2000"]);
    expect(await ask("/lib")).toBe("area=12.4");
    expect(await ask("/loaded/lib_units")).toBe("yes");
    expect(await ask("/env/motto")).toBe('{ok,<<"as-wished">>}');
    expect(await processes()).toEqual(before);
  });

  test("starts the child that a supervisor has in addition, and deletes a module that is gone", async () => {
    const before = await processes();
    const { code, log } = await push("1.2.0");
    expect(code, log).toBe(0);
    expect(await lines("/all")).toEqual([...NEW, CLOCK]);
    expect(await lines("/supervisor")).toEqual([
      "shapes_clock args=[] restart=permanent shutdown=5000",
      "shapes_desk args=[20] restart=transient shutdown=2000",
    ]);
    expect(await ask("/loaded/sundial")).toBe("no");
    // Not in the spec any more: what sys.config says.
    expect(await ask("/env/motto")).toBe('{ok,"as configured"}');
    expect(await lines("/versions")).toEqual(["shapes 1.2.0", "shapes_dep 2.1.0", "shapes_lib 0.2.0"]);
    expect(await processes()).toEqual(before);
  });

  test("goes down as it came up, and stops the child that is gone", async () => {
    const before = await processes();
    const { code, log } = await push("1.1.0");
    expect(code, log).toBe(0);
    expect(await lines("/all")).toEqual(NEW);
    expect(await lines("/supervisor")).toEqual(["shapes_desk args=[20] restart=transient shutdown=2000"]);
    expect(await ask("/loaded/clock")).toBe("no");
    expect(await ask("/sundial")).toBe("noon");
    const down = await push("1.0.0", { motto: "as-before" });
    expect(down.code, down.log).toBe(0);
    expect(await lines("/all")).toEqual(OLD);
    expect(await ask("/state/ledger")).toBe("{ledger,1}");
    expect(await ask("/state/door")).toBe("{open,1}");
    expect(await lines("/versions")).toEqual(["shapes 1.0.0", "shapes_dep 2.0.0", "shapes_lib 0.1.0"]);
    expect(await lines("/supervisor")).toEqual(["shapes_desk args=[10] restart=permanent shutdown=5000"]);
    expect(await ask("/loaded/lib_units")).toBe("no");
    expect(await ask("/env/motto")).toBe('{ok,<<"as-before">>}');
    expect(await processes()).toEqual(before);
  });

  test("skips a version", async () => {
    const before = await processes();
    const up = await push("1.2.0");
    expect(up.code, up.log).toBe(0);
    expect(await lines("/all")).toEqual([...NEW, CLOCK]);
    const down = await push("1.0.0");
    expect(down.code, down.log).toBe(0);
    expect(await lines("/all")).toEqual(OLD);
    expect(await processes()).toEqual(before);
  });
});
