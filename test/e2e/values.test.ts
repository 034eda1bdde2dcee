// What a spec says arrives in the running application exactly, whatever characters it is made of.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Host, whyNoLab } from "../lab/lab.ts";
import { releaseFile } from "./releases.ts";
import { answerOf, counterSpec, openShop, type Shop, shownLog } from "./shop.ts";

const because = whyNoLab();

const HOSTILE: Record<string, string> = {
  quotes: `it's "quoted" and \`backquoted\``,
  spaces: "  two before,\ttab,   three after   ",
  newlines: "first\nsecond\r\n\nlast\n",
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is for a shell that must not see it
  command: "$(reboot) ${HOME} $HOME `reboot` ; reboot & | > /tmp/owned",
  backslashes: "\\ \\n \\0101 \\\\ %s %b *",
  unicode: "Grüße, 世界, 🎺, \u00a0\u200b",
  empty: "",
  long: "x'\"$`\\\n".repeat(2_000),
  erlang: `"}], [{kernel, [{a, <<"b">>}]}]. % ~s ~p`,
};

/** A binary in the external term format: version 131, tag 109, length, bytes (erts, "External Term Format"). */
function binaryIn(base64: string): string {
  const term = Buffer.from(base64, "base64");
  expect([term[0], term[1]]).toEqual([131, 109]);
  return term.subarray(6, 6 + term.readUInt32BE(2)).toString("utf8");
}

describe.skipIf(because !== undefined)(because ?? "values of a spec", () => {
  let shop: Shop;
  let host: Host;

  beforeAll(async () => {
    shop = await openShop({ hosts: 1 });
    host = shop.lab.host("web1");
    const names = Object.keys(HOSTILE);
    const osEnv = Object.fromEntries(names.map((name) => [`SHOP_${name.toUpperCase()}`, HOSTILE[name]]));
    // JSON is YAML, and writes any text unmistakably.
    const more = [
      `env: ${JSON.stringify(HOSTILE)}`,
      `os_env: ${JSON.stringify({ ...osEnv, SHOP_SECRET: { secret: "HOSTILE" } })}`,
    ].join("\n");
    const secrets = JSON.stringify({ HOSTILE: HOSTILE.command });
    const { code, log } = await shop.push(
      { "apps/counter/app.yaml": counterSpec("1.0.0", { more }) },
      { inputs: { secrets } },
    );
    expect(code, log).toBe(0);
  });
  afterAll(() => shop.close());

  test.each(Object.entries(HOSTILE))("env: %s is read back by application:get_env as it was", async (name, value) => {
    expect(binaryIn(await answerOf(host, `/env-base64/${name}`))).toBe(value);
  });

  test.each(Object.entries(HOSTILE))("os_env: %s is read back by os:getenv as it was", async (name, value) => {
    expect(await answerOf(host, `/os-env/SHOP_${name.toUpperCase()}`)).toBe(value);
  });

  test("a secret is, too", async () => {
    expect(await answerOf(host, "/os-env/SHOP_SECRET")).toBe(HOSTILE.command);
  });

  test("numbers, booleans, null, lists and maps become the Erlang terms they look like", async () => {
    const env =
      "env: {answer: 42, ratio: 0.5, big: 123456789012345678901234567890, yes: true, nothing: null, list: [1, a], map: {port: 1}}";
    const { code, log } = await shop.push({ "apps/counter/app.yaml": counterSpec("1.0.0", { more: env }) });
    expect(code, shownLog({ log })).toBe(0);
    const terms = await Promise.all(
      ["answer", "ratio", "big", "yes", "nothing", "list", "map"].map((key) => answerOf(host, `/env/${key}`)),
    );
    expect(terms).toEqual([
      "{ok,42}",
      "{ok,0.5}",
      "{ok,123456789012345678901234567890}",
      "{ok,true}",
      "{ok,null}",
      '{ok,[1,<<"a">>]}',
      "{ok,#{port => 1}}",
    ]);
    // A key that left the spec has left the application.
    expect(await answerOf(host, "/env/quotes")).toBe("undefined");
  });

  test("in Erlang terms are the very same terms, also where an overlay in YAML says something else", async () => {
    const terms: Record<string, string> = {
      atom: "'Elixir.Shop.Repo'",
      text: '<<"gr\\x{fc}n"/utf8>>',
      bytes: "<<1,255>>",
      charlist: '"0.0.0.0"',
      tuple: "{local,{127,0,0,1},8081}",
      proplist: '[{size,10},{name,<<"a">>}]',
      anything: '#{1 => a,<<"k">> => [$a,16#ff,-1.5e3]}',
      pool: "#{size => 10,overflow => 2}",
    };
    const env = Object.entries(terms).map(([key, term]) => `${key} => ${term}`);
    const spec = `%% The same app, in the syntax of Erlang.
#{name => counter, version => <<"1.0.0">>,
  source => #{type => release, url => "file://${releaseFile("counter")}"},
  health => [{type, http}, {port, 8080}],
  os_env => #{"WHERE" => <<"{name} on {host} of {environment}">>},
  env => #{${env.join(",\n           ")}}}.
`;
    const { code, log } = await shop.push({
      "apps/counter/app.yaml": null,
      "apps/counter/app.config": spec,
      "apps/counter/app.production.yaml": "env: {pool: {size: 20}, more: !tuple [!atom a, 1.0]}\n",
    });
    expect(code, shownLog({ log })).toBe(0);
    // In which order a map's atoms are printed differs from OTP 26 on.
    const read = async (key: string): Promise<string> =>
      (await answerOf(host, `/env/${key}`))
        .replaceAll(/\s/g, "")
        .replace(/#\{(\w+=>\d+),(\w+=>\d+)\}/, (_, ...pairs) => `#{${pairs.slice(0, 2).sort().join(",")}}`);
    expect(await Promise.all([...Object.keys(terms), "more"].map(read))).toEqual([
      "{ok,'Elixir.Shop.Repo'}",
      '{ok,<<"grün"/utf8>>}',
      "{ok,<<1,255>>}",
      '{ok,"0.0.0.0"}',
      "{ok,{local,{127,0,0,1},8081}}",
      '{ok,[{size,10},{name,<<"a">>}]}',
      '{ok,#{1=>a,<<"k">>=>[97,255,-1.5e3]}}',
      "{ok,#{overflow=>2,size=>20}}",
      "{ok,{a,1.0}}",
    ]);
    expect(await answerOf(host, "/os-env/WHERE")).toBe("counter on web1 of production");
  });
});
