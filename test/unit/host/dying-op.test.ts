// An op on a host that takes away its helpers, its files or its time: it ends whole, or goes back whole, and says which.
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { atMost } from "../../../src/artifact/at-most.ts";
import { opHost, REMOVAL, removeHosts, UPGRADE } from "./op-host.ts";

const BEFORE = { outcome: "rolled_back", running: "1.0.0", configs: ["old"], record: "1.0.0", hasEnded: true };
const AFTER = { outcome: "deployed", running: "1.1.0", configs: ["new", "old"], record: "1.1.0", hasEnded: true };

afterEach(removeHosts);

/** Eight at a time: most of the time they wait. */
async function each(count: number, work: (nth: number) => Promise<void>): Promise<void> {
  const inTurn = atMost(8);
  await Promise.all(Array.from({ length: count }, (_, index) => inTurn(() => work(index + 1))));
}

describe("whichever helper of an op is killed", () => {
  test.each([
    { what: "what was there before is there again, of a version that fails", gate: "sick" as const, allowed: [BEFORE] },
    { what: "the new version is there whole, or the old one", gate: "well" as const, allowed: [BEFORE, AFTER] },
  ])("$what", async ({ gate, allowed }) => {
    const whole = opHost(UPGRADE(gate));
    const ended = await whole.run();
    expect(whole.found(), ended).toMatchObject(allowed.at(-1) as object);
    expect(whole.helpers()).toBeGreaterThan(20);
    await each(whole.helpers(), async (killed) => {
      const host = opHost(UPGRADE(gate), { killed });
      let said = await host.run();
      // What it could not do any more is for the next run, and said.
      if (/"name":"left"/.test(host.journal())) said += await host.run("recover");
      const found = host.found();
      const expected = allowed.find(({ outcome }) => found.outcome === outcome) ?? allowed[0];
      expect(found, `the ${killed}. helper\n${said}\n${host.journal()}`).toMatchObject(expected as object);
    });
  });
});

describe("an op that was received and has not begun", () => {
  test("is carried out when whoever brought it asks again", async () => {
    const host = opHost(UPGRADE("well"));
    await host.call(["submit", "frame", "op-1", "0"]);
    expect(host.found()).toMatchObject(AFTER);
  });

  test.each([UPGRADE("well"), REMOVAL])("is only ended by who finds it later", async (steps) => {
    const host = opHost(steps);
    const said = await host.call(["recover", "frame", "op-1", "0"]);
    expect(host.found()).toMatchObject({ ...BEFORE, code: "interrupted" });
    expect(said).toContain('"outcome":"rolled_back"');
  });
});

describe("while .beamline is removed", () => {
  test.each(["lock", "state", "ops/op-1/header", "ops", "agent-test", "."])(
    "up to now %s, it goes back",
    async (gone) => {
      const host = opHost(UPGRADE("sick", "vanish / run -"), {
        verbs: `do_vanish() { rm -rf ${gone === "." ? '"$BASE"' : `"$BASE/${gone}"`}; }\n`,
      });
      const said = await host.run();
      const { running, configs, record } = host.found();
      expect({ running, configs, record }, said).toEqual({ running: "1.0.0", configs: ["old"], record: "1.0.0" });
    },
  );
});

test("a record that is damaged behind the commit is written anew, and what was begun is ended", async () => {
  const host = opHost(UPGRADE("well"), {
    verbs:
      'do_prune() { [ ! -e "$ROOT/struck" ] || return 0; : >"$ROOT/struck"; echo "{" >"$BASE/state/shop"; kill -9 "$PPID"; }\n',
  });
  await host.run();
  expect(host.found()).toMatchObject({ outcome: undefined, record: undefined });
  await host.run("recover");
  expect(host.found()).toMatchObject(AFTER);
});

test("a removal that can't take everything away says so, and the next run does", async () => {
  const host = opHost(REMOVAL, {
    verbs: 'remove_unit() { [ -e "$ROOT/mended" ] || fail step_failed - detail s "no such manager"; }\n',
  });
  writeFileSync(join(host.base, "state/shop.held"), "digest health_check_failed\n");
  await host.run();
  expect(host.journal()).toContain('"name":"left","value":"prune"');
  expect(host.found()).toMatchObject({ outcome: "deployed", record: undefined, hasEnded: false });
  expect(existsSync(join(host.root, "shop/1.0.0"))).toBe(true);
  writeFileSync(join(host.root, "mended"), "");
  await host.run("recover");
  expect(host.found()).toMatchObject({ outcome: "deployed", hasEnded: true });
  expect(["shop", ".beamline/state/shop.held"].filter((it) => existsSync(join(host.root, it)))).toEqual([]);
});
