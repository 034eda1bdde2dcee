// A release built by mix is deployed as one built by rebar3 is.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Host, whyNoLab } from "../lab/lab.ts";
import { releaseFile } from "./releases.ts";
import { answerOf, openShop, type Shop } from "./shop.ts";

const because = whyNoLab();

const heraldSpec = (version: string, greeting: string, more = ""): string => `name: herald
version: "${version}"
source: {type: release, url: "file://${releaseFile("herald")}"}
env: {greeting: ${greeting}}
os_env: {HERALD_TOWN: "${greeting}town"${more}}
health: {type: http, port: 4000, path: /}
`;

describe.skipIf(because !== undefined)(because ?? "a mix release", () => {
  let shop: Shop;
  let host: Host;
  beforeAll(async () => {
    shop = await openShop({ hosts: 1 });
    host = shop.lab.host("web1");
  });
  afterAll(() => shop.close());

  test.each([
    ["deployed", "1.0.0", "good-day", { deployed: "1" }],
    ["upgraded", "1.1.0", "good-day", { upgraded: "1" }],
    ["reconfigured", "1.1.0", "good-night", { reconfigured: "1" }],
  ])("is %s", async (_, version, greeting, counted) => {
    const { code, log, outputs } = await shop.push({ "apps/herald/app.yaml": heraldSpec(version, greeting) });
    expect(code, log).toBe(0);
    expect(outputs).toMatchObject(counted);
    expect(await answerOf(host, "/", 4000)).toBe(`${version} ${greeting} ${greeting}town`);
  });

  test("has its config/runtime.exs evaluated with the spec's os_env, which wins over env", async () => {
    const spec = heraldSpec("1.1.0", "good-night", ", HERALD_GREETING: good-evening");
    const { code, log } = await shop.push({ "apps/herald/app.yaml": spec });
    expect(code, log).toBe(0);
    expect(await answerOf(host, "/", 4000)).toBe("1.1.0 good-evening good-nighttown");
  });
});
