// The answer to `code`: a JSON line an app. See src/host/agent/75-hot.sh, the other side of this.
import { z } from "zod";
import { shallowJson } from "../core/shallow-json.ts";
import type { CodeState } from "../runtime/app-state.ts";

const line = z.object({
  app: z.string(),
  release: z.string(),
  permanent: z.string(),
  booted: z.string(),
  next: z.string(),
  otherCode: z.array(z.string()),
});

export type RunningCode = CodeState & { app: string };

/** One line; null where it is none. */
export function parseRunningCode(text: string): RunningCode | null {
  const value = shallowJson(text);
  return "json" in value ? (line.safeParse(value.json).data ?? null) : null;
}
