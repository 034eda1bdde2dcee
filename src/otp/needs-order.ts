// Modules in groups that hang together by what they need, each in an order where whoever needs another comes before it. All of it
// takes time in proportion to what is needed, or a little more: a host may claim any number of modules.
import { circlesOf } from "./circles.ts";
import type { ModuleInstruction } from "./instruction.ts";
import { SmallestFirst } from "./smallest-first.ts";

/** In the order of each group's first instruction. Where modules need each other in a circle they stay in their order. */
export function groupsByNeed(instructions: readonly ModuleInstruction[]): readonly (readonly ModuleInstruction[])[] {
  const indexOf = new Map(instructions.map(({ module }, index) => [module, index]));
  const needed = instructions.map(({ needs }) => needs.flatMap((it) => indexOf.get(it) ?? []));
  const first = instructions.map((_, index) => index);
  const rootOf = (index: number): number => {
    let at = index;
    for (let next = first[at] ?? at; next !== at; next = first[at] ?? at) {
      // Half-way up, so that the next one has less far to go.
      first[at] = first[next] ?? next;
      at = next;
    }
    return at;
  };
  for (const [index, others] of needed.entries())
    for (const other of others) {
      const [a, b] = [rootOf(index), rootOf(other)];
      first[Math.max(a, b)] = Math.min(a, b);
    }
  const ordered = inNeedsOrder(needed);
  const groups = Map.groupBy(ordered, rootOf);
  const roots = new Set(instructions.map((_, index) => rootOf(index)));
  return Array.from(roots, (root) => (groups.get(root) ?? []).flatMap((index) => instructions[index] ?? []));
}

/** Of all that nothing waits for any more the first one, with its circle, again and again. */
function inNeedsOrder(needed: readonly (readonly number[])[]): readonly number[] {
  const { circles, circleOf } = circlesOf(needed);
  const waiting = circles.map(() => 0);
  const others = circles.map((circle, own) =>
    circle.flatMap((it) => (needed[it] ?? []).flatMap((other) => circleOf[other] ?? [])).filter((it) => it !== own),
  );
  for (const circle of others.flat()) waiting[circle] = (waiting[circle] ?? 0) + 1;
  // By the first of each circle, which tells it.
  const free = new SmallestFirst(circles.flatMap((circle, own) => (waiting[own] === 0 ? circle.slice(0, 1) : [])));
  const ordered: number[] = [];
  for (let next = free.take(); next !== undefined; next = free.take()) {
    const own = circleOf[next] ?? 0;
    for (const it of circles[own] ?? []) ordered.push(it);
    for (const other of others[own] ?? []) {
      const left = (waiting[other] ?? 0) - 1;
      waiting[other] = left;
      const [first] = circles[other] ?? [];
      if (left === 0 && first !== undefined) free.add(first);
    }
  }
  return ordered;
}
