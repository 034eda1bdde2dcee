// What a run quotes of an app that did not start: its own lines of this start, whoever of its unit has printed them.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Host, whyNoLab } from "../lab/lab.ts";
import { changedRelease, releaseFile } from "./releases.ts";
import { answerOf, counterSpec, openShop, type Shop, shownLog } from "./shop.ts";

const because = whyNoLab();
const APP = "apps/counter/app.yaml";

describe.skipIf(because !== undefined).each([{ systemd: true }, { systemd: false }])(
  because ?? "of an app that does not start (systemd: $systemd)",
  ({ systemd }) => {
    let shop: Shop;
    let host: Host;
    const built = mkdtempSync(join(tmpdir(), "last-lines-"));

    /** A release whose start script is another: it says something first. */
    const source = (version: string, said: string): string => {
      const lines = ["#!/bin/sh", said, 'exec "$0.real" "$@"'].map((line) => `'${line.replaceAll("'", "'\\''")}'`);
      const change = `mv bin/counter bin/counter.real && printf '%s\\n' ${lines.join(" ")} >bin/counter && chmod 755 bin/counter`;
      const file = changedRelease(built, releaseFile("counter", version), change);
      return `{type: release, url: "file://${file}"}`;
    };

    beforeAll(async () => {
      shop = await openShop({ hosts: 1, systemd });
      host = shop.lab.host("web1");
      const first = counterSpec("1.0.0", { source: source("1.0.0", "echo a line of the version before") });
      const { code, log } = await shop.push({ [APP]: first });
      expect(code, log).toBe(0);
    });
    afterAll(async () => {
      rmSync(built, { recursive: true });
      await shop.close();
    });

    test.each([
      [
        "a migration's exception is the headline",
        "echo migrating; echo '** (DBConnection.ConnectionError) tcp connect: refused'; echo '    (db) lib/db.ex:7: Db.up/0'; exit 1",
        /start_failed: the app did not start: it ended \d+ ms after its start: \*\* \(DBConnection\.ConnectionError\) tcp connect: refused/,
      ],
      [
        "the linker's word is the headline",
        "echo './erl: error while loading shared libraries: libodbc.so.2: cannot open shared object file'; exit 127",
        /it ended \d+ ms after its start: .*error while loading shared libraries: libodbc\.so\.2/,
      ],
    ])("%s, and no line of the version before is quoted", async (_, said, headline) => {
      const { code, log } = await shop.push({ [APP]: counterSpec("1.1.0", { source: source("1.1.0", said) }) });
      expect(code).toBe(1);
      const shown = shownLog({ log });
      expect(shown).toMatch(headline);
      expect(shown).toMatch(/^ +\| .*(DBConnection|libodbc)/m);
      expect(shown).not.toContain("a line of the version before");
      expect(await answerOf(host, "/version")).toBe("1.0.0");
    });
  },
);
