// What no script can replace in a running release: the emulator, what that took up when it started, and the applications that
// release_handler itself, or an Elixir release, stands on.
import type { ApplicationFacts, ReleaseInventory } from "./inventory.ts";
import { isSameCode, moduleChanges, standInsOf } from "./module-changes.ts";
import { startFileChanges } from "./start-files.ts";
import type { Refusal } from "./upgrade.ts";

/**
 * Erlang's ask for a new emulator in their appups (OTP design principles, Upgrading to a New Erlang/OTP Release). Elixir's bring none,
 * and keep states that no code_change of theirs carries over: those of Registry and PartitionSupervisor.
 */
const CORE = ["kernel", "stdlib", "sasl", "elixir", "logger", "iex", "eex", "mix", "ex_unit"];

export function releaseRefusals(from: ReleaseInventory, to: ReleaseInventory): readonly Refusal[] {
  const refusals: Refusal[] = [];
  const standIns = standInsOf(from, to);
  const refuse = (text: string, application: string | null = null): void => {
    refusals.push({ application, module: null, text });
  };
  if (from.erts !== to.erts) refuse(`erts ${from.erts} → ${to.erts}`);
  for (const change of startFileChanges(from.startFiles, to.startFiles)) refuse(change);
  for (const [inventory, where] of [
    [from, "the running release"],
    [to, "the release"],
  ] as const)
    if (!isStarted(inventory.applications.find(({ name }) => name === "sasl")))
      refuse(`${where} ${inventory.version} does not start sasl, whose release_handler does it`, "sasl");
  const olds = new Map(from.applications.map((it) => [it.name, it]));
  for (const next of to.applications) {
    const { name } = next;
    const old = olds.get(name);
    if (!old) continue;
    if (CORE.includes(name) && old.version !== next.version) refuse(`${name} ${old.version} → ${next.version}`, name);
    else if (CORE.includes(name) && !isSameCode(moduleChanges(old, next, standIns)))
      refuse(`${name} ${old.version} has other code`, name);
    if (isStarted(old) !== isStarted(next)) refuse(`${name} is ${old.startType} → ${next.startType}`, name);
  }
  return refusals;
}

const isStarted = (application: ApplicationFacts | undefined): boolean =>
  application !== undefined && application.startType !== "load" && application.startType !== "none";
