// Hosts that are asked what runs on them: each for itself, all at once.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { createGzip } from "node:zlib";
import { pack } from "tar-stream";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { inspectRunning } from "../../../src/action/inspect-running.ts";
import type { FetchedRelease } from "../../../src/artifact/fetch.ts";
import { readManifest } from "../../../src/artifact/manifest.ts";
import { Failure } from "../../../src/core/failure.ts";
import { problem, sentenceOf } from "../../../src/core/problem.ts";
import { appsOf, inputFor } from "../../property/wanted.ts";
import { app, deployed, type Fleet, seen } from "../plan/situation.ts";

const FILES = {
  "releases/start_erl.data": "13.1.5 1.1.0",
  "releases/1.1.0/shop.rel": '{release, {"shop", "1.1.0"}, {erts, "13.1.5"}, [{shop, "1.1.0"}]}.',
  "lib/shop-1.1.0/ebin/shop.app": '{application, shop, [{vsn, "1.1.0"}, {modules, []}, {applications, []}]}.',
};

let directory = "";
let release: FetchedRelease;
async function packed(name: string, files: Record<string, string>): Promise<FetchedRelease> {
  const tar = pack();
  for (const [path, content] of Object.entries(files)) tar.entry({ name: path }, content);
  tar.finalize();
  const file = join(directory, name);
  writeFileSync(file, await buffer(tar.pipe(createGzip())));
  return { file, sha256: "", sizeBytes: 0, ...(await readManifest(file)) };
}
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "inspect-running-"));
  release = await packed("shop.tar.gz", FILES);
});
afterAll(() => rmSync(directory, { recursive: true }));

const NAMES = ["cart", "shop"];
const files = (version: string) => NAMES.map((name) => app(name, { strategy: "hot", version }));
const WHOLE = ["release shop 1.0.0 13.1.5", "application shop 1.0.0 permanent ff", "end"];

/** Looks into two apps on three hosts, each of which answers in its way. */
function looked(
  answers: Record<string, (app: string) => Promise<string[]>>,
  releases = new Map(NAMES.map((name) => [name, release])),
) {
  const { hosts } = inputFor(new Map());
  const fleet: Fleet = NAMES.reduce(
    (all, name) => seen(all, name, ({ running }) => ({ running: running && { ...running, isUpgradable: true } })),
    deployed(files("1.0.0")),
  );
  const silent = async (): Promise<string[]> => [];
  return inspectRunning(
    { desired: appsOf(files("1.1.0")), fleet: { hosts } },
    { client: (host) => ({ inspect: answers[host] ?? silent }) },
    { hosts: fleet, releases },
  );
}

describe("what runs on hosts", () => {
  test("is known of those that told it, and of each of the others it is said why not", async () => {
    const lost = { address: "web2.example:22", detail: "what shop is made of could not be read" };
    const { running, uninspected, inventories } = await looked({
      web1: async () => WHOLE,
      web2: async () => {
        throw new Failure([problem("connection_lost", { in: "host", host: "web2" }, lost, ["broken pipe"])]);
      },
      web3: async (name) => (name === "cart" ? [] : WHOLE.slice(0, 2)),
    });
    expect([...inventories.keys()].sort()).toEqual(NAMES);
    expect([...running.keys()].sort()).toEqual(["web1/cart", "web1/shop"]);
    const why = "whether it can be upgraded without a restart is not known:";
    const said = [...uninspected].map(([place, problem]) => `${place}: ${sentenceOf(problem)}`).sort();
    expect(said).toEqual([
      `web2/cart: web2/cart ${why} the connection to web2.example:22 was lost: what shop is made of could not be read`,
      `web2/shop: web2/shop ${why} the connection to web2.example:22 was lost: what shop is made of could not be read`,
      `web3/shop: web3/shop ${why} its node's answer broke off`,
    ]);
    expect(uninspected.get("web2/shop")?.tail).toEqual(["broken pipe"]);
  });

  test("is known of one app though another's release can't be read, which costs that app alone", async () => {
    const odd = await packed("odd.tar.gz", { ...FILES, "lib/shop-1.1.0/ebin/shop.app": "{application, shop, [" });
    const answers = { web1: async () => WHOLE, web2: async () => WHOLE, web3: async () => WHOLE };
    const { running, uninspected } = await looked(
      answers,
      new Map([
        ["cart", odd],
        ["shop", release],
      ]),
    );
    expect([...running.keys()].sort()).toEqual(["web1/shop", "web2/shop", "web3/shop"]);
    expect([...uninspected.keys()].sort()).toEqual(["web1/cart", "web2/cart", "web3/cart"]);
    expect(uninspected.get("web1/cart")).toMatchObject({ code: "invalid_artifact", where: { in: "spec" } });
  });

  test("is one value where hosts answer the same, so that what follows from it is worked out once", async () => {
    const { running } = await looked({ web1: async () => WHOLE, web2: async () => [...WHOLE] });
    expect(running.get("web1/shop")).toBe(running.get("web2/shop"));
  });

  test("is asked of all apps on all hosts at once", async () => {
    let asked = 0;
    let answerAll = (): void => undefined;
    const allAsked = new Promise<void>((resolve) => {
      answerAll = resolve;
    });
    const answer = async (): Promise<string[]> => {
      asked += 1;
      if (asked === 6) answerAll();
      await allAsked;
      return WHOLE;
    };
    const { running } = await looked({ web1: answer, web2: answer, web3: answer });
    expect(running.size).toBe(6);
  });
});
