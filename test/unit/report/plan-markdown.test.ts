import { describe, expect, test } from "vitest";
import { problem } from "../../../src/core/problem.ts";
import type { PlanItem } from "../../../src/plan/plan-item.ts";
import { cutToBytes } from "../../../src/report/markdown.ts";
import { planMarkdown } from "../../../src/report/plan-markdown.ts";
import { blocked, item, planOf, unchanged } from "./results.ts";
import { partsOf, withoutCode } from "./tables.ts";

const render = (...items: PlanItem[]) => partsOf(planMarkdown(planOf(...items)));
const held = problem("held", { in: "host", host: "web1", app: "counter" }, { failed: "start_failed" });
const changes = [
  { field: "version", from: "1.0.0", to: "1.1.0", file: "app.yaml", line: 2 },
  { field: "env.port", from: null, to: "8080", file: "app.yaml", line: 9 },
  { field: "env.old", from: "1", to: null, file: null, line: null },
];

describe("a plan in the job summary", () => {
  test("leads with the environment and what is to be done, and ends with the digest", () => {
    const lines = planMarkdown(planOf(item(), unchanged())).trimEnd().split("\n");
    expect(lines[0]).toBe("## Plan for production");
    expect(lines[2]).toBe("1 to upgrade, 1 unchanged.");
    expect(lines.at(-1)).toBe(`Digest \`${"d".repeat(64)}\``);
  });

  test("has a row for each item that does something or is blocked, and none for the rest", () => {
    const { tables } = render(item(), unchanged({ host: "web2" }), blocked(held, { host: "web3" }));
    expect(tables[0]?.slice(2)).toEqual([
      ["counter", "web1", "upgrade", "1.0.0 → 1.1.0", "spec", "cut, it restarts", "3.7 MB"],
      [
        "counter",
        "web3",
        "blocked: this very spec failed here before &#40;start&#95;failed&#41; and is held&#58; it is not tried again",
        "1.0.0 → 1.1.0",
        "",
        "",
        "",
      ],
    ]);
  });

  test("has one row for all hosts of which the same is said, and names a few of them", () => {
    const hosts = ["web1", "web2", "web3", "web4", "web5", "web6", "web7"];
    const { tables } = render(...hosts.map((host) => item({ host })), item({ host: "db1", from: "0.9.0" }));
    expect(tables[0]?.slice(2).map((cells) => cells.slice(0, 4))).toEqual([
      ["counter", "web1, web2, web3, web4, web5 and 2 more", "upgrade", "1.0.0 → 1.1.0"],
      ["counter", "db1", "upgrade", "0.9.0 → 1.1.0"],
    ]);
  });

  test("folds what changes away where that is more than a few apps, also where it is cut", () => {
    const apps = ["api", "broker", "cache", "db"].map((app) => item({ app, changes }));
    expect(planMarkdown(planOf(...apps.slice(1)))).not.toContain("<details>");
    const folded = planMarkdown(planOf(...apps));
    expect(folded.match(/^<details><summary>\w+<\/summary>\n\n\| Field/gm)).toHaveLength(4);
    const cut = cutToBytes(folded, 1_000);
    expect(cut).toContain("<details>");
    expect(cut.match(/<details>/g)).toHaveLength(cut.match(/<\/details>/g)?.length ?? 0);
    expect(cut.trimEnd()).toMatch(/<\/details>\n\n… cut here: /);
  });

  test("stops at 10,000 items that do something, and says so", () => {
    const one = item({ warnings: ["careful"] });
    const items = Array.from({ length: 10_002 }, (_, index) => ({ ...one, host: `web${index}` }));
    const lines = planMarkdown({ ...planOf(), items: [unchanged(), ...items] }).split("\n");
    expect(lines).toContain("10002 to upgrade, 1 unchanged.");
    expect(lines.filter((line) => line.includes("more"))).toEqual([
      expect.stringContaining("and 9995 more"),
      "… and 2 more, counted above",
    ]);
  });

  test("has no table where nothing is to be done", () => {
    expect(render(unchanged()).tables).toEqual([]);
    expect(render().rest).toContain("nothing is wanted, nothing is there.");
  });

  test("shows what changes in an app once, not once for every host", () => {
    const { tables, rest } = render(item({ changes }), item({ host: "web2", changes }));
    expect(tables).toHaveLength(2);
    expect(tables[1]?.slice(2)).toEqual([
      ["`version`", "`1.0.0`", "`1.1.0`", "`app.yaml:2`"],
      ["`env.port`", "", "`8080`", "`app.yaml:9`"],
      ["`env.old`", "`1`", "", ""],
    ]);
    expect(rest.filter((line) => line.startsWith("### "))).toEqual(["### counter"]);
  });

  test("says what is true of some hosts only under their names, and what is true of all once", () => {
    const warned = (...items: PlanItem[]): string[] => render(...items).rest.filter((line) => /^(- |### )/.test(line));
    expect(warned(item({ warnings: ["same"] }), item({ host: "web2", warnings: ["same"] }))).toEqual([
      "### counter",
      "- ⚠️ same",
    ]);
    expect(
      warned(
        item({ warnings: ["here"] }),
        item({ host: "web2", warnings: ["there"] }),
        item({ host: "web3", warnings: ["there"] }),
      ),
    ).toEqual(["### counter on web1", "- ⚠️ here", "### counter on web2, web3", "- ⚠️ there"]);
  });

  test("has no section for an app of which there is nothing more to say", () => {
    expect(render(item()).rest.filter((line) => line.startsWith("### "))).toEqual([]);
  });

  test("keeps what files and hosts say out of its markup", () => {
    const evil = "x | y\n| <img src=x> @everyone [x](javascript:alert(1)) `";
    const { tables, rest } = render(
      item({ changes: [{ field: evil, from: evil, to: evil, file: "app.yaml", line: 1 }], warnings: [evil] }),
      blocked(problem("step_failed", { in: "host", host: "web1" }, { detail: evil })),
    );
    expect(tables.map((table) => table.map((cells) => cells.length))).toEqual([
      [7, 7, 7, 7],
      [4, 4, 4],
    ]);
    const outside = [...tables.flat(2), ...rest].map(withoutCode).join("\n");
    expect(outside).not.toMatch(/[<@[]|\]\(/);
  });
});
