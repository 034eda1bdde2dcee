// Whatever files, hosts and secrets say, a report stays a report.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { problem } from "../../src/core/problem.ts";
import type { PlanItem } from "../../src/plan/plan-item.ts";
import { cutToBytes, literal } from "../../src/report/markdown.ts";
import { maskFor } from "../../src/report/mask.ts";
import { planMarkdown } from "../../src/report/plan-markdown.ts";
import { appMarkdown, resultMarkdown } from "../../src/report/result-markdown.ts";
import type { ReportedItem } from "../../src/report/run-result.ts";
import { blocked, item, planOf, reported, resultOf } from "../unit/report/results.ts";
import { partsOf, withoutCode } from "../unit/report/tables.ts";

const hostile = fc.constantFrom(
  "a | b",
  "\n| x | y |\n",
  "\r\n\r\n# h",
  "```",
  "````\n",
  "<img src=x>",
  "@everyone",
  "[x](javascript:alert(1))",
  "\u0000",
  "\u001b[31mred\u001b[0m",
  "x".repeat(5000),
);
const marks = fc.string({ unit: fc.constantFrom("|", "`", "\\", "\n", " ", "@", "<", "[", "*", "a", "é", "😀") });
const text = fc.oneof(
  { weight: 1, arbitrary: fc.string() },
  { weight: 3, arbitrary: marks },
  { weight: 2, arbitrary: fc.array(fc.oneof(hostile, marks), { maxLength: 4 }).map((parts) => parts.join("")) },
);
const name = text.filter((it) => it !== "");

const failure = fc
  .record({ detail: text, tail: fc.array(text, { maxLength: 3 }), host: name, app: name })
  .map(({ detail, tail, host, app }) => problem("start_failed", { in: "host", host, app }, { detail }, tail));

const planned: fc.Arbitrary<PlanItem> = fc
  .record({
    app: name,
    host: name,
    from: fc.option(text),
    to: fc.option(text),
    changes: fc.array(
      fc.record({
        field: text,
        from: fc.option(text),
        to: fc.option(text),
        file: fc.option(text),
        line: fc.option(fc.nat()),
      }),
      {
        maxLength: 3,
      },
    ),
    warnings: fc.array(text, { maxLength: 2 }),
    by: fc.option(failure),
  })
  .map(({ by, ...change }) => (by === null ? item(change) : blocked(by, change)));

const ended: fc.Arbitrary<ReportedItem> = fc
  .record({
    item: planned,
    outcome: fc.constantFrom("deployed", "rolled_back", "broken", "unchanged", "blocked", "skipped"),
    problem: fc.option(failure),
    steps: fc.array(
      fc.record({
        step: text,
        durationMs: fc.nat(),
        result: fc.constantFrom("done", "failed", "undone", "not undone"),
      }),
      { maxLength: 3 },
    ),
    durationMs: fc.nat(),
  })
  .map((change) => reported(change));

/** Every table is whole, and nothing outside of code is HTML, a mention or a link. */
function expectSound(markdown: string): ReturnType<typeof partsOf> {
  const parts = partsOf(markdown);
  for (const [head, ...rows] of parts.tables) for (const row of rows) expect(row).toHaveLength(head?.length ?? 0);
  const own = /^(<details><summary>(?=.*<\/summary>$)|<\/details>$)|<\/summary>$/g;
  for (const line of [...parts.rest, ...parts.tables.flat(2)])
    expect(withoutCode(line.replaceAll(own, ""))).not.toMatch(/[<@[]|\]\(/);
  return parts;
}

describe("whatever texts come in, the Markdown", () => {
  test("of a plan has whole tables, every item in a row and a row a change", () => {
    fc.assert(
      fc.property(name, fc.array(planned, { maxLength: 4 }), (environment, items) => {
        const { tables } = expectSound(planMarkdown({ ...planOf(...items), environment }));
        const rows = tables[0]?.slice(2) ?? [];
        expect(rows.length).toBeLessThanOrEqual(items.length);
        for (const { app, host } of items)
          expect(rows.some(([one, on]) => one === literal(app) && on?.includes(literal(host)))).toBe(true);
        // What is alike on several hosts is shown once.
        const distinct = new Map(
          items.map(({ app, changes, warnings }) => [JSON.stringify([app, changes, warnings]), changes.length]),
        );
        const counts = tables.slice(1).map((table) => table.length - 2);
        expect(counts.sort()).toEqual([...distinct.values()].filter((count) => count > 0).sort());
      }),
    );
  });

  test("of a result has whole tables, a row an item, and a block a problem", () => {
    fc.assert(
      fc.property(
        name,
        fc.array(ended, { maxLength: 4 }),
        fc.array(failure, { maxLength: 2 }),
        (environment, items, problems) => {
          const { tables, blocks } = expectSound(resultMarkdown(resultOf(items, { environment, problems })));
          expect(tables.map(({ length }) => length - 2)).toEqual(items.length > 0 ? [items.length] : []);
          expect(blocks).toHaveLength(problems.length + items.filter(({ problem }) => problem !== null).length);
        },
      ),
    );
  });

  test("of an app's check has whole tables", () => {
    fc.assert(fc.property(ended, (one) => void expectSound(appMarkdown(one.item.app, resultOf([one])))));
  });

  test("is cut within its limit, and at a whole character", () => {
    fc.assert(
      fc.property(fc.array(text), fc.integer({ min: 1_000, max: 20_000 }), (lines, limit) => {
        const cut = cutToBytes(lines.join("\n"), limit);
        expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(limit);
        expect(cut.isWellFormed()).toBe(lines.every((line) => line.isWellFormed()));
      }),
    );
  });
});

/** No asterisk: what a mask leaves could look like a secret made of them. */
const secret = fc
  .oneof(
    fc.string({ minLength: 4 }),
    fc.array(fc.string({ minLength: 4 }), { minLength: 2 }).map((it) => it.join("\n")),
  )
  .filter((it) => !it.includes("*") && it.split("\n").every((line) => line.trim().length >= 4));

const textsOf = (value: unknown): string[] => {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsOf) : [];
};

describe("a masked value", () => {
  /** Secrets, and a value with them in many places: as they are, line by line, and within JSON. */
  const masked = fc.array(secret, { minLength: 1, maxLength: 3 }).chain((secrets) => {
    const piece = fc.oneof(
      fc.constantFrom(...secrets, ...secrets.flatMap((it) => it.split("\n"))),
      fc.constantFrom(...secrets).map((it) => JSON.stringify({ it })),
      fc.string(),
    );
    const words = fc.array(piece).map((pieces) => pieces.join(""));
    const plain = { noNullPrototype: true };
    const inner = fc.record({ d: words }, plain);
    const value = fc.array(fc.record({ a: words, b: fc.array(words), c: inner }, plain));
    return fc.record({ secrets: fc.constant(secrets), value });
  });

  test("never contains a secret, one of its lines, or its form within JSON", () => {
    fc.assert(
      fc.property(masked, ({ secrets, value }) => {
        const texts = textsOf(maskFor(secrets)(value));
        for (const form of secrets.flatMap((it) => [it, ...it.split("\n"), JSON.stringify(it).slice(1, -1)]))
          expect(texts.filter((each) => each.includes(form))).toEqual([]);
      }),
    );
  });

  test("has the same shape, and is not masked further by masking it again", () => {
    fc.assert(
      fc.property(masked, ({ secrets, value }) => {
        const mask = maskFor(secrets);
        const once = mask(value);
        expect(mask(once)).toEqual(once);
        expect(textsOf(once)).toHaveLength(textsOf(value).length);
      }),
    );
  });
});
