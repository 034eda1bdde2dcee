// Any two releases of which none is refused: what their scripts do, step by step, to a node that runs one of them.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hotUpgrade } from "../../src/otp/hot-upgrade.ts";
import type { ApplicationFacts, ModuleFacts, ReleaseInventory } from "../../src/otp/inventory.ts";
import { readInstruction } from "../../src/otp/read-instruction.ts";
import { atomIn, listIn, tupleIn } from "../../src/otp/term-shape.ts";
import type { HotOptions } from "../../src/otp/upgrade.ts";
import type { ErlangTerm } from "../../src/spec/erlang-term.ts";
import { formatTerm } from "../../src/spec/erlang-term.ts";
import { application, release } from "../unit/otp/inventories.ts";

const NAMES = ["a", "b", "c"].map((name) => ({ name, modules: [1, 2, 3, 4].map((it) => `${name}${it}`) }));
const ALL = NAMES.flatMap(({ modules }) => modules);

const facts: fc.Arbitrary<ModuleFacts> = fc.record({
  md5: fc.constantFrom("x", "y"),
  behaviours: fc.constantFrom<readonly string[]>([], ["gen_server"], ["supervisor"], ["gen_statem"]),
  exports: fc.subarray(["init/1", "code_change/3", "handle_call/3", "system_code_change/4"]),
  calls: fc.subarray(ALL, { maxLength: 4 }),
  isNative: fc.constant(false),
  vsn: fc.constant("1"),
  records: fc.constantFrom(null, new Map([["state", ["n"]]]), new Map([["state", ["n", "m"]]])),
});

const anApplication = ({ name, modules }: (typeof NAMES)[number]): fc.Arbitrary<ApplicationFacts> =>
  fc
    .tuple(
      fc.constantFrom("1", "2"),
      fc.subarray(modules),
      fc.array(facts, { minLength: 4, maxLength: 4 }),
      fc.constantFrom("", "p"),
    )
    .map(([version, there, all, priv]) =>
      application(name, version, Object.fromEntries(there.map((it, index) => [it, all[index] as ModuleFacts])), {
        priv,
      }),
    );

const aRelease: fc.Arbitrary<ReleaseInventory> = fc
  .tuple(
    fc.constantFrom("1.0.0", "1.1.0", "2.0.0", "main"),
    fc.tuple(...NAMES.map(anApplication)),
    fc.subarray([0, 1, 2]),
  )
  .map(([version, applications, kept]) =>
    release(
      version,
      applications.filter((_, index) => kept.includes(index)),
    ),
  );

const options: fc.Arbitrary<HotOptions> = fc.record({
  appup: fc.constant("auto" as const),
  onLinger: fc.constantFrom("refuse", "kill"),
});

const modulesOf = ({ applications }: ReleaseInventory): Map<string, string> =>
  new Map(applications.flatMap(({ modules }) => [...modules].map(([name, { md5 }]) => [name, md5] as const)));

/** What a node runs in the end. Fails where release_handler would. */
function carriedOut(script: readonly ErlangTerm[], from: ReleaseInventory, to: ReleaseInventory): Map<string, string> {
  const running = modulesOf(from);
  const next = modulesOf(to);
  const read = new Set<string>();
  const suspended = new Set<string>();
  const point = script.findIndex((it) => atomIn(it) === "point_of_no_return");
  expect(point).toBeGreaterThanOrEqual(0);
  for (const [index, term] of script.entries()) {
    const instruction = readInstruction(term);
    if ("error" in instruction) throw new Error(instruction.error);
    if (instruction.kind === "load_object_code") {
      expect(index).toBeLessThan(point);
      const library = to.applications.find(({ name }) => name === instruction.application);
      expect(library?.version).toBe(instruction.version);
      for (const module of instruction.modules) {
        expect(library?.modules.has(module)).toBe(true);
        read.add(module);
      }
      continue;
    }
    const [, subject, pairs] = tupleIn(term) ?? [];
    const named = (it: ErlangTerm | undefined): string[] =>
      (listIn(it) ?? []).map((module) => atomIn(module) ?? atomIn(tupleIn(module)?.[0]) ?? "");
    const module = atomIn(tupleIn(subject)?.[0]) ?? "";
    switch (instruction.kind === "low" ? instruction.name : "") {
      case "load":
        expect(read).toContain(module);
        running.set(module, next.get(module) ?? "");
        break;
      case "remove":
        running.delete(module);
        break;
      case "suspend":
        for (const it of named(subject)) expect(suspended.has(it) || !suspended.add(it)).toBe(false);
        break;
      case "code_change":
        for (const it of named(pairs)) expect(suspended).toContain(it);
        break;
      case "resume":
        for (const it of named(subject)) expect(suspended.delete(it)).toBe(true);
        break;
    }
  }
  expect(suspended.size).toBe(0);
  return running;
}

describe("any two releases", () => {
  test("have scripts that make the one of the other, and back", () => {
    fc.assert(
      fc.property(aRelease, aRelease, options, (from, to, how) => {
        const planned = hotUpgrade(from, to, how);
        if ("refused" in planned) throw new Error(JSON.stringify(planned.refused));
        const { up, down, loaded, added, deleted } = planned.hot;
        expect(carriedOut(up, from, to)).toEqual(modulesOf(to));
        expect(carriedOut(down ?? [], to, from)).toEqual(modulesOf(from));

        const [old, next] = [modulesOf(from), modulesOf(to)];
        expect(loaded).toEqual(
          [...next]
            .filter(([it, md5]) => (old.get(it) ?? md5) !== md5)
            .map(([it]) => it)
            .sort(),
        );
        expect(added).toEqual([...next.keys()].filter((it) => !old.has(it)).sort());
        expect(deleted).toEqual([...old.keys()].filter((it) => !next.has(it)).sort());
        const modes = [...up, ...(down ?? [])].map(formatTerm).join("\n");
        expect(modes).not.toMatch(how.onLinger === "refuse" ? /brutal_purge|\{purge/ : /soft_purge/);
      }),
      { numRuns: 2_000 },
    );
  });

  test("load what is called before who calls it, unless each calls the other", () => {
    fc.assert(
      fc.property(aRelease, aRelease, (from, to) => {
        const planned = hotUpgrade(from, { ...to, version: from.version }, { appup: "auto", onLinger: "kill" });
        if ("refused" in planned) throw new Error(JSON.stringify(planned.refused));
        const order = planned.hot.up.flatMap((term) => {
          const [name, subject] = tupleIn(term) ?? [];
          return atomIn(name) === "load" ? (atomIn(tupleIn(subject)?.[0]) ?? []) : [];
        });
        for (const { name, modules } of to.applications) {
          if (!from.applications.some((it) => it.name === name)) continue;
          const within = order.filter((it) => modules.has(it));
          const called = (start: string): Set<string> => {
            const reached = new Set<string>();
            const open = [start];
            for (let next = open.pop(); next !== undefined; next = open.pop())
              for (const it of modules.get(next)?.calls ?? [])
                if (within.includes(it) && !reached.has(it)) {
                  reached.add(it);
                  open.push(it);
                }
            return reached;
          };
          for (const caller of within)
            for (const callee of called(caller))
              if (!called(callee).has(caller)) expect(within.indexOf(callee)).toBeLessThan(within.indexOf(caller));
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
