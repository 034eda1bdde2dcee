import { expect, test } from "vitest";
import { standIns } from "../../../src/rehearsal/stand-ins.ts";
import { secretsIn } from "../../../src/spec/secrets-in.ts";
import { targetOf } from "../runtime/release.ts";

test("stand-ins are as many hex digits as keys often have, each another, and the same in every run", () => {
  const { spec } = targetOf({ version: "1.0.0", os_env: { A: { secret: "KEY" }, B: { secret: "MODE" }, C: "plain" } });
  const names = secretsIn([spec, spec]);
  expect(names).toEqual(["KEY", "MODE"]);
  const [one = "", other = ""] = standIns(names).values();
  expect(one).toMatch(/^[0-9a-f]{64}$/);
  expect(other).not.toBe(one);
  expect(standIns(names).get("KEY")).toBe(one);
});
