// The client that posts: a GitHub that accepts and never answers holds nothing up.
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { octokitFor } from "../../../src/github/octokit.ts";

let server: Server;
let asked: number;
/** How many requests are never answered. */
let silent: number;

beforeEach(async () => {
  asked = 0;
  server = createServer((_, response) => {
    asked += 1;
    if (asked > silent) response.setHeader("content-type", "application/json").end('{"name": "shop"}');
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const ask = (retries: number) => {
  const { port } = server.address() as AddressInfo;
  const octokit = octokitFor("ghs_test", () => undefined, 200);
  return octokit.request("GET /repos/acme/shop", { baseUrl: `http://127.0.0.1:${port}`, request: { retries } });
};

test("a request without an answer ends", async () => {
  silent = 1;
  await expect(ask(0)).rejects.toThrow(/timeout/);
});

test("each try has its time", async () => {
  silent = 1;
  expect((await ask(1)).data).toEqual({ name: "shop" });
  expect(asked).toBe(2);
});
