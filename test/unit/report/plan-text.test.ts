import { describe, expect, test } from "vitest";
import { problem } from "../../../src/core/problem.ts";
import type { PlanItem } from "../../../src/plan/plan-item.ts";
import { coloured } from "../../../src/report/paint.ts";
import { planMarkdown } from "../../../src/report/plan-markdown.ts";
import { itemTitle, planSummary, planText, versionsText } from "../../../src/report/plan-text.ts";
import { blocked, item, planOf, unchanged } from "./results.ts";

const held = problem("held", { in: "host", host: "web1", app: "counter" }, { failed: "health_check_failed" });

describe("a plan in the log", () => {
  test("says what a hot upgrade loads, and of one that leads to an older version that it does", () => {
    const hot = {
      applications: [{ name: "counter", from: "1.1.0", to: "1.0.0", origin: "generated" as const }],
      loaded: ["counter_server"],
      added: [],
      deleted: ["counter_added"],
      migrated: ["counter_server"],
      consolidated: [],
    };
    const said =
      "1 module loaded, 1 deleted; state migrated: counter_server; counter 1.1.0 → 1.0.0 by a generated appup";
    const lines = (isDowngrade: boolean) => planText(planOf(item({ hot: { ...hot, through: [], isDowngrade } })));
    expect(lines(false)).toContain(`      hot: ${said}`);
    expect(lines(true)).toContain(`      hot downgrade: ${said}`);
  });

  test("is a summary, a line an item with its changes and warnings below, and the digest", () => {
    const changes = [
      { field: "version", from: "1.0.0", to: "1.1.0", file: "app.yaml", line: 2 },
      { field: "env.port", from: null, to: "8080", file: "app.yaml", line: 9 },
      { field: "env.old", from: "1", to: null, file: null, line: null },
    ];
    const made = planOf(
      item({ changes, warnings: ["drift: it is not running"] }),
      unchanged({ host: "web2" }),
      blocked(held, { host: "web3" }),
    );
    expect(planText(made)).toEqual([
      "Plan for production: 1 to upgrade, 1 blocked, 1 unchanged",
      "  web1/counter upgrade 1.0.0 → 1.1.0 (cause: spec; strategy: restart; connections: cut, it restarts; sends at most 3.7 MB; 8 steps)",
      "      version   1.0.0 → 1.1.0  app.yaml:2",
      "      env.port  (none) → 8080  app.yaml:9",
      "      env.old   1 → (none)",
      "      warning: drift: it is not running",
      "  web2/counter unchanged 1.1.0",
      "  web3/counter blocked: this very spec failed here before (health_check_failed) and is held: it is not tried again",
      "      Change the spec, or set the input retry-failed: true.",
      `Plan digest ${"d".repeat(64)}`,
    ]);
  });

  test("has names in a column, and what changes in columns; one long value pushes nothing out of sight", () => {
    const changes = [
      { field: "version", from: "1", to: "2", file: "a.yaml", line: 2 },
      { field: "env.x", from: null, to: "x".repeat(100), file: "a.yaml", line: 3 },
    ];
    expect(planText(planOf(unchanged({ app: "shop" }), item({ changes, sendBytes: 0 }))).slice(1, 5)).toEqual([
      "  web1/shop    unchanged 1.1.0",
      expect.stringMatching(/^ {2}web1\/counter upgrade /),
      "      version  1 → 2  a.yaml:2",
      `      env.x    (none) → ${"x".repeat(100)}  a.yaml:3`,
    ]);
  });

  test("has colours where they are asked for, and is the same without them", () => {
    const made = planOf(item({ warnings: ["careful"] }), blocked(held), item({ action: "remove", to: null }));
    const painted = planText(made, coloured);
    expect(painted[1]).toContain("\u001b[33mupgrade\u001b[0m 1.0.0");
    expect(painted[2]).toContain("\u001b[33mwarning:\u001b[0m careful");
    expect(painted[3]).toContain("\u001b[31mblocked\u001b[0m: ");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what is looked for
    expect(painted.map((line) => line.replaceAll(/\u001b\[\d+m/g, ""))).toEqual(planText(made));
  });

  test("lists all of 10,000 items; of more only what is done or blocked, and at most as many", () => {
    const many = (count: number, one: PlanItem): PlanItem[] =>
      Array.from({ length: count }, (_, index) => ({ ...one, host: `web${index}` }));
    const idle = many(9_999, unchanged());
    expect(planText(planOf(...idle, item()))).toHaveLength(10_002);
    const more = planText({ ...planOf(), items: [...idle, item(), blocked(held)] });
    expect(more.map((line) => line.trim().split(" ").slice(0, 2).join(" "))).toEqual([
      "Plan for",
      "web1/counter upgrade",
      "web1/counter blocked:",
      "Change the",
      "… and",
      "Plan digest",
    ]);
    expect(more.at(-2)).toBe("  … and 9999 more, counted above");
    const busy = planText({ ...planOf(), items: many(10_001, item()) });
    expect([busy.length, busy.at(-2)]).toEqual([10_003, "  … and 1 more, counted above"]);
  });

  test("says where nothing is wanted and nothing there", () => {
    expect(planText(planOf())[0]).toBe("Plan for production: nothing is wanted, nothing is there");
  });
});

describe("the summary of a plan", () => {
  test.each([
    { items: [unchanged()], summary: "1 unchanged" },
    { items: [item({ action: "deploy" }), item({ action: "deploy" })], summary: "2 to deploy" },
    {
      items: [
        unchanged(),
        blocked(held),
        item({ action: "remove" }),
        item({ action: "reconfigure" }),
        item(),
        item({ action: "deploy" }),
      ],
      summary: "1 to deploy, 1 to upgrade, 1 to reconfigure, 1 to remove, 1 blocked, 1 unchanged",
    },
  ])("says $summary", ({ items, summary }) => {
    expect(planSummary(planOf(...items))).toBe(summary);
  });
});

describe("an item's title", () => {
  test("says nothing of sending where nothing is sent", () => {
    expect(itemTitle(item({ sendBytes: 0 }))).not.toContain("sends");
  });

  test("names the one version of a removal", () => {
    const removal = item({ action: "remove", to: null, sendBytes: 0 });
    expect(itemTitle(removal)).toBe(
      "web1/counter remove 1.0.0 (cause: spec; strategy: restart; connections: cut, it stops; 8 steps)",
    );
  });
});

test.each([
  ["1.0.0", "1.1.0", "1.0.0 → 1.1.0"],
  ["1.0.0", "1.0.0", "1.0.0"],
  [null, "1.1.0", "1.1.0"],
  ["1.0.0", null, "1.0.0"],
  [null, null, ""],
])("versions %s and %s read %j", (from, to, text) => {
  expect(versionsText({ from, to })).toBe(text);
});

describe("many hosts that are reached otherwise", () => {
  const changes = [
    ...Array.from({ length: 120 }, (_, index) => ({ host: `web${index}`, field: "port", from: "22", to: "2222" })),
    { host: "web119", field: "address", from: "192.0.2.119", to: "203.0.113.66" },
  ].map((change) => ({ ...change, file: "fleet.yaml", line: 1 }));

  test("stand in the log, each of them", () => {
    const text = planText({ ...planOf(), hostChanges: changes }).join("\n");
    expect(text.match(/2222/g)).toHaveLength(120);
    expect(text).toContain("203.0.113.66");
  });

  test("are cut in the summary, but for which machine it is", () => {
    const text = planMarkdown({ ...planOf(), hostChanges: changes });
    expect(text).toContain("203.0.113.66");
    expect(text).toContain("… and 21 more changes of how hosts are reached: the job's log has all");
  });
});
