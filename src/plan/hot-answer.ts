// Whether what runs can become what is wanted while it runs, and how: the same answer for all hosts that run the same.
import type { EmbeddedApplication } from "../otp/embedded-upgrade.ts";
import { embeddedUpgrade } from "../otp/embedded-upgrade.ts";
import { hotUpgrade } from "../otp/hot-upgrade.ts";
import type { ReleaseInventory } from "../otp/inventory.ts";
import { isLeap } from "../otp/leap.ts";
import type { HotOptions, HotUpgrade, Refusal } from "../otp/upgrade.ts";
import type { HotStrategy } from "../spec/app-spec.ts";
import type { PastRelease } from "./plan-input.ts";

export type Running = ReleaseInventory | EmbeddedApplication;

/** `isLeap`: it goes straight, and what lies in between would be of use. A release that is passed through lies elsewhere on each host. */
export type HotAnswer = { isLeap: boolean } & (
  | { through: readonly { past: PastRelease; hot: HotUpgrade }[]; hot: HotUpgrade }
  | { refused: readonly Refusal[] }
);

/** `through`: what it goes through where it is a leap, one after the other; nothing where nothing is known. */
export type HotQuestion = { strategy: HotStrategy; through: readonly PastRelease[] };

const known = new WeakMap<ReleaseInventory, WeakMap<Running, Map<string, HotAnswer>>>();

export function hotAnswer(
  running: Running | undefined,
  wanted: ReleaseInventory | undefined,
  question: HotQuestion,
): HotAnswer {
  if (wanted === undefined) return refused("the release that is wanted was not looked into");
  if (running === undefined) return refused("nothing that runs here told what it is made of");
  const answers = known.get(wanted) ?? new WeakMap<Running, Map<string, HotAnswer>>();
  known.set(wanted, answers);
  const byOptions = answers.get(running) ?? new Map<string, HotAnswer>();
  answers.set(running, byOptions);
  const { appup, on_linger, appup_lint } = question.strategy;
  const key = JSON.stringify([appup, on_linger, appup_lint, question.through.map(({ artifact }) => artifact.digest)]);
  const answer = byOptions.get(key) ?? (question.through.length === 0 ? straight : stepwise)(running, wanted, question);
  byOptions.set(key, answer);
  return answer;
}

const optionsOf = ({ appup, on_linger }: HotStrategy): HotOptions => ({ appup, onLinger: on_linger });

function straight(running: Running, wanted: ReleaseInventory, { strategy }: HotQuestion): HotAnswer {
  const options = optionsOf(strategy);
  const isEmbedded = "inventory" in running;
  const answer = isEmbedded ? embeddedUpgrade(running, wanted, options) : hotUpgrade(running, wanted, options);
  const leaps = !isEmbedded && isLeap(answer, options);
  return judged("hot" in answer ? { through: [], ...answer, isLeap: leaps } : { ...answer, isLeap: leaps }, strategy);
}

/** Straight where that is no leap, or a step can't be made. */
function stepwise(running: Running, wanted: ReleaseInventory, { strategy, through }: HotQuestion): HotAnswer {
  const leap = hotAnswer(running, wanted, { strategy, through: [] });
  if ("inventory" in running || !leap.isLeap) return leap;
  // What a VM reads when it starts it has read already, and what it made goes on: nothing in between starts one.
  const { startFiles, made } = running;
  const between = through.map(({ inventory }) => ({ ...inventory, startFiles, made }));
  const places = [running, ...between, wanted];
  const hops = places.slice(1).flatMap((to, index) => {
    const [from] = places.slice(index);
    const answer = from && hotUpgrade(from, to, optionsOf(strategy));
    return answer && "hot" in answer ? [answer.hot] : [];
  });
  const last = hops.pop();
  if (last === undefined || hops.length < through.length) return leap;
  const steps = hops.flatMap((hot, index) => through.slice(index, index + 1).map((past) => ({ past, hot })));
  return judged({ through: steps, hot: last, isLeap: false }, strategy);
}

/** What is doubtful is an error where the spec says so. */
function judged(answer: HotAnswer, { appup_lint }: HotStrategy): HotAnswer {
  if (appup_lint === "warning" || "refused" in answer) return answer;
  const findings = [...answer.through, answer].flatMap(({ hot }) => hot.findings);
  if (findings.length === 0) return answer;
  const refused = findings.map(({ application, module, text }) => ({ application, module, text }));
  return { refused, isLeap: answer.isLeap };
}

const refused = (text: string): HotAnswer => ({ refused: [{ application: null, module: null, text }], isLeap: false });
