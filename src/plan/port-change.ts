// Another port, and no restart: a VM that runs goes on listening where it does, unless the app is told and knows what to do.
import { applicationOf } from "../otp/application-file.ts";
import type { ReleaseInventory } from "../otp/inventory.ts";
import type { AppSpec } from "../spec/app-spec.ts";

/** `wanted`: what the wanted release is made of, where that was looked into. */
export function portWarnings(spec: AppSpec, before: AppSpec, wanted: ReleaseInventory | undefined): string[] {
  const [port, former] = [portOf(spec), portOf(before)];
  if (port === null || former === null || port === former) return [];
  const takesUp = wanted === undefined ? null : isTold(spec.name, wanted);
  if (takesUp === true) return [];
  const app =
    takesUp === null ? "unless its config_change/3 takes that up" : "it has no config_change/3 to take that up";
  return [
    `health asks port ${port}, ${former} before: nothing listens there while it runs, ${app}, and then it goes back`,
  ];
}

const portOf = ({ health }: AppSpec): number | null => ("port" in health ? health.port : null);

function isTold(name: string, { applications }: ReleaseInventory): boolean | null {
  const own = applications.find((it) => it.name === name);
  const file = own && applicationOf(own.resource);
  if (own === undefined || file === undefined || "error" in file || file.startModule === null) return null;
  return own.modules.get(file.startModule)?.exports.includes("config_change/3") ?? null;
}
