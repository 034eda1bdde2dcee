// The answer to `code`: a JSON line an app. See src/host/agent/75-hot.sh, the other side of this.
import { z } from "zod";
import { shallowJson } from "../core/shallow-json.ts";
import type { CodeState } from "../runtime/app-state.ts";

const word = z.string().max(1_000);

const line = z.object({
  app: word,
  release: word,
  permanent: word,
  booted: word,
  next: word,
  otherCode: z.array(word).max(100_000),
});

export type RunningCode = CodeState & { app: string };

/** One line; null where it is none. */
export function parseRunningCode(text: string): RunningCode | null {
  const value = shallowJson(text);
  return "json" in value ? (line.safeParse(value.json).data ?? null) : null;
}
