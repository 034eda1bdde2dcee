// Hot upgrades of a mix release: its consolidated protocols, which no application has, and the values that config/runtime.exs set
// when it booted (examples/herald).
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Host, whyNoLab } from "../lab/lab.ts";
import { releaseFile } from "./releases.ts";
import { answerOf, openShop, type Shop } from "./shop.ts";

const because = whyNoLab();

/** Of `env` the greeting is set by runtime.exs, too, which wins when it boots. */
const heraldSpec = (version: string, env: string, health = "start_timeout: 20000"): string => `name: herald
version: "${version}"
source: {type: release, url: "file://${releaseFile("herald")}"}
strategy: hot
env: ${env}
os_env: {HERALD_GREETING: hear-hear, HERALD_TOWN: ghent}
health: {type: http, port: 4000, path: /, min_healthy_time: 100, ${health}}
`;

describe.skipIf(because !== undefined)(because ?? "a hot upgrade of a mix release", () => {
  let shop: Shop;
  let host: Host;

  const push = (...args: Parameters<typeof heraldSpec>) => shop.push({ "apps/herald/app.yaml": heraldSpec(...args) });
  const ask = (path: string): Promise<string> => answerOf(host, path, 4000);
  const processes = async (): Promise<string[]> => [
    (await host.exec(["pgrep", "-x", "beam.smp"])).stdout.trim(),
    await ask("/pid"),
  ];
  const evaluate = async (expression: string): Promise<string> => {
    const script = `echo '${expression}' | $(ls /opt/releases/herald/*/erts-*/bin/erl_call | head -n 1) -sname herald -c herald-example -h by_hand -e`;
    return (await host.exec(["sh", "-c", script])).stdout;
  };
  const mood = (): Promise<string> => evaluate("application:get_env(herald, mood).");

  const who = (): Promise<string> =>
    evaluate(
      "{ok, [{by, Pid}, #{how := {Add, Peer}}]} = application:get_env(herald, who), true = is_pid(Pid), {Add(1), Peer}.",
    );

  beforeAll(async () => {
    shop = await openShop({ hosts: 1 });
    [host] = shop.lab.hosts as [Host];
    const { code, log } = await push("1.0.0", "{greeting: good-day, mood: !atom calm}");
    expect(code, log).toBe(0);
    expect(await ask("/")).toBe("1.0.0 hear-hear ghent");
    expect(await ask("/cry")).toBe("1");
  });
  afterAll(() => shop.close());

  test("goes back with state, protocols and environment where the new version is not healthy", async () => {
    const before = await processes();
    const health = "start_timeout: 500, expect: {body: silence}";
    const { code, log } = await push("1.1.0", "{greeting: good-night, mood: !atom grim}", health);
    expect(log).toContain("rolled back to 1.0.0: health_check_failed");
    expect(code).toBe(1);
    expect(await ask("/")).toBe("1.0.0 hear-hear ghent");
    expect(await ask("/cries")).toBe("1");
    expect(await ask("/news/number")).toBe("number 7");
    expect(await ask("/news/list")).toBe("no news");
    expect(await mood()).toBe("{ok, {ok, calm}}");
    expect(await processes()).toEqual(before);
  });

  test("replaces consolidated protocols, and keeps states and what runtime.exs had set", async () => {
    const before = await processes();
    const { code, log } = await push("1.1.0", "{greeting: good-night, mood: !atom merry}");
    expect(log).toMatch(/hot: .*1 consolidated protocol replaced; state migrated: Elixir\.Herald\.Crier;/);
    expect(code, log).toBe(0);
    expect(await ask("/")).toBe("1.1.0 hear-hear ghent");
    expect(await ask("/cries")).toBe("1 silent");
    expect(await ask("/news/number")).toBe("the number 7");
    expect(await ask("/news/list")).toBe("the number 7, text peace");
    expect(await mood()).toBe("{ok, {ok, merry}}");
    expect(await processes()).toEqual(before);
  });

  test("takes a change of env alone, whatever else was set in the node", async () => {
    // Terms that no file can hold, as runtime.exs sets them for ssl.
    await evaluate("application:set_env(herald, who, [{by, self()}, #{how => {fun(X) -> X + 1 end, peer}}]).");
    const before = await processes();
    const { code, log } = await push("1.1.0", "{greeting: good-morning, mood: !atom brisk}");
    expect(code, log).toBe(0);
    expect(await ask("/")).toBe("1.1.0 hear-hear ghent");
    expect(await mood()).toBe("{ok, {ok, brisk}}");
    expect(await who()).toBe("{ok, {2, peer}}");
    expect(await processes()).toEqual(before);
  });

  test("goes down as it came up", async () => {
    const before = await processes();
    expect(await ask("/cry")).toBe("2 loud");
    const { code, log } = await push("1.0.0", "{}");
    expect(code, log).toBe(0);
    expect(await ask("/")).toBe("1.0.0 hear-hear ghent");
    expect(await ask("/cries")).toBe("2");
    expect(await ask("/news/number")).toBe("number 7");
    expect(await ask("/news/list")).toBe("no news");
    expect(await mood()).toBe("{ok, undefined}");
    expect(await who()).toBe("{ok, {2, peer}}");
    expect(await processes()).toEqual(before);
  });
});
