import { describe, expect, test } from "vitest";
import { Failure } from "../../../src/core/failure.ts";
import { placeOf, problem, sentenceOf, sortedProblems, type Where, wordsOf } from "../../../src/core/problem.ts";

const spec = (file: string, line: number, column: number): Where => ({ in: "spec", file, line, column, path: "" });
const inInput: Where = { in: "input", name: "ssh-key" };
const onHost: Where = { in: "host", host: "web1" };

describe("a place", () => {
  test.each<[string, Where]>([
    ["apps/counter/app.yaml:7:12", spec("apps/counter/app.yaml", 7, 12)],
    ["input ssh-key", inInput],
    ["web1", onHost],
    ["web1/counter", { in: "host", host: "web1", app: "counter" }],
    ["web1/counter/3-link", { in: "host", host: "web1", app: "counter", step: "3-link" }],
    ["GitHub checks.update", { in: "github", call: "checks.update" }],
  ])("reads %s", (text, where) => {
    expect(placeOf(where)).toBe(text);
  });
});

describe("a problem", () => {
  const invalid = problem("invalid_value", spec("apps/counter/app.yaml", 7, 12), {
    field: "health.port",
    expected: "1..65535",
    got: "the number 99999",
  });

  test("is said as its place and what is wrong there", () => {
    expect(sentenceOf(invalid)).toBe("apps/counter/app.yaml:7:12 health.port must be 1..65535, got the number 99999");
  });

  test("comes with what to do about it", () => {
    expect(wordsOf(invalid).remedy).toBe("Correct the value; docs/spec.md lists what each field takes.");
  });

  test("keeps the output it quotes, and has no tail where there is none", () => {
    const failed = (tail?: string[]) => problem("start_failed", onHost, { detail: "it exited with 1" }, tail);
    expect(failed(["first", "last"]).tail).toEqual(["first", "last"]);
    expect(failed([])).toEqual(failed());
    expect("tail" in failed([])).toBe(false);
  });
});

describe("problems in reading order", () => {
  const at = (where: Where) => problem("step_failed", where, { detail: "x" });
  const places = (wheres: Where[]): string[] => sortedProblems(wheres.map(at)).map(({ where }) => placeOf(where));

  test("begin with the files by line and column as numbers, then inputs, hosts and GitHub", () => {
    expect(
      places([
        { in: "github", call: "checks.create" },
        { in: "host", host: "web2" },
        onHost,
        inInput,
        spec("apps/b/app.yaml", 1, 1),
        spec("apps/a/app.yaml", 10, 1),
        spec("apps/a/app.yaml", 9, 20),
        spec("apps/a/app.yaml", 9, 3),
      ]),
    ).toEqual([
      "apps/a/app.yaml:9:3",
      "apps/a/app.yaml:9:20",
      "apps/a/app.yaml:10:1",
      "apps/b/app.yaml:1:1",
      "input ssh-key",
      "web1",
      "web2",
      "GitHub checks.create",
    ]);
  });

  test("keep the order they were found in where they share a place", () => {
    const [first, second] = [problem("missing_field", onHost, { field: "a" }), at(onHost)];
    expect(sortedProblems([first, second])).toEqual([first, second]);
    expect(sortedProblems([second, first])).toEqual([second, first]);
  });

  test("are a new list", () => {
    const problems = [at(inInput), at(spec("a", 1, 1))];
    sortedProblems(problems);
    expect(problems.map(({ where }) => where.in)).toEqual(["input", "spec"]);
  });
});

describe("a failure", () => {
  const missing = problem("missing_input", inInput, { input: "ssh-key", why: "to reach hosts" });
  const lost = problem("connection_lost", onHost, { address: "web1:22", detail: "reset" });

  test("says every problem on a line of its own", () => {
    expect(new Failure([missing, lost]).message).toBe(
      "input ssh-key input ssh-key is required to reach hosts\nweb1 the connection to web1:22 was lost: reset",
    );
  });

  test("keeps its problems, and the cause if there is one", () => {
    const cause = new Error("ECONNRESET");
    const failure = new Failure([lost], cause);
    expect(failure.problems).toEqual([lost]);
    expect(failure.cause).toBe(cause);
    expect("cause" in new Failure([lost])).toBe(false);
  });
});
