// What must hold of every text that someone commits as a spec or as the fleet file.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { parseFleet } from "../../src/spec/fleet.ts";
import { parseApp } from "../unit/spec/reading.ts";
import { APP, APP_CONFIG, APP_JSON, anyText, FLEET, mutated } from "./mutated.ts";
import { times } from "./times.ts";
import { expectVerdict } from "./verdict.ts";

const MUTATIONS = times(2_000);

const SYNTAXES = [
  ["app.yaml", APP],
  ["app.json", APP_JSON],
  ["app.config", APP_CONFIG],
] as const;

describe("the originals of the edited files", () => {
  test("are well, so that what is wrong with one comes from its edits", () => {
    for (const [file, text] of SYNTAXES) expect(parseApp(file, text)).toMatchObject({ problems: [], warnings: [] });
    expect(parseFleet("fleet.yaml", FLEET, "production")).toMatchObject({ problems: [], warnings: [] });
  });
});

describe("for any text, reading", () => {
  test.each(SYNTAXES)(
    "%s after thousands of mutations gives an app or problems inside the file",
    (file, text) => {
      const seen = { taken: 0, refused: 0 };
      fc.assert(
        fc.property(mutated(text), (edited) => {
          const verdict = parseApp(file, edited);
          seen[verdict.problems.length === 0 ? "taken" : "refused"] += 1;
          expectVerdict(edited, verdict);
        }),
        { numRuns: MUTATIONS },
      );
      // The mutations are neither all harmless nor all hopeless.
      expect(Math.min(seen.taken, seen.refused)).toBeGreaterThan(MUTATIONS / 50);
    },
    600_000,
  );

  test.each(SYNTAXES)("anything as %s gives an app or problems inside the file", (file) => {
    fc.assert(
      fc.property(anyText, (text) => expectVerdict(text, parseApp(file, text))),
      { numRuns: 1_000 },
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
    const saidOf = (file: string, written: string) => {
      const { app: read, problems, warnings } = parseApp(file, written);
      const bare = [...problems, ...warnings].map(({ code, facts }) => JSON.stringify([code, facts]));
      return { spec: read?.spec, said: bare.sort() };
    };
    fc.assert(
      fc.property(app, (object) => {
        const json = saidOf("app.json", JSON.stringify(object));
        expect(saidOf("app.json", JSON.stringify(object, null, 2))).toEqual(json);
        expect(saidOf("app.yaml", stringify(object))).toEqual(json);
      }),
      { numRuns: 300 },
    );
  });
});
