// What lives on a host while an op is struck there, and whether it still does afterwards.
import type { Host } from "../lab/lab.ts";
import { type Combination, deedOf, isEmbedded, isHot } from "./combinations.ts";
import { lodgersProcess } from "./in-node.ts";
import { awaitHealthy, vmOf } from "./vm.ts";

/** The VMs of the counter and the greeter; and in the counter's, the process that has the lodger's state. */
export type Alive = { counter: string; greeter: string; lodger: string };

export async function aliveOn(host: Host, { kind }: Pick<Combination, "kind">): Promise<Alive> {
  const [counter, greeter, lodger] = await Promise.all([
    vmOf(host, "counter"),
    vmOf(host, "greeter"),
    isEmbedded(kind) && isHot(kind) ? lodgersProcess(host) : "",
  ]);
  return { counter, greeter, lodger };
}

/** What ended, and was not to. What is promised to be without an interruption is so whatever happens, but to the VM itself. */
export async function endedOn(host: Host, { kind, fault }: Combination, before: Alive): Promise<string[]> {
  const after = await aliveOn(host, { kind });
  const wrong: string[] = [];
  if (fault.endsHost !== true && after.greeter !== before.greeter)
    wrong.push(`the other app's VM is not the process that it was (${before.greeter})`);
  if (fault.endsVm === true || fault.mayRestart === true || !(isHot(kind) || isEmbedded(kind))) return wrong;
  if (after.counter !== before.counter) wrong.push(`its VM is not the process that it was (${before.counter})`);
  if (after.lodger !== before.lodger) wrong.push(`its process is ${after.lodger}, and was ${before.lodger}`);
  return wrong;
}

/** Five starts of a unit within two minutes are a crash loop to systemd; a round that ends a VM is none, nor are several. */
export async function forgetStarts(host: Host): Promise<void> {
  await host.exec(["systemctl", "reset-failed", "beamline-counter"]);
}

/**
 * A VM of systemd is there again by itself, and so is the app that it belongs to; one without is down until the next run. What is still
 * booting when that comes would not be healthy.
 */
export async function awaitReturn(host: Host, { kind, fault, step }: Combination, systemd: boolean): Promise<string[]> {
  if (fault.endsVm !== true) return [];
  if (!systemd) {
    const isDown = !isEmbedded(kind) || (await vmOf(host, "counter")) === "";
    return isDown ? [] : ["its node runs, and nobody has started it"];
  }
  // A VM of its own is started by its manager alone only behind the commit point; before that the op has its part in it.
  const isKept = isEmbedded(kind) || (step === "prune" && deedOf(kind) !== "remove");
  const ports = [...(isKept ? [8080] : []), ...(fault.endsHost === true ? [8090] : [])];
  return await awaitHealthy(host, ports).then(
    () => [],
    (error: Error) => [error.message],
  );
}
