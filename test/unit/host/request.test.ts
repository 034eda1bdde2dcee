// A transaction as the agent reads it.
import { expect, test } from "vitest";
import { requestText } from "../../../src/host/request.ts";
import { encodeWords } from "../../../src/host/transfer-alphabet.ts";
import type { Action } from "../../../src/runtime/transaction.ts";

const told = (action: Action): string => {
  const undo = { kind: "nothing-to-undo", because: "" } as const;
  const transaction = {
    app: "guest",
    expects: null,
    holds: null,
    steps: [{ id: "1", action, undo, deadlineMs: 1 }],
  } satisfies Parameters<typeof requestText>[0]["transaction"];
  const text = requestText({ transaction, lockTimeoutMs: 1, holder: "", manifests: new Map(), files: new Map() });
  return text.split("\n").find((line) => line.startsWith("do ")) ?? "";
};

test("an embedded application's upgrade is told in the order in which the agent takes it", () => {
  const patience = { lingerTimeoutMs: 7, onLinger: "refuse", suspendTimeoutMs: 9 } as const;
  const lists = { oldCode: ["old"], suspended: ["sus"], supervisors: ["sup"] };
  expect(
    told({
      verb: "embed_hot",
      release: "1.1.0",
      config: "c2",
      from: { release: "1.0.0", config: "c1" },
      node: "shop@web1",
      digest: "d",
      up: "[up]",
      ...lists,
      ...patience,
    }),
  ).toContain(
    ` embed_hot ${encodeWords(["1.1.0", "c2", "1.0.0", "shop@web1", "[up]", "[sus]", "[old]", "[sup]", 7, "refuse", 9])}`,
  );
  const { suspended, supervisors } = lists;
  const back = { release: "1.0.0", config: "c1", left: "1.1.0", node: "shop", suspended, supervisors, timeoutMs: 5 };
  expect(told({ verb: "unembed_hot", down: null, ...back })).toContain(
    ` unembed_hot ${encodeWords(["1.0.0", "c1", "1.1.0", "shop", null, "[sus]", "[sup]", 5])}`,
  );
  expect(told({ verb: "purge", node: "shop", oldCode: ["old"], lingerTimeoutMs: 7, onLinger: "kill" })).toContain(
    ` purge ${encodeWords(["shop", "[old]", 7, "kill"])}`,
  );
});
