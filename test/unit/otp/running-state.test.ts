// What goes on through an upgrade, and what its processes are told meanwhile.
import { describe, expect, test } from "vitest";
import { hotUpgrade } from "../../../src/otp/hot-upgrade.ts";
import type { ModuleFacts, ReleaseInventory } from "../../../src/otp/inventory.ts";
import type { HotUpgrade } from "../../../src/otp/upgrade.ts";
import type { ErlangTerm } from "../../../src/spec/erlang-term.ts";
import { formatTerm } from "../../../src/spec/erlang-term.ts";
import { application, plain, release, server, supervisor, termIn } from "./inventories.ts";

type Modules = Readonly<Record<string, ModuleFacts>>;

const answer = (from: ReleaseInventory, to: ReleaseInventory) =>
  hotUpgrade(from, to, { appup: "auto", onLinger: "refuse" });

function hot(...between: Parameters<typeof answer>): HotUpgrade {
  const planned = answer(...between);
  if ("refused" in planned) throw new Error(planned.refused.map(({ text }) => text).join("; "));
  return planned.hot;
}

function refusals(...between: Parameters<typeof answer>): string[] {
  const planned = answer(...between);
  return "refused" in planned ? planned.refused.map(({ text }) => text) : [];
}

const lines = (script: readonly ErlangTerm[] | null): string[] => (script ?? []).map(formatTerm);
const texts = ({ findings }: HotUpgrade): string[] => findings.map(({ code, text }) => `${code}: ${text}`);

describe("a running release", () => {
  test("has nobody asked, or changed, while another stands still that it calls", () => {
    const modules = (code: string): Modules => ({
      desk: server(code, { calls: ["store"] }),
      store: server(code),
      sup: { ...supervisor(code), calls: ["store"] },
    });
    const { up, down } = hot(
      release("1.0.0", [application("counter", "1.0.0", modules("a"))]),
      release("1.1.0", [application("counter", "1.1.0", modules("b"))]),
    );
    expect(lines(up).slice(2)).toEqual([
      "{suspend,[desk,store]}",
      "{load,{store,soft_purge,soft_purge}}",
      "{load,{sup,soft_purge,soft_purge}}",
      "{load,{desk,soft_purge,soft_purge}}",
      "{code_change,up,[{store,[]}]}",
      "{resume,[store]}",
      "{code_change,up,[{desk,[]}]}",
      "{resume,[desk]}",
      "{suspend,[sup]}",
      "{code_change,up,[{sup,[]}]}",
      "{resume,[sup]}",
    ]);
    expect(lines(down).slice(-3)).toEqual(["{suspend,[sup]}", "{code_change,down,[{sup,[]}]}", "{resume,[sup]}"]);
  });

  test("is in doubt where two processes that change call each other", () => {
    const modules = (code: string): Modules => ({
      desk: server(code, { calls: ["store"] }),
      store: server(code, { calls: ["desk"] }),
    });
    const upgrade = hot(
      release("1.0.0", [application("counter", "1.0.0", modules("a"))]),
      release("1.1.0", [application("counter", "1.1.0", modules("b"))]),
    );
    expect(texts(upgrade)).toEqual([
      "may_wait: desk and store call each other, and both change: a code_change that does so, too, waits until it fails; rehearse it",
    ]);
  });

  test("is in doubt where a library keeps state and brings no appup for its new version", () => {
    const shop = { resource: termIn('{application, shop, [{vsn, "1"}, {applications, [pool]}]}') };
    const upgrade = (name: string, modules: (code: string) => Modules) =>
      texts(
        hot(
          release("1.0.0", [application(name, "1.0.0", modules("a")), application("shop", "1", {}, shop)]),
          release("1.1.0", [application(name, "1.1.0", modules("b")), application("shop", "1", {}, shop)]),
        ),
      );
    const doubt = "brings no appup, and what it keeps while it runs may have another form: rehearse it";
    expect(upgrade("pool", (code) => ({ pool: server(code) }))).toEqual([`state_untold: pool 1.0.0 → 1.1.0 ${doubt}`]);
    expect(upgrade("pool", (code) => ({ pool: plain(code, { calls: ["ets"] }) }))).toHaveLength(1);
    // Only functions; and what no other application needs is what the release is made for.
    expect(upgrade("pool", (code) => ({ pool: plain(code) }))).toEqual([]);
    expect(upgrade("counter", (code) => ({ counter: server(code) }))).toEqual([]);
  });

  test("restarts for another Elixir, whose Registry keeps what no code_change of it carries over", () => {
    const elixir = (version: string) => application("elixir", version, { "Elixir.Registry": server(version) });
    const own = application("counter", "1.0.0", { codec: plain("a") });
    const [from, to] = [release("1.0.0", [elixir("1.18.4"), own]), release("1.1.0", [elixir("1.20.1"), own])];
    expect(refusals(from, to)).toEqual(["elixir 1.18.4 → 1.20.1"]);
    const rebuilt = application("elixir", "1.18.4", { "Elixir.Registry": server("b") });
    expect(refusals(from, release("1.1.0", [rebuilt, own]))).toEqual(["elixir 1.18.4 has other code"]);
  });
});
