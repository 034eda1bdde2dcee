import { expect, test } from "vitest";
import { unlessCancelled } from "../../../src/action/cancelled.ts";

const cancelled = { problems: [{ code: "cancelled", where: { in: "runner" } }] };

test("what a run waits for is given up as soon as it is cancelled", async () => {
  const controller = new AbortController();
  const waiting = unlessCancelled(controller.signal, () => new Promise(() => undefined));
  controller.abort();
  await expect(waiting).rejects.toMatchObject(cancelled);
  await expect(unlessCancelled(controller.signal, async () => 1)).rejects.toMatchObject(cancelled);
});

test("else it is what it comes to", async () => {
  const { signal } = new AbortController();
  expect(await unlessCancelled(signal, async () => 1)).toBe(1);
  await expect(unlessCancelled(signal, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
});
