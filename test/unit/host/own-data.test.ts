// Releases on a host that are not all what was unpacked there: what the app has written itself is its own, all else is damage.

import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Entry, manifestText } from "../../../src/artifact/manifest.ts";
import { type AgentShell, agentShell, SHELLS } from "./agent-shell.ts";

const FILES: Record<string, string> = {
  "./bin/shop": "#!/bin/sh\n",
  "./lib/shop-1.0.0/ebin/shop.beam": "code",
  "./lib/shop-1.0.0/priv/repo/migrations/1_first.exs": "migration",
  "./lib/shop-1.0.0/priv/native.so": "native",
  "./lib/tzdata-1.1.1/priv/release_ets/2021e.v2.ets": "table",
  "./lib/tzdata-1.1.1/priv/latest_remote_poll.txt": "2021-10-19",
};

describe.each(SHELLS)("under %s", (name) => {
  let shell: AgentShell;
  let release: string;
  let digest: string;

  beforeEach(async () => {
    shell = agentShell(name, { lacks: [] });
    release = join(shell.base, "../shop/1.0.0");
    const entries = Object.entries(FILES).map(([path, text]): Entry => {
      const file = join(release, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
      const isExecutable = path.startsWith("./bin/");
      chmodSync(file, isExecutable ? 0o755 : 0o644);
      const sha256 = createHash("sha256").update(text).digest("hex");
      return { path, sha256, isExecutable, sizeBytes: text.length };
    });
    symlinkSync("shop-1.0.0", join(release, "lib/shop"));
    entries.push({ path: "./lib/shop", target: "shop-1.0.0" });
    const { said } = await shell.run('content_digest "$ROOT/shop/1.0.0"');
    digest = said;
    writeFileSync(join(release, ".beamline"), `${digest}\n${manifestText(entries)}`);
  });
  afterEach(() => shell.remove());

  const damaged = async (): Promise<string> => (await shell.run(`verify shop 1.0.0 ${digest}`)).said;
  const at = (path: string): string => join(release, path);

  test("what lies there as it was unpacked is whole", async () => {
    expect(await damaged()).toBe("");
  });

  test.each<[string, () => void]>([
    ["has changed", () => writeFileSync(at("lib/tzdata-1.1.1/priv/latest_remote_poll.txt"), "2026-12-01")],
    ["has removed", () => rmSync(at("lib/tzdata-1.1.1/priv/release_ets/2021e.v2.ets"))],
    ["has added", () => writeFileSync(at("lib/tzdata-1.1.1/priv/release_ets/2026b.v2.ets"), "table")],
  ])("data that the app %s is its own", async (_, change) => {
    change();
    expect(await damaged()).toBe("");
  });

  test.each<[string, () => void]>([
    ["code that differs", () => writeFileSync(at("lib/shop-1.0.0/ebin/shop.beam"), "other")],
    ["code that is gone", () => rmSync(at("lib/shop-1.0.0/ebin/shop.beam"))],
    ["a migration that differs", () => writeFileSync(at("lib/shop-1.0.0/priv/repo/migrations/1_first.exs"), "other")],
    ["native code that differs", () => writeFileSync(at("lib/shop-1.0.0/priv/native.so"), "other")],
    ["data that became executable", () => chmodSync(at("lib/tzdata-1.1.1/priv/latest_remote_poll.txt"), 0o755)],
    ["a script that is executable no more", () => chmodSync(at("bin/shop"), 0o644)],
    [
      "data that became a link",
      () => {
        rmSync(at("lib/tzdata-1.1.1/priv/latest_remote_poll.txt"));
        symlinkSync("/etc/passwd", at("lib/tzdata-1.1.1/priv/latest_remote_poll.txt"));
      },
    ],
    [
      "a link that leads elsewhere",
      () => {
        rmSync(at("lib/shop"));
        symlinkSync("tzdata-1.1.1", at("lib/shop"));
      },
    ],
    [
      "data and code that differ",
      () => {
        writeFileSync(at("lib/tzdata-1.1.1/priv/latest_remote_poll.txt"), "2026-12-01");
        writeFileSync(at("lib/shop-1.0.0/ebin/shop.beam"), "other");
      },
    ],
    [
      "a mark of something else",
      () => writeFileSync(at(".beamline"), readFileSync(at(".beamline"), "utf8").replace(/^./, "x")),
    ],
  ])("%s is damage", async (_, change) => {
    change();
    if (_ === "a mark of something else")
      writeFileSync(at("lib/tzdata-1.1.1/priv/latest_remote_poll.txt"), "2026-12-01");
    expect(await damaged()).toBe("1.0.0");
  });
});
