// Hot upgrades of a release with a process of each shape (test/releases/shapes/README.md), by instructions that are generated,
// or come with it; and what is done about those that can't be.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Host, whyNoLab } from "../lab/lab.ts";
import { releaseFile } from "./releases.ts";
import { answerOf, openShop, type Shop } from "./shop.ts";

const because = whyNoLab();

type Wish = { strategy?: string; motto?: string; path?: string; startTimeout?: number };

/** A build is called after its version, see releases.ts. */
const shapesSpec = (
  build: string,
  { strategy = "hot", motto, path = "/health", startTimeout = 10_000 }: Wish = {},
): string => `name: shapes
version: "${build.split("-")[0]}"
source: {type: release, url: "file://${releaseFile("shapes", build)}"}
strategy: ${strategy}
env: {${motto === undefined ? "" : `motto: ${motto}`}}
health: {type: http, port: 8085, path: ${path}, start_timeout: ${startTimeout}, min_healthy_time: 100}
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

  const plan = (build: string, wish?: Wish) =>
    shop.push({ "apps/shapes/app.yaml": shapesSpec(build, wish) }, { inputs: { command: "plan" } });
  /** Has the node evaluate something, as its owner may by hand. */
  const call = async (expression: string): Promise<string> => {
    const script =
      'echo "$1" | $(ls /opt/releases/shapes/*/erts-*/bin/erl_call | head -n 1) -sname shapes -h by_hand -e';
    const { code, stdout, stderr } = await host.exec(["sh", "-c", script, "sh", expression]);
    expect(code, stderr).toBe(0);
    return stdout;
  };

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

  test("stops the child that it has started, where the new version is not healthy", async () => {
    const before = await processes();
    const { code, log } = await push("1.2.0", { path: "/nowhere", startTimeout: 300 });
    expect(log).toMatch(/rolled back to 1\.1\.0: health_check_failed: .* status 404/);
    expect(code).toBe(1);
    expect(await lines("/all")).toEqual(NEW);
    expect(await lines("/supervisor")).toEqual(["shapes_desk args=[20] restart=transient shutdown=2000"]);
    expect(await ask("/loaded/clock")).toBe("no");
    expect(await ask("/sundial")).toBe("noon");
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

  test("goes by the appups that a release brings", async () => {
    const before = await processes();
    const up = await push("1.1.0-appup");
    expect(up.log).toContain(
      "shapes_lib 0.1.0 → 0.2.0 by its appup; shapes_dep 2.0.0 → 2.1.0 by its appup; shapes 1.0.0 → 1.1.0 by its appup",
    );
    expect(up.log).not.toContain("warning: ");
    expect(up.code, up.log).toBe(0);
    expect(await lines("/all")).toEqual(NEW);
    const down = await push("1.0.0");
    expect(down.log).toContain("shapes 1.1.0 → 1.0.0 by its appup");
    expect(down.code, down.log).toBe(0);
    expect(await lines("/all")).toEqual(OLD);
    expect(await processes()).toEqual(before);
  });

  test("refuses an appup that leaves a changed module out, where doubts or generated instructions are refused", async () => {
    const doubtful = await plan("1.1.0-appup-short", { strategy: "{type: hot, appup_lint: error, on_no_appup: fail}" });
    expect(doubtful.log).toContain(
      "1.0.0 can't become 1.1.0 without a restart: shapes.appup leaves shapes_ledger out, which differs",
    );
    const shipped = await plan("1.1.0-appup-short", { strategy: "{type: hot, appup: shipped}" });
    expect(shipped.log).toContain(
      "warning: no hot upgrade, it restarts: shapes_ledger differs, and no instruction loads it",
    );
  });

  test("completes it elsewhere, on both ways", async () => {
    const before = await processes();
    const up = await push("1.1.0-appup-short");
    expect(up.log).toContain("warning: shapes.appup leaves shapes_ledger out, which differs");
    expect(up.log).toMatch(/state migrated: .*shapes_ledger/);
    expect(up.code, up.log).toBe(0);
    expect(await lines("/all")).toEqual(NEW);
    const down = await push("1.0.0");
    expect(down.code, down.log).toBe(0);
    expect(await lines("/all")).toEqual(OLD);
    expect((await push("1.1.0-appup-short")).code).toBe(0);
    expect(await lines("/all")).toEqual(NEW);
    expect(await processes()).toEqual(before);
  });

  test("loads the other code of a release that was built again, and back", async () => {
    const before = await processes();
    const there = await push("1.1.0-rebuilt");
    expect(there.log).toContain("hot: 1 module loaded; shapes_lib 0.2.0 by a generated appup");
    expect(there.code, there.log).toBe(0);
    expect(await ask("/lib")).toBe("area=12.56");
    const back = await push("1.1.0");
    expect(back.log).toContain("hot: 1 module loaded; shapes_lib 0.2.0 by a generated appup");
    expect(back.code, back.log).toBe(0);
    expect(await ask("/lib")).toBe("area=12.4");
    expect(await lines("/all")).toEqual(NEW);
    expect(await processes()).toEqual(before);
  });

  test("leaves a process that goes on in old code alone, and says so", async () => {
    expect(await ask("/linger/start")).toBe("1.1.0 loaded");
    const { code, log } = await push("1.2.0");
    expect(log).toMatch(/processes go on in old code.*: <\d+\.\d+\.\d+> shapes_linger shapes_linger/);
    expect(code, log).toBe(0);
    expect(await ask("/linger")).toBe("1.1.0 old");
  });

  test("is refused where it would kill that process, naming it, and nothing has changed", async () => {
    const before = await processes();
    const { code, log } = await push("1.1.0", { strategy: "{type: hot, linger_timeout: 100}" });
    expect(log).toMatch(
      /rolled back to 1\.2\.0: hot_upgrade_failed: hot upgrade shapes: 1 process still runs old code after 100 ms: <\d+\.\d+\.\d+> shapes_linger shapes_linger/,
    );
    expect(code).toBe(1);
    expect(await ask("/linger")).toBe("1.1.0 old");
    expect(await lines("/all")).toEqual([...NEW, CLOCK]);
    expect(await processes()).toEqual(before);
  });

  test("kills it where the spec says so, and nothing else", async () => {
    const before = await processes();
    const { code, log } = await push("1.1.0", { strategy: "{type: hot, linger_timeout: 100, on_linger: kill}" });
    expect(log).toMatch(
      /processes that went on in old code are killed, as on_linger says: <\d+\.\d+\.\d+> shapes_linger shapes_linger/,
    );
    expect(code, log).toBe(0);
    expect(await ask("/linger")).toBe("none");
    expect(await lines("/all")).toEqual(NEW);
    expect(await processes()).toEqual(before);
  });

  test("ends with the release's code where other code was loaded by hand", async () => {
    const before = await processes();
    const old = 'hd(filelib:wildcard("/opt/releases/shapes/*/lib/shapes-1.0.0/ebin"))';
    expect(await call(`code:load_abs(${old} ++ "/shapes_cart").`)).toBe("{ok, {module, shapes_cart}}");
    expect(await ask("/cart")).toBe("count=1");
    const { code, log } = await push("1.2.0");
    expect(log).toMatch(/hot: 4 modules loaded/);
    expect(code, log).toBe(0);
    expect(await lines("/all")).toEqual([...NEW, CLOCK]);
    expect(await processes()).toEqual(before);
  });

  test("warns of a record that changes without a code_change, and of what can't be seen", async () => {
    const text = "shapes_cart has no code_change, and its record changes: cart {count} → {count, coupon}";
    expect((await plan("1.4.0")).log).toContain(`warning: ${text}`);
    const strict = "type: hot, appup_lint: error";
    expect((await plan("1.4.0", { strategy: `{${strict}}` })).log).toContain(`no hot upgrade, it restarts: ${text}`);
    expect((await plan("1.4.0", { strategy: `{${strict}, on_no_appup: fail}` })).log).toContain(
      `1.2.0 can't become 1.4.0 without a restart: ${text}`,
    );
    expect((await plan("1.4.0-stripped")).log).toContain(
      "warning: shapes_cart has no code_change, and whether its state changes can't be seen",
    );
  });

  test("is a restart for other native code", async () => {
    expect((await plan("1.5.0")).log).toContain(
      "no hot upgrade, it restarts: shapes_native loads native code, or acts when it is loaded",
    );
  });

  test("goes back where a code_change fails: the old version is healthy, its state is lost", async () => {
    const before = await vmPid();
    // The second time it finds what the first has left.
    for (const startTimeout of [10_000, 10_001]) {
      const { code, log } = await push("1.3.0", { startTimeout });
      expect(log).toMatch(
        /rolled back to 1\.2\.0: hot_upgrade_failed: hot upgrade 1\.2\.0\S* → 1\.3\.0: code_change of shapes_ledger in <\d+\.\d+\.\d+> failed: ledger_is_sealed \(\{code_change_failed,.*\}\)$/m,
      );
      expect(log).toContain("its processes' state is lost: OTP had it boot anew");
      expect(code).toBe(1);
      expect(await lines("/versions")).toEqual(["shapes 1.2.0", "shapes_dep 2.1.0", "shapes_lib 0.2.0"]);
      expect(await ask("/ledger")).toBe("count=0 owner=nobody");
    }
    expect(await vmPid()).toBe(before);
  });

  test("is not tried again after that, which would cost the state each time", async () => {
    const before = await processes();
    await ask("/add");
    const { log, outputs } = await shop.push({ "README.md": "# Shapes\n" });
    expect(log).toContain("held: this very spec failed here before (hot_upgrade_failed)");
    expect(outputs).toMatchObject({ "has-changes": "false" });
    expect(await ask("/ledger")).toBe("count=1 owner=nobody");
    expect(await processes()).toEqual(before);
  });

  test("goes on from there", async () => {
    const before = await processes();
    const { code, log } = await push("1.3.0-fixed", { motto: "mended", path: "/lib" });
    expect(log).toContain("hot: 0 modules loaded; shapes 1.2.0 → 1.3.0 by a generated appup");
    expect(code, log).toBe(0);
    expect(await lines("/versions")).toEqual(["shapes 1.3.0", "shapes_dep 2.1.0", "shapes_lib 0.2.0"]);
    expect(await processes()).toEqual(before);
  });

  test("is what the node comes back to by init:restart()", async () => {
    const [vm, ...before] = await processes();
    await call("init:restart().");
    await expect
      .poll(async () => (await answerOf(host, "/pids", 8085)).split("\n").some((line) => before.includes(line)), {
        timeout: 30_000,
      })
      .toBe(false);
    await expect.poll(() => ask("/health"), { timeout: 30_000 }).toBe("ok");
    expect(await lines("/versions")).toEqual(["shapes 1.3.0", "shapes_dep 2.1.0", "shapes_lib 0.2.0"]);
    expect(await ask("/env/motto")).toBe('{ok,<<"mended">>}');
    expect(await ask("/desk")).toBe("count=0 limit=20");
    expect(await vmPid()).toBe(vm);
  });

  test("is refused while a process can't be suspended, and goes through afterwards", async () => {
    await ask("/add");
    const states = await lines("/all");
    const before = await processes();
    await call("spawn(fun() -> sys:replace_state(shapes_depot, fun(S) -> receive go_on -> S end end, infinity) end).");
    const wish = { strategy: "{type: hot, suspend_timeout: 200}", path: "/lib" };
    const { code, log } = await push("1.0.0", wish);
    expect(log).toMatch(
      /rolled back to 1\.3\.0: hot_upgrade_failed: .*<\d+\.\d+\.\d+>, a process of shapes_depot, can't be suspended: it does not answer/,
    );
    expect(code).toBe(1);
    await call("shapes_depot ! go_on.");
    expect(await lines("/all")).toEqual(states);
    expect(await processes()).toEqual(before);
    const again = await push("1.0.0", wish);
    expect(again.code, again.log).toBe(0);
    expect(await lines("/all")).toEqual(
      OLD.map((line) => line.replace("desk count=1 limit=10", "desk count=1 limit=20")),
    );
    expect(await processes()).toEqual(before);
  });
});
