// A program that may hang, or never stop talking.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { type Conversation, converse } from "../../../src/process/converse.ts";

const directory = mkdtempSync(join(tmpdir(), "converse-"));
afterAll(() => rmSync(directory, { recursive: true }));

const said = async (script: string, given: Partial<Conversation> = {}) => {
  const lines: string[] = [];
  const signal = new AbortController().signal;
  const spoken = await converse("sh", ["-c", script], { onLine: (line) => lines.push(line), signal, ...given });
  return { ...spoken, lines };
};

const MIB = 1024 * 1024;

test("its lines come whole, also those that are cut within a character; half a line is none", async () => {
  const script = "printf 'a\\n\\303'; sleep 0.1; printf '\\251\\n\\nhalf'; echo why >&2; exit 3";
  expect(await said(script)).toEqual({ code: 3, lines: ["a", "é", ""], stderr: "why\n", isTooMuch: false });
});

test("it reads a file, from where it is told to", async () => {
  const file = join(directory, "input");
  writeFileSync(file, "0123456789\n");
  expect((await said("cat", { inputFile: file })).lines).toEqual(["0123456789"]);
  expect((await said("cat", { inputFile: file, inputOffset: 4 })).lines).toEqual(["456789"]);
});

test("that it ends without having read all of its input is no news", async () => {
  const file = join(directory, "large");
  writeFileSync(file, Buffer.alloc(4 * MIB));
  expect(await said("exit 7", { inputFile: file, inputOffset: 1 })).toMatchObject({ code: 7 });
});

test("without end, in lines, in one line, or on standard error, it is ended", async () => {
  const maxBytes = MIB;
  for (const script of ["yes", "yes >&2", "yes | tr -d '\\n'", "cat /dev/zero"]) {
    const { code, isTooMuch } = await said(script, { maxBytes });
    expect([script, code, isTooMuch]).toEqual([script, null, true]);
  }
});

test("a line of more than 4 MiB is too much, in an answer that may be longer", async () => {
  const { isTooMuch, lines } = await said("echo first; head -c 5000000 /dev/zero; echo; echo last");
  expect([isTooMuch, lines]).toEqual([true, ["first"]]);
});

test("of standard error the end is kept", async () => {
  const { stderr } = await said("yes | head -c 1000000 >&2; echo last >&2");
  expect(stderr.length).toBeLessThanOrEqual(64 * 1024);
  expect(stderr.endsWith("last\n")).toBe(true);
});

test("it is ended when nobody waits any more, also if it will not hear of it, or leaves others behind", async () => {
  const over = new AbortController();
  const onLine = (): void => over.abort();
  const script = "trap '' TERM INT HUP; sleep 1000 & echo $!; wait; sleep 1000";
  const lines: string[] = [];
  const spoken = await said(script, {
    onLine: (line) => {
      lines.push(line);
      onLine();
    },
    signal: over.signal,
  });
  process.kill(Number(lines[0]));
  expect(spoken).toMatchObject({ code: null, isTooMuch: false });
  expect(await said("echo started", { signal: AbortSignal.abort() })).toMatchObject({ code: null, lines: [] });
});
