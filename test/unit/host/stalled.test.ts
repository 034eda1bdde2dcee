// Hosts that log in and then say nothing, or no end of things. Deadlines are short here; what they are for is in deadlines.ts.
import { describe, expect, test } from "vitest";
import { Failure } from "../../../src/core/failure.ts";
import { sentenceOf } from "../../../src/core/problem.ts";
import type { Ended, HostClient } from "../../../src/host/client.ts";
import { longestMs, WAITS } from "../../../src/host/deadlines.ts";
import type { Transaction } from "../../../src/runtime/transaction.ts";
import { fakeHost, SHORT, type Speak, saying } from "./fake-host.ts";

async function failed(asked: Promise<unknown>): Promise<string[]> {
  const error = await asked.catch((caught: unknown) => caught);
  if (!(error instanceof Failure)) throw new Error(`it did not fail: ${JSON.stringify(error)} ${error}`);
  return error.problems.map((it) => `${it.code}: ${sentenceOf(it)}`);
}

const silent: Speak = async ({ ended }) => {
  await ended;
  return null;
};

const silentAfter =
  (lines: readonly string[]): Speak =>
  async ({ frame, say, ended }) => {
    for (const line of [`${frame} begin`, ...lines]) say(line);
    await ended;
    return null;
  };

/** Says a line over and over, until nobody listens. */
const endless =
  (line: (frame: string, nth: number) => string, pauseMs = 0): Speak =>
  async ({ frame, say, ended }) => {
    let isOver = false;
    ended.then(() => {
      isOver = true;
    });
    say(`${frame} begin`);
    for (let nth = 1; !isOver; nth += 1) {
      say(line(frame, nth));
      if (nth % 1000 === 0 || pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
    return null;
  };

const clientOf = (speak: Speak): HostClient => fakeHost(speak, { waits: SHORT }).client;

const upgrade = { release: "2", up: "[]", oldCode: [], replacedTwice: [] } as unknown as Parameters<
  HostClient["dryRun"]
>[1];

const LOOKS: readonly (readonly [string, (client: HostClient) => Promise<unknown>])[] = [
  ["a look at the host", (client) => client.observe(["shop"])],
  ["a look into an app", (client) => client.inspect("shop", [])],
  ["what code runs", (client) => client.code(["shop"])],
];

describe.each(LOOKS)("%s", (_, look) => {
  test("ends where the login says nothing, without a second try", async () => {
    const { client, calls } = fakeHost(silent, { waits: SHORT });
    const [said] = await failed(look(client));
    expect(said).toMatch(/^host_stalled: web1\S* 192\.0\.2\.11:22: the login did not get as far as .* within 200 ms$/);
    expect(calls.length).toBe(1);
  });

  test("ends where the agent falls silent", async () => {
    const [said] = await failed(look(clientOf(silentAfter(["{}"]))));
    expect(said).toMatch(/^host_stalled: web1\S* 192\.0\.2\.11:22: nothing more was answered within 200 ms$/);
  });

  test("ends where the answer goes on and on, however slowly", async () => {
    const [said] = await failed(look(clientOf(endless(() => "{}", 50))));
    expect(said).toMatch(/^host_stalled: web1\S* 192\.0\.2\.11:22: the answer did not end within 600 ms$/);
  });

  test("ends where the login prints no end of noise", async () => {
    const noise: Speak = async ({ say }) => {
      for (let nth = 0; nth < 20_000; nth += 1) say("x".repeat(100));
      return null;
    };
    expect((await failed(look(clientOf(noise))))[0]).toMatch(/^answer_too_long: /);
  });

  test("does not wait for a shell that does not end when all was said", async () => {
    const lingering: Speak = async (call) => {
      await saying(['{"kind":"nonsense"}'], 0)(call);
      await call.ended;
      return null;
    };
    const { client } = fakeHost(lingering, { waits: SHORT });
    const error = await look(client).catch((caught: unknown) => caught);
    if (error instanceof Failure) expect(error.problems[0].code).toBe("protocol_error");
  }, 20_000);
});

test("a dry run that is not answered is the host's problem, and says so", async () => {
  expect((await failed(clientOf(silent).dryRun("shop", upgrade)))[0]).toMatch(/^host_stalled: web1\/shop/);
});

describe("an op", () => {
  const waiting = (nth: number): string => `{"event":"waiting","t":${nth},"for":"something"}`;
  const follow = (client: HostClient, withinMs: number): Promise<Ended> =>
    client.recover("20260101T000000000Z.0a", withinMs, () => undefined);

  test("whose agent fell silent is attached to again, and then told to its end", async () => {
    const outcome = '{"event":"outcome","t":2,"outcome":"deployed"}';
    let times = 0;
    const { client, calls } = fakeHost(
      (call) => {
        times += 1;
        return times === 1 ? silentAfter([waiting(1)])(call) : saying([outcome], 0)(call);
      },
      { waits: SHORT },
    );
    expect((await follow(client, 30_000)).outcome.outcome).toBe("deployed");
    expect(calls.map(({ commandLine }) => / recover \S+ \S+ (\d+)/.exec(commandLine)?.[1])).toEqual(["0", "1"]);
  });

  test("whose journal says `waiting` for ever ends when all of its steps would have", async () => {
    const [said] = await failed(follow(clientOf(endless((_, nth) => waiting(nth), 20)), 700));
    expect(said).toBe("host_stalled: web1 192.0.2.11:22: the answer did not end within 700 ms");
  });

  test("whose journal is a flood is given up, and no more of it is heard", async () => {
    let heard = 0;
    const flood = clientOf(endless((_, nth) => waiting(nth)));
    const [said] = await failed(flood.recover("op", 60_000, () => (heard += 1)));
    expect(said).toMatch(/^answer_too_long: web1 /);
    expect(heard).toBeLessThanOrEqual(10_001);
  });

  test("is given up where its lines are few and huge, in however many connections", async () => {
    const huge: Speak = async ({ frame, say }) => {
      say(`${frame} begin`);
      for (let nth = 0; nth < 3; nth += 1) say(`{"event":"waiting","t":1,"for":"${"x".repeat(1024 * 1024)}"}`);
      return null;
    };
    const { client, calls } = fakeHost(huge, { waits: SHORT });
    expect((await failed(follow(client, 60_000)))[0]).toMatch(/^answer_too_long: web1 /);
    expect(calls.length).toBeLessThanOrEqual(6);
  });

  test("is asked for nothing more where the session is closed", async () => {
    const { client, calls } = fakeHost(silent, { waits: { ...SHORT, follow: { ...SHORT.follow, startMs: 60_000 } } });
    const followed = failed(follow(client, 60_000));
    await client.close();
    expect((await followed)[0]).toMatch(/^connection_lost: web1 /);
    expect(calls.length).toBeLessThanOrEqual(1);
  });

  test("takes no more than its steps, their undos, its lock and what it has to clear away", () => {
    const step = (deadlineMs: number, undos: number) => ({
      ...{ id: "1-stop", action: { verb: "stop" }, deadlineMs },
      undo: undos === 0 ? { kind: "nothing-to-undo", because: "" } : { kind: "act", actions: [{ verb: "stop" }] },
    });
    const transaction = { app: "shop", expects: null, holds: null, steps: [step(1_000, 0), step(2_000, 1)] };
    expect(longestMs(transaction as unknown as Transaction, 5_000)).toBe(600_000 + 5_000 + 3_000 + 60_000);
  });
});

test("no wait is longer than a timer can be, and a login has longer than sshd has for its own part", () => {
  for (const wait of Object.values(WAITS)) expect(Math.max(...Object.values(wait))).toBeLessThan(2 ** 31);
  expect(WAITS.look.startMs).toBeGreaterThan(25_000);
});
