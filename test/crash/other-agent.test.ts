// Beamline is upgraded while an op of the version before lies unfinished on a host.
import { existsSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { answerOf, counterSpec, openShop } from "../e2e/shop.ts";
import { whyNoLab } from "../lab/lab.ts";
import { FAULT, makeFaultyDist } from "./faulty-dist.ts";

const because = whyNoLab();
const APP = "apps/counter/app.yaml";
const BASE = "/opt/releases/.beamline";

test.skipIf(because !== undefined)(
  because ?? "an op that another version of the agent began is ended by that version, and the next one goes on",
  async () => {
    const other = await makeFaultyDist((agent) =>
      agent.replace(/^resolve\(\) \{$/m, 'resolve() {\n  : >"$BASE/resolved-by-the-other"'),
    );
    const shop = await openShop({ hosts: 1 });
    const host = shop.lab.host("web1");
    const first = await shop.push({ [APP]: counterSpec("1.0.0") }, { dist: other });
    expect(first.code, first.log).toBe(0);
    await writeFile(host.file(FAULT), "after begin start kill\n");
    const struck = await shop.startPush({ [APP]: counterSpec("1.1.0") }, { dist: other });
    while (!existsSync(host.file(`${FAULT}.hit`))) await new Promise((resolve) => setTimeout(resolve, 5));
    struck.kill("SIGKILL");
    await struck.result;

    const next = await shop.run();
    expect(next.log).toContain("recovering op ");
    expect(next.code, next.log).toBe(0);
    expect(existsSync(host.file(`${BASE}/resolved-by-the-other`))).toBe(true);
    expect(await answerOf(host, "/version")).toBe("1.1.0");
    const { stdout } = await host.exec(["sh", "-c", `cat ${BASE}/ops/*/agent | sort -u | wc -l`]);
    expect(stdout.trim()).toBe("2");
    expect(await readFile(host.file(`${BASE}/state/counter`), "utf8")).toContain('"version":"1.1.0"');
    await shop.close();
    await rm(other, { recursive: true });
  },
);
