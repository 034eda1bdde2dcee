// The lock of an app where there is no flock(1): a directory, through real shells and many processes.
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type AgentShell, agentShell, namesIn, SHELLS } from "./agent-shell.ts";

const BOOT = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();

/** Start time of a process, as proc(5) has it. */
const startOf = (pid: number): string =>
  readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /, "")
    .split(" ")[19] ?? "";

async function until(what: string, ask: () => boolean, timeoutMs = 60_000): Promise<void> {
  for (const end = Date.now() + timeoutMs; !ask(); await pause(10))
    if (Date.now() > end) throw new Error(`waited in vain until ${what}`);
}

/** Waits for the lock as an engine does, and says when it has it. */
const take = (timeoutMs = 60_000): string => `take_lock ${timeoutMs}; echo has it`;
/** Holds it until it is killed; nothing that it starts does. */
const HOLD = `${take()}; (: >"$BASE/has.$$"); while :; do sleep 0.2 9>&-; done`;

describe.each(SHELLS)("without flock, under %s, the lock", (name) => {
  let shell: AgentShell;
  let lock: string;
  beforeEach(() => {
    shell = agentShell(name, { lacks: ["flock", "setsid"] });
    lock = join(shell.base, "lock/shop.dir");
  });
  afterEach(() => shell.remove());

  const holders = (): string[] => namesIn(shell.base).filter((it) => it.startsWith("has."));
  const leftBehind = (id: string): void => {
    mkdirSync(lock, { recursive: true });
    writeFileSync(join(lock, id), "");
  };

  test("is never two processes' at once, though some die with it", async () => {
    const inside = `
      ${take()} >/dev/null
      mkdir "$BASE/inside" || echo "two are inside"
      sleep 0.0$((\${OP#op-} % 9 + 1))
      rmdir "$BASE/inside" || echo "two were inside"
      echo done >>"$BASE/done"`;
    const runs = Array.from({ length: 16 }, (_, index) =>
      shell.run(`${inside}\n${index % 3 === 0 ? "kill -9 $$" : "free_lock"}`),
    );
    const ended = await Promise.all(runs);
    expect(ended.map(({ said }) => said).filter(Boolean)).toEqual([]);
    expect(ended.filter(({ code }) => code === 137)).toHaveLength(6);
    expect(readFileSync(join(shell.base, "done"), "utf8").split("\n")).toHaveLength(17);
    // What the dead leave is one name, at the most, and nothing of those who waited.
    expect(namesIn(join(shell.base, "lock")).filter((it) => it.startsWith("."))).toEqual([]);
  });

  test.each([
    ["an engine that has ended", `${BOOT}.999999.1`],
    ["a process that has got the pid of the one that held it", `${BOOT}.${process.pid}.1`],
    ["before the host's last boot", `0-0-0.${process.pid}.${startOf(process.pid)}`],
  ])("of %s is taken at once", async (_, id) => {
    leftBehind(id);
    const { said } = await shell.run(`${take(0)}; ls "$lock_dir"`);
    expect(said).toMatch(new RegExp(`^has it\n${BOOT}\\.\\d+\\.\\d+$`));
    expect(said).not.toContain(id);
  });

  test("that many find left behind at once becomes one's alone", async () => {
    for (let round = 0; round < 8; round += 1) {
      leftBehind(`${BOOT}.999999.${round}`);
      const waiters = Array.from({ length: 6 }, () => shell.start(HOLD));
      await until("one has it", () => holders().length > 0);
      await pause(300);
      expect([holders(), namesIn(lock)]).toEqual([[expect.any(String)], [expect.any(String)]]);
      // The one that dies is followed by one.
      const [first = ""] = holders();
      process.kill(Number(first.slice("has.".length)), "SIGKILL");
      await until("the next one has it", () => holders().length > 1);
      await pause(300);
      expect([holders().length, namesIn(lock).length]).toEqual([2, 1]);
      for (const waiter of waiters) waiter.kill("SIGKILL");
      await Promise.all(waiters.map((it) => it.exitCode !== null || it.signalCode !== null || once(it, "exit")));
      for (const holder of holders()) rmSync(join(shell.base, holder));
    }
  });

  test("is held by a step that has outlived its engine, for as long as that lives", async () => {
    const engine = await shell.run(`${take()}; sleep 600 & echo "$! is left"; kill -9 $$`);
    const [, step = ""] = /(\d+) is left/.exec(engine.said) ?? [];
    expect(engine.code).toBe(137);
    const refused = await shell.run(take(500));
    expect(refused).toMatchObject({ code: 1, said: "" });
    process.kill(Number(step), "SIGKILL");
    expect((await shell.run(take(5_000))).said).toBe("has it");
  });

  test("is not held by a process that was started without it, such as the app's VM", async () => {
    const engine = await shell.run(`${take()}; sleep 600 9>&- & echo "$! is left"; kill -9 $$`);
    expect((await shell.run(take(5_000))).said).toBe("has it");
    process.kill(Number(/(\d+) is left/.exec(engine.said)?.[1]), "SIGKILL");
  });

  test("that somebody removed is lost, whether or not another has it by now", async () => {
    const look = "if holds_lock; then echo holds it; else echo lost it; fi";
    const { said } = await shell.run(`
      ${take()}; ${look}
      mv "$lock_dir" "$lock_dir.away"; ${look}
      mkdir "$lock_dir"; : >"$lock_dir/another"; ${look}
      rm -r "$lock_dir"; mv "$lock_dir.away" "$lock_dir"; ${look}
      rm "$lock_dir/$lock_id"; ${look}
      (: >"$lock_dir/$lock_id"); ${look}`);
    expect(said.split("\n")).toEqual(["has it", "holds it", "lost it", "lost it", "holds it", "lost it", "lost it"]);
  });

  test("is one for each app", async () => {
    const other = shell.start(HOLD);
    await until("it is held", () => holders().length > 0);
    expect((await shell.run(`APP=other; ${take(0)}`)).said).toBe("has it");
    other.kill("SIGKILL");
  });

  test("makes a waiter say whom for, and leaves nothing of one that gives up or dies", async () => {
    const holder = shell.start(HOLD);
    await until("it is held", () => holders().length > 0);
    const { code } = await shell.run(`echo "$OPDIR" >"$BASE/waited"; ${take(300)}`);
    expect(code).toBe(1);
    const journal = readFileSync(join(readFileSync(join(shell.base, "waited"), "utf8").trim(), "journal"), "utf8");
    expect(journal).toContain(`"for":"the lock, held by run ${holder.pid}"`);
    expect(journal).toMatch(/"outcome":"rolled_back","code":"lock_timeout"/);
    const dying = shell.start(take());
    await until("it waits", () => namesIn(join(shell.base, "lock")).some((it) => it.startsWith(".shop.")));
    dying.kill("SIGKILL");
    holder.kill("SIGKILL");
    expect((await shell.run(`${take(5_000)}; ls -A "$BASE/lock"`)).said).toBe("has it\nshop.dir\nshop.holder");
  });

  test("can be taken by an op that was begun though the disk is full", async () => {
    // No folder can be made where there is a file in its way, until the reserve is spent.
    const { said } = await shell.run(`
      mkdir -p "$BASE/lock"; keep_reserve "$OPDIR"
      mkdir() { [ ! -e "$OPDIR/reserve" ] && command mkdir "$@"; }
      mkdir -p "$BASE/lock" || echo full
      take_lock() { is_waiting=yes; open_lock; try_lock; }
      take_lock && echo has it`);
    expect(said).toBe("full\nhas it");
  });
});

describe("where flock has come to a host, an op", () => {
  test("waits for one that holds the lock without it", async () => {
    const shell = agentShell("dash", { lacks: [] });
    const withoutFlock = HOLD.replace("take_lock", 'command() { [ "$2" != flock ]; }; take_lock');
    const holder = shell.start(withoutFlock);
    await until("it is held", () => namesIn(shell.base).some((it) => it.startsWith("has.")));
    expect(existsSync(join(shell.base, "lock/shop.dir"))).toBe(true);
    expect(await shell.run(take(300))).toMatchObject({ code: 1 });
    holder.kill("SIGKILL");
    const next = await shell.run(`${take(5_000)}; holds_lock && echo holds it; ls "$BASE/lock/shop.dir"`);
    expect(next.said).toBe("has it\nholds it");
    shell.remove();
  });

  test("keeps another waiting as before", async () => {
    const shell = agentShell("dash", { lacks: [] });
    const holder = shell.start(HOLD);
    await until("it is held", () => namesIn(shell.base).some((it) => it.startsWith("has.")));
    expect(await shell.run(take(300))).toMatchObject({ code: 1 });
    renameSync(join(shell.base, "lock/shop"), join(shell.base, "lock/shop.gone"));
    expect((await shell.run(`${take(300)}; holds_lock && echo holds it`)).said).toBe("has it\nholds it");
    holder.kill("SIGKILL");
    shell.remove();
  });
});
