// What apps that run are made of: asked of all their nodes at once. One that can't be asked keeps nobody else from being planned.
import { Failure } from "../core/failure.ts";
import type { Problem } from "../core/problem.ts";
import { problem, wordsOf } from "../core/problem.ts";
import type { HostClient } from "../host/client.ts";
import { knownDigests } from "../host/inspection.ts";
import type { ReleaseInventory } from "../otp/inventory.ts";

/** The connections, of which nothing but this is asked here. */
export type Session = { client(host: string): Pick<HostClient, "inspect"> };

/** One app on one host; `node` where it is embedded. */
export type Look<T> = {
  app: string;
  host: string;
  node?: string;
  /** The version that runs. */
  version: string;
  wanted: ReleaseInventory;
  /** Null where nothing runs that could tell. */
  parse(lines: readonly string[], wanted: ReleaseInventory, version: string): T | Unanswered | null;
  /** What hosts answered of this app so far: those that answer the same share one value, and what follows from it. */
  answers: Map<string, T | Unanswered | null>;
};

/** Why there is none, in words, and what was quoted of it. */
type Unanswered = { error: string; tail?: readonly string[] };

/** What nodes answered, by `HOST/APP`, and of those that could not be asked why. */
export async function answersTo<T extends object>(
  looks: readonly Look<T>[],
  session: Session,
): Promise<{ answers: Map<string, T>; uninspected: Map<string, Problem> }> {
  const answers = new Map<string, T>();
  const uninspected = new Map<string, Problem>();
  await Promise.all(
    looks.map(async (look) => {
      const place = `${look.host}/${look.app}`;
      const seen = await answerTo(look, session);
      if (seen !== null && "error" in seen) uninspected.set(place, unanswered(look, seen));
      else if (seen !== null) answers.set(place, seen);
    }),
  );
  return { answers, uninspected };
}

async function answerTo<T extends object>(
  { app, host, node, version, wanted, parse, answers }: Look<T>,
  session: Session,
): Promise<T | Unanswered | null> {
  try {
    const lines = await session.client(host).inspect(app, knownDigests(wanted), node);
    const text = [version, ...lines].join("\n");
    const answer = answers.get(text) ?? parse(lines, wanted, version);
    answers.set(text, answer);
    return answer;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const [first] = error.problems;
    return { error: wordsOf(first).message, tail: first.tail ?? [] };
  }
}

const unanswered = ({ host, app }: Pick<Look<object>, "host" | "app">, { error, tail }: Unanswered): Problem =>
  problem("incomplete_inspection", { in: "host", host, app }, { why: error }, tail);
