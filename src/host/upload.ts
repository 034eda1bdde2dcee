// Bringing a bundle to an op that waits for it. A connection that breaks costs only what it had not delivered yet.
import type { Bundle } from "../artifact/bundles.ts";
import type { Answer } from "./framed.ts";
import type { Patience } from "./patience.ts";

type Call = (words: readonly string[], input?: { inputFile: string; inputOffset: number }) => Promise<Answer>;

/** Sends until it has arrived whole. Gives up in silence where the host is gone: the op there says what it missed. */
export async function upload(
  call: Call,
  name: readonly [op: string, bundle: string],
  bundle: Bundle,
  patience: Patience,
): Promise<void> {
  let offset = 0;
  for (;;) {
    const put = ["put", ...name, bundle.sha256, String(offset)];
    const sent = await call(put, { inputFile: bundle.file, inputOffset: offset });
    if (sent.code === 0 || !(await patience.wait())) return;
    const asked = await call(["had", ...name]);
    // The host may say anything.
    const had = /^\d{1,15}$/.test(asked.lines[0] ?? "") ? Number(asked.lines[0]) : 0;
    if (asked.code !== 0) continue;
    if (had > offset) patience.heardNews();
    // All of it is there, and is not what was sent: once more.
    offset = had < bundle.sizeBytes ? had : 0;
  }
}
