// What becomes of one app on all hosts.
import type { ObservedApp } from "../runtime/observed.ts";
import type { Place } from "./places.ts";
import type { PlanInput } from "./plan-input.ts";
import type { PlanItem } from "./plan-item.ts";
import { removalOf } from "./plan-removal.ts";
import { itemOf } from "./plan-wanted.ts";
import type { WantedApp } from "./wanted-app.ts";

/** Items of the hosts that shall have an app, and of those that have it and shall not. `app`: undefined where no host shall. */
export function itemsOfApp(
  input: PlanInput,
  app: WantedApp | undefined,
  places: readonly Place[],
  present: readonly ObservedApp[],
): { wanted: PlanItem[]; removed: PlanItem[] } {
  const wanted: PlanItem[] = [];
  const removed: PlanItem[] = [];
  const firsts = new Map<string, PlanItem>();
  for (const place of places) {
    const { host } = place;
    const there = present[place.index];
    if (!app?.isOn[place.index]) {
      if (there !== undefined) removed.push(...removalOf(input, there, host));
    } else if (there !== undefined || app.isVaried || input.unobserved.has(host.name)) {
      wanted.push(itemOf(input, app, place, there));
    } else {
      // Hosts that have nothing of an app are of few kinds, and those of one kind share all but their names.
      const like = firsts.get(place.kind) ?? itemOf(input, app, place, there);
      firsts.set(place.kind, like);
      wanted.push({ ...like, host: host.name });
    }
  }
  return { wanted, removed };
}
