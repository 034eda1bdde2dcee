import { describe, expect, test } from "vitest";
import { type Problem, problem, type Where } from "../../../src/core/problem.ts";
import { annotationOf, problemText } from "../../../src/report/problem-text.ts";
import { unhealthy } from "./results.ts";

const inSpec: Where = { in: "spec", file: "apps/counter/app.yaml", line: 7, column: 12, path: "health.port" };
const facts = { field: "health.port", expected: "1..65535", got: "99999" };

describe("a problem in the log", () => {
  test.each<[Problem, string]>([
    [
      problem("invalid_value", inSpec, facts),
      "apps/counter/app.yaml:7:12: invalid_value: health.port must be 1..65535, got 99999",
    ],
    [
      problem("missing_input", { in: "input", name: "ssh-key" }, { input: "ssh-key", why: "to apply" }),
      "input ssh-key: missing_input: input ssh-key is required to apply",
    ],
    [
      problem("same_machine", { in: "host", host: "web2" }, { other: "web1", machineId: "f00d" }),
      "web2: same_machine: this host is the same machine as web1 (machine-id f00d)",
    ],
    [
      problem("github_unavailable", { in: "github", call: "checks" }, { call: "POST checks", detail: "HTTP 502" }),
      "GitHub checks: github_unavailable: POST checks failed: HTTP 502",
    ],
  ])("leads with its place and code: %#", (of, line) => {
    expect(problemText(of)[0]).toBe(line);
  });

  test("then says what to do, then quotes what the host said, oldest line first", () => {
    expect(problemText(unhealthy)).toEqual([
      "web1/counter/6-health: health_check_failed: GET :8080/health was not healthy within 1 min: HTTP 500",
      "    → Read the app's last lines below; raise health.start_timeout if it only needs longer.",
      "    | starting",
      "    | crash!",
    ]);
  });

  test("quotes nothing where nothing was said", () => {
    expect(problemText(problem("invalid_value", inSpec, facts))).toHaveLength(2);
  });
});

describe("the annotation of a problem", () => {
  test("stands on its line, and says what to do", () => {
    expect(annotationOf(problem("invalid_value", inSpec, facts))).toEqual({
      file: "apps/counter/app.yaml",
      line: 7,
      column: 12,
      title: "invalid_value",
      message: "health.port must be 1..65535, got 99999\nCorrect the value; docs/spec.md lists what each field takes.",
    });
  });

  test("is there only for what lies in a file", () => {
    expect(annotationOf(unhealthy)).toBeNull();
  });
});
