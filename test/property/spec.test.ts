// What must hold of every text that someone commits as a spec or as the fleet file.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { type Problem, wordsOf } from "../../src/core/problem.ts";
import { parseFleet } from "../../src/spec/fleet.ts";
import { parseApp } from "../../src/spec/parse-app.ts";

const APP = `# The counter.
name: counter
version: 1.4.0
description: |
  Counts "things",
  one by one.
source: {type: release, url: "https://example.org/{name}-{version}.tar.gz", sha256: "${"0a".repeat(32)}"}
env:
  port: 8080
  ratio: 1.0
  big: 123456789012345678901234567890
  mode: !atom fast
  pools: [{size: 10, names: [a, !charlist b]}, !tuple [x, 'it''s']]
vm_config: {memory_limit: 512, scheduler_limit: 2, extra_args: [+P, 1000000]}
os_env: {PHX_HOST: example.org, TOKEN: {secret: API_TOKEN}}
depends_on: [broker]
health: {type: http, port: 8080, expect: {status: 204}}
strategy: {type: restart}
hosts: {role: web}
rollout: {max_failures: 2}
retain: 5
`;

const FLEET = `defaults: {user: deploy, port: 22, root: /opt/releases, supervisor: daemon}
hosts:
  web1: {address: 192.0.2.11, labels: {role: web}, host_key: "ssh-ed25519 AAAAC3Nz root@web1"}
  web2:
    address: "2001:db8::1"
    labels:
      role: web
environments:
  production: {hosts: {role: web}, url: https://shop.example.org}
  staging: {hosts: [web2]}
`;

/** What means something to YAML, and what often goes wrong. */
const PIECE = fc.constantFrom(
  ..."{ } [ ] : , - ? # & * ! | > ' \" % @ ` ~ . 0 1.0 1e999 .inf null true !atom !tuple !!set !!binary &a *a <<".split(
    " ",
  ),
  ...[
    "\n",
    "\t",
    "  ",
    "\n  ",
    "\r",
    "\r\n",
    "\0",
    "\uFEFF",
    "\u2028",
    "é",
    "🎺",
    "\ud83c",
    ": ",
    "- ",
    "---\n",
    "...\n",
  ],
  ...["name: ", "source: ", "hosts: ", "{secret: X}", "-1", "99999", "[[[[", "__proto__", "a: b: c", "\\", '"\\q"'],
);

type Edit = { kind: "insert" | "delete" | "duplicate" | "swap"; at: number; to: number; length: number; piece: string };

const edit: fc.Arbitrary<Edit> = fc.record({
  kind: fc.constantFrom("insert", "delete", "duplicate", "swap"),
  at: fc.nat(APP.length),
  to: fc.nat(APP.length),
  length: fc.nat(40),
  piece: PIECE,
});

function edited(text: string, { kind, at, to, length, piece }: Edit): string {
  const [first, second] = [Math.min(at, to), Math.max(at, to)];
  const [a, b] = [text.slice(first, first + length), text.slice(second, second + length)];
  if (kind === "insert") return text.slice(0, at) + piece + text.slice(at);
  if (kind === "delete") return text.slice(0, at) + text.slice(at + length);
  if (kind === "duplicate") return text.slice(0, to) + text.slice(at, at + length) + text.slice(to);
  if (first + length > second) return text;
  return text.slice(0, first) + b + text.slice(first + length, second) + a + text.slice(second + length);
}

const mutated = (text: string): fc.Arbitrary<string> =>
  fc.array(edit, { minLength: 1, maxLength: 6 }).map((edits) => edits.reduce(edited, text));

const anyText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.array(fc.oneof(PIECE, fc.string({ maxLength: 3 })), { maxLength: 40 }).map((pieces) => pieces.join("")),
);

/** Every place that is named can be opened: a line of the text, and a column of it or the one after its last. */
function expectPlacesIn(text: string, problems: readonly Problem[]): void {
  const lines = text.split("\n");
  for (const { where } of problems) {
    if (where.in !== "spec") continue;
    expect(where.line).toBeGreaterThanOrEqual(1);
    expect(where.line).toBeLessThanOrEqual(lines.length);
    expect(where.column).toBeGreaterThanOrEqual(1);
    expect(where.column).toBeLessThanOrEqual((lines[where.line - 1] ?? "").length + 1);
  }
}

/** Either something that can be used, or problems, never both or neither; and each has words. */
function expectVerdict(text: string, { problems, warnings, ...rest }: { problems: Problem[]; warnings: Problem[] }) {
  expectPlacesIn(text, [...problems, ...warnings]);
  expect(Object.keys(rest).length).toBe(problems.length === 0 ? 1 : 0);
  for (const each of problems) expect(wordsOf(each).message).not.toBe("");
}

describe("the originals of the edited files", () => {
  test("are well, so that what is wrong with one comes from its edits", () => {
    expect(parseApp("app.yaml", APP)).toMatchObject({ problems: [], warnings: [] });
    expect(parseFleet("fleet.yaml", FLEET, "production")).toMatchObject({ problems: [], warnings: [] });
  });
});

describe("for any text, reading", () => {
  test.each([
    ["a good one, edited", mutated(APP), 400],
    ["anything", anyText, 400],
  ])("a spec gives an app or problems inside the file: %s", (_, texts, numRuns) => {
    fc.assert(
      fc.property(texts, (text) => expectVerdict(text, parseApp("app.yaml", text))),
      { numRuns },
    );
  });

  test.each([
    ["a good one, edited", mutated(FLEET), 400],
    ["anything", anyText, 400],
  ])("a fleet file gives hosts or problems inside the file: %s", (_, texts, numRuns) => {
    fc.assert(
      fc.property(texts, (text) => expectVerdict(text, parseFleet("fleet.yaml", text, "production"))),
      { numRuns },
    );
  });

  test("gives the same twice", () => {
    fc.assert(
      fc.property(mutated(APP), (text) => {
        const said = () => {
          const { app: read, problems, warnings } = parseApp("app.yaml", text);
          return { spec: read?.spec, problems, warnings };
        };
        expect(said()).toStrictEqual(said());
      }),
    );
  });
});

const text = fc.string({ unit: "binary", maxLength: 20 }).filter((it) => !it.includes("\0"));
const value = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    text,
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(text, tie("value"), { maxKeys: 4 }),
  ),
})).value;

const app = fc.record(
  {
    name: fc.constantFrom("counter", "Counter", "null", "on"),
    version: fc.constantFrom("1.4.0", "1.0", "1e3", "0x10", "true"),
    source: fc.constant({ type: "release", url: "file:{name}.tar.gz" }),
    description: text,
    env: fc.dictionary(text, value, { maxKeys: 5 }),
    os_env: fc.dictionary(
      fc.constantFrom("A", "B", "C", "no"),
      fc.oneof(text, fc.integer(), fc.boolean(), fc.record({ secret: fc.constantFrom("X", "") })),
    ),
    hosts: fc.oneof(fc.dictionary(text, text, { maxKeys: 2 }), fc.array(text, { maxLength: 2 })),
    retain: fc.integer({ min: -1, max: 101 }),
  },
  { requiredKeys: ["name", "version", "source"] },
);

describe("the same object, written as YAML and as JSON,", () => {
  test("is the same spec, and has the same mistakes", () => {
    const saidOf = (written: string) => {
      const { app: read, problems, warnings } = parseApp("app", written);
      const bare = [...problems, ...warnings].map(({ code, facts }) => JSON.stringify([code, facts]));
      return { spec: read?.spec, said: bare.sort() };
    };
    fc.assert(
      fc.property(app, (object) => {
        const json = saidOf(JSON.stringify(object));
        expect(saidOf(JSON.stringify(object, null, 2))).toEqual(json);
        expect(saidOf(stringify(object))).toEqual(json);
      }),
      { numRuns: 300 },
    );
  });
});
