// Modules in groups that hang together by what they need, each in an order where whoever needs another comes before it.
import type { ModuleInstruction } from "./instruction.ts";

/** In the order of each group's first instruction. Where modules need each other in a circle they stay in their order. */
export function groupsByNeed(instructions: readonly ModuleInstruction[]): readonly (readonly ModuleInstruction[])[] {
  const groupOf = new Map<string, Set<string>>(instructions.map(({ module }) => [module, new Set([module])]));
  for (const { module, needs } of instructions)
    for (const needed of needs) {
      const [own, other] = [groupOf.get(module), groupOf.get(needed)];
      if (!own || !other || own === other) continue;
      for (const each of other) groupOf.set(each, own.add(each));
    }
  const groups = [...new Set(instructions.map(({ module }) => groupOf.get(module)))];
  return groups.map((group) => inNeedsOrder(instructions.filter(({ module }) => group?.has(module))));
}

function inNeedsOrder(instructions: readonly ModuleInstruction[]): readonly ModuleInstruction[] {
  const reached = new Map(instructions.map((it) => [it, reachedFrom(it, instructions)]));
  const reaches = (a: ModuleInstruction, b: ModuleInstruction): boolean => reached.get(a)?.has(b) === true;
  const circleOf = (it: ModuleInstruction): ModuleInstruction[] =>
    instructions.filter((other) => other === it || (reaches(it, other) && reaches(other, it)));
  /** How many outside of its circle need it, and are not placed yet. */
  const waiting = new Map(
    instructions.map((it) => [it, instructions.filter((other) => reaches(other, it) && !reaches(it, other)).length]),
  );
  const left = new Set(instructions);
  const ordered: ModuleInstruction[] = [];
  while (left.size > 0) {
    const first = [...left].find((it) => waiting.get(it) === 0);
    const circle = first ? circleOf(first) : [...left];
    for (const it of circle) left.delete(it);
    ordered.push(...circle);
    for (const it of left) if (first && reaches(first, it)) waiting.set(it, (waiting.get(it) ?? 0) - circle.length);
  }
  return ordered;
}

/** All that an instruction's module needs, and what those need. */
function reachedFrom(start: ModuleInstruction, instructions: readonly ModuleInstruction[]): Set<ModuleInstruction> {
  const byModule = new Map(instructions.map((it) => [it.module, it]));
  const reached = new Set<ModuleInstruction>();
  const open = [start];
  for (let next = open.pop(); next; next = open.pop())
    for (const needed of next.needs) {
      const instruction = byModule.get(needed);
      if (!instruction || reached.has(instruction)) continue;
      reached.add(instruction);
      open.push(instruction);
    }
  return reached;
}
