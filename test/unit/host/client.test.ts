// What a look into a running app comes to, by how its command ended.
import { describe, expect, test } from "vitest";
import { Failure } from "../../../src/core/failure.ts";
import { sentenceOf } from "../../../src/core/problem.ts";
import type { HostClient } from "../../../src/host/client.ts";
import { EATEN } from "../../../src/host/command-lines.ts";
import { fakeHost, saying } from "./fake-host.ts";

/** A host whose agent prints `lines` within its frame and ends with `code`; null where the connection breaks before. */
const clientOf = (lines: readonly string[], code: number | null): HostClient => fakeHost(saying(lines, code)).client;

async function failed(asked: Promise<unknown>): Promise<string[]> {
  const error = await asked.catch((caught: unknown) => caught);
  if (!(error instanceof Failure)) throw new Error("it did not fail");
  const [first] = error.problems;
  return [first.code, sentenceOf(first), ...(first.tail ?? [])];
}

describe("a look into a running app", () => {
  test("has the agent's lines", async () => {
    expect(await clientOf(["release shop 1.0.0 13.1.5", "end"], 0).inspect("shop", [])).toEqual([
      "release shop 1.0.0 13.1.5",
      "end",
    ]);
  });

  test("sends the agent where the run only looks: no file of the host's is executed, and none is put there", async () => {
    const { client, calls } = fakeHost(saying([], 0), { isOnlyLookedAt: true });
    await client.inspect("shop", ["kernel=1"]);
    await client.inspect("shop", [], "node");
    await client.code(["shop"]);
    await client.damaged("shop", [{ directory: "1.0.0", digest: "0f" }]);
    expect(calls.map(({ commandLine, frame }) => commandLine.replace(frame, "FRAME"))).toEqual([
      "exec /bin/sh -s -- /opt/releases inspect FRAME shop kernel=1",
      "exec /bin/sh -s -- /opt/releases inspect_embedded FRAME node shop",
      "exec /bin/sh -s -- /opt/releases code FRAME shop",
      "exec /bin/sh -s -- /opt/releases verify FRAME shop 1.0.0 0f",
    ]);
  });

  test("fails with the connection, or with the agent, and says which", async () => {
    expect(await failed(clientOf(["release shop"], null).inspect("shop", []))).toEqual([
      "connection_lost",
      "web1/shop the connection to 192.0.2.11:22 was lost: what shop is made of could not be read",
      "broken pipe",
    ]);
    expect(await failed(clientOf([], 2).inspect("shop", []))).toEqual([
      "step_failed",
      "web1/shop the agent ended with 2",
      "broken pipe",
    ]);
  });
});

/** The line that follows an op's journal. */
const APP = JSON.stringify({
  ...{ kind: "app", name: "shop", op: null, current: null, releases: [], running: null, held: null, unfinished: [] },
  ...{ health: { health: "unknown", saw: "it is not running" }, configs: [], unreadable: null },
});

describe("an op that has ended", () => {
  const begin = '{"event":"begin","t":1,"step":"1-stop","index":1}';

  test("is told with its app; a line that was cut off is passed over", async () => {
    const lines = [begin, '{"event":"undo","t":', '{"event":"outcome","t":2,"outcome":"deployed"}', APP];
    const events: string[] = [];
    const { outcome, app } = await clientOf(lines, 0).recover("op", 60_000, ({ event }) => events.push(event));
    expect([outcome.outcome, app?.name, events]).toEqual(["deployed", "shop", ["begin", "outcome"]]);
  });

  test("and whose journal lacks its outcome can't be followed to its end, and is not asked again for ever", async () => {
    expect(await failed(clientOf([begin, APP], 0).recover("op", 60_000, () => undefined))).toEqual([
      "connection_lost",
      "web1 the connection to 192.0.2.11:22 was lost: op op could not be followed to its end",
      "broken pipe",
    ]);
  });
});

describe("an op whose input something in the login reads first", () => {
  const request = { transaction: { app: "shop", steps: [] }, lockTimeoutMs: 0, holder: "", manifests: new Map() };
  const run = (client: HostClient) =>
    client.run(
      "op",
      { ...request, files: new Map() } as never,
      () => Promise.reject(),
      () => undefined,
    );

  test("has not begun, which is said at once", async () => {
    const { client, calls } = fakeHost(async ({ frame, say }) => {
      say(`${frame} eaten`);
      return 0;
    });
    expect((await failed(run(client)))[0]).toBe("login_eats_input");
    expect(calls.length).toBe(1);
  });

  test("has not begun where the agent itself did not arrive", async () => {
    const { client, calls } = fakeHost(async ({ commandLine, frame, say }) => {
      if (commandLine.includes("umask 077")) return EATEN;
      say(`${frame} absent`);
      return 0;
    });
    expect((await failed(run(client)))[0]).toBe("login_eats_input");
    expect(calls.length).toBe(2);
  });
});
