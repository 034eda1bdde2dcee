// What becomes of an embedded application and what it has brought along; the rest of its node is the node's.
import { describe, expect, test } from "vitest";
import { type EmbeddedApplication, embeddedUpgrade } from "../../../src/otp/embedded-upgrade.ts";
import type { ApplicationFacts, ReleaseInventory } from "../../../src/otp/inventory.ts";
import type { HotUpgrade } from "../../../src/otp/upgrade.ts";
import { formatTerm } from "../../../src/spec/erlang-term.ts";
import { application, plain, server, termIn } from "./inventories.ts";

/** An application that needs others. */
const needing = (name: string, version: string, code: string, ...needs: string[]): ApplicationFacts =>
  application(
    name,
    version,
    { [`${name}_server`]: server(code) },
    {
      startType: "temporary",
      resource: termIn(`{application, ${name}, [{vsn, "${version}"}, {applications, [${needs.join(", ")}]}]}`),
    },
  );

const inventory = (version: string, applications: readonly ApplicationFacts[], erts = "0"): ReleaseInventory => ({
  name: "guest",
  version,
  erts,
  applications,
  appups: new Map(),
  relup: null,
  consolidated: new Map(),
  startFiles: null,
  made: new Map(),
});

const PARTS = [needing("codec", "1.0.0", "a", "kernel"), needing("guest", "1.0.0", "a", "kernel", "codec")];
const there = (change: Partial<EmbeddedApplication> = {}, parts = PARTS): EmbeddedApplication => ({
  inventory: inventory("1.0.0", parts, "13.1.5"),
  runs: ["kernel", "stdlib", "shop", "codec", "guest"],
  shared: [],
  hasReleaseHandler: true,
  ...change,
});
const WANTED = [
  // A tarball has what its node has, too, in whatever version.
  needing("kernel", "9.9", "other"),
  needing("codec", "1.0.0", "a", "kernel"),
  needing("guest", "1.1.0", "b", "kernel", "codec"),
];

const asked = (running: EmbeddedApplication, applications = WANTED) =>
  embeddedUpgrade(running, inventory("1.1.0", applications), { appup: "auto", onLinger: "refuse" });
function hot(...of: Parameters<typeof asked>): HotUpgrade {
  const answer = asked(...of);
  if ("refused" in answer) throw new Error(answer.refused.map(({ text }) => text).join("; "));
  return answer.hot;
}
function refusals(...of: Parameters<typeof asked>): string[] {
  const answer = asked(...of);
  return "refused" in answer ? answer.refused.map(({ text }) => text) : [];
}

describe("an embedded application", () => {
  test("is upgraded as a release of itself and what came along would be", () => {
    const { up, down, applications, migrated } = hot(there());
    expect(up.map(formatTerm)).toEqual([
      '{load_object_code,{guest,"1.1.0",[guest_server]}}',
      "point_of_no_return",
      "{suspend,[guest_server]}",
      "{load,{guest_server,soft_purge,soft_purge}}",
      "{code_change,up,[{guest_server,[]}]}",
      "{resume,[guest_server]}",
    ]);
    expect(down).not.toBeNull();
    expect(applications).toEqual([{ name: "guest", from: "1.0.0", to: "1.1.0", origin: "generated" }]);
    expect(migrated).toEqual(["guest_server"]);
  });

  test("restarts where it has brought another Elixir along", () => {
    const parts = (version: string): ApplicationFacts[] => [
      needing("elixir", version, version, "kernel"),
      needing("guest", "1.1.0", "b", "kernel", "elixir"),
    ];
    expect(refusals(there({ runs: ["kernel", "elixir", "guest"] }, parts("1.18.4")), parts("1.20.1"))).toEqual([
      "elixir 1.18.4 → 1.20.1",
    ]);
  });

  test("takes what it has brought along with it", () => {
    const next = [needing("codec", "1.1.0", "b", "kernel"), needing("guest", "1.1.0", "a", "kernel", "codec")];
    expect(hot(there(), next).applications.map(({ name }) => name)).toEqual(["codec", "guest"]);
  });

  test("may need more of what its node runs anyway, and what its tarball has of that stays there", () => {
    const next = [...WANTED.slice(0, 2), needing("guest", "1.1.0", "b", "kernel", "codec", "shop", "stdlib")];
    expect(hot(there(), next).loaded).toEqual(["guest_server"]);
  });
});

describe("it must be a restart", () => {
  const guest = (...needs: string[]) => needing("guest", "1.1.0", "b", ...needs);
  const codec = needing("codec", "1.1.0", "b", "kernel");

  test.each<[string, EmbeddedApplication, ApplicationFacts[], string]>([
    [
      "in a node without a release_handler",
      there({ hasReleaseHandler: false }),
      WANTED,
      "its node has no sasl, whose release_handler does it",
    ],
    [
      "where it brings along one more",
      there(),
      [codec, needing("mail", "1.0.0", "a"), guest("codec", "mail")],
      "it needs mail, which does not run in its node",
    ],
    [
      "where what it needs is nowhere",
      there(),
      [codec, guest("codec", "mail")],
      "it needs mail, which does not run in its node",
    ],
    ["where it brings along one less", there(), [guest("kernel")], "it needs codec no more"],
    [
      "where it does not bring along what is there by it alone",
      there(),
      [guest("codec")],
      "codec runs with it, and the release does not bring it along",
    ],
    [
      "where others need what changes",
      there({ shared: ["codec"] }),
      [codec, guest("codec")],
      "codec is needed by others in its node",
    ],
    [
      "for native code",
      there(),
      [
        WANTED[1] as ApplicationFacts,
        { ...guest("codec"), modules: new Map([["guest_server", plain("b", { isNative: true })]]) },
      ],
      "guest_server loads native code, or acts when it is loaded",
    ],
  ])("%s", (_, running, wanted, why) => {
    expect(refusals(running, wanted)).toEqual([why]);
  });

  test("and else it need not, where others need what stays", () => {
    expect(refusals(there({ shared: ["codec", "guest"] }))).toEqual([]);
  });
});
