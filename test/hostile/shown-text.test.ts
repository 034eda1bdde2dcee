// An app that dies with its secret on its lips, just where lines are cut, and says much else: what is shown of it.
import { appendFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { JobResult } from "../e2e/action.ts";
import { releaseFile } from "../e2e/releases.ts";
import { counterSpec, openShop, type Shop, shownLog } from "../e2e/shop.ts";
import { run } from "../lab/command.ts";
import { whyNoLab } from "../lab/lab.ts";
import { isCommand, linesOf, unseenIn } from "../property/runner.ts";

const because = whyNoLab();
const SECRET = "Zq9~kW7#vT3%xJ5&pL8^mB2*hD6";

/**
 * Prints lines that are cut in the secret after ever more of it, then some that hold it in other writings; its slogan as well. A VM
 * that halts with a slogan does not flush (erlang(3), halt/2), so it waits for its last line to be in its log.
 */
const LAST_WORDS = `
  ok = io:setopts([{encoding, unicode}]), S = os:getenv("PASSWORD"), Pad = fun(C, N) -> lists:duplicate(N, C) end,
  [io:format("~s~s~n", [Pad($x, 300 - N), S]) || N <- [5, 12, 26]],
  io:format("~s~ts~n", [Pad($x, 297), [16#20ac, S]]),
  io:format("b64 ~s hex ~s~n", [base64:encode("user:" ++ S), [io_lib:format("~2.16.0b", [C]) || C <- S]]),
  io:format("~w~n~p~n~0P~n", [S, list_to_binary([1, S]), [{password, S}], 12]),
  io:format("::error::a ~ts ::error::b~n~ts ##[error]c~n", [[16#2028], [16#200b, 16#202e]]),
  Flushed = fun F() -> {ok, Log} = file:read_file("/proc/self/fd/1"), binary:match(Log, <<"]c">>) =/= nomatch orelse F() end,
  Flushed(), erlang:halt(Pad($y, 140) ++ S).`;

describe.skipIf(because !== undefined)(because ?? "what an app says when it dies", () => {
  let shop: Shop;
  let result: JobResult;

  beforeAll(async () => {
    shop = await openShop({ hosts: 1 });
    const directory = join(shop.repository.directory, "release");
    const tarball = join(shop.repository.directory, "release.tar.gz");
    mkdirSync(directory);
    await run(["tar", "-xzf", releaseFile("counter", "1.1.0"), "-C", directory]);
    const expression = LAST_WORDS.replace(/\s+/g, " ").trim();
    appendFileSync(join(directory, "releases/1.1.0/vm.args"), `\n-eval '${expression}'\n`);
    await run(["sh", "-c", `tar -czf "$0" -C "$1" .`, tarball, directory]);
    const spec = counterSpec("1.1.0", {
      source: `{type: release, url: "file://${tarball}"}`,
      health: "{type: http, port: 8080, path: /health, min_healthy_time: 5000}",
      more: "os_env: {PASSWORD: {secret: DB_PASSWORD}}",
    });
    result = await shop.push(
      { "apps/counter/app.yaml": spec },
      { inputs: { secrets: JSON.stringify({ DB_PASSWORD: SECRET }) } },
    );
  });
  afterAll(() => shop.close());

  const everything = (): string =>
    [shownLog(result), result.summary, JSON.stringify(result.outputs), JSON.stringify(shop.double.requests)].join("\n");

  test("is quoted: its last lines and its slogan, each cut with a mark", () => {
    expect(result.code, result.log).toBe(1);
    expect(result.log).toMatch(/start_failed: .*: y{100,}\**…$/m);
    expect(result.log).toMatch(/^ {4}\| x{200,}\**…$/m);
    expect(result.log).toContain("b64 dXNlcjp***");
  });

  test("holds no four characters in a row of a secret, wherever they were cut", () => {
    const pieces = Array.from({ length: SECRET.length - 3 }, (_, at) => SECRET.slice(at, at + 4));
    expect(pieces.filter((piece) => everything().includes(piece))).toEqual([]);
  });

  test("holds no secret in another writing", () => {
    const base64 = Buffer.from(`user:${SECRET}`).toString("base64");
    const hex = Buffer.from(SECRET).toString("hex");
    const numbers = [...Buffer.from(SECRET)].join(",");
    for (const [text, width] of [
      [base64.slice(7), 8],
      [hex, 8],
      [numbers, 12],
    ] as const)
      for (let at = 0; at + width <= text.length; at += 1)
        expect(everything()).not.toContain(text.slice(at, at + width));
  });

  test("is no command to the runner, and nothing that is not seen", () => {
    const lines = linesOf(shownLog(result)).filter((line) => !/^::(error|warning|save-state|set-output) ?/.test(line));
    expect(lines.filter(isCommand)).toEqual([]);
    expect(unseenIn(shownLog(result))).toEqual([]);
    expect(unseenIn(result.summary)).toEqual([]);
    expect(lines).toContain("    | ::error::a   ::error::b");
  });
});
