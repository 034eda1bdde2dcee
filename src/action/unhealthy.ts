import type { Problem } from "../core/problem.ts";
import { problem } from "../core/problem.ts";
import type { Plan } from "../plan/plan-item.ts";
import type { ObservedHost } from "../runtime/observed.ts";

/** Apps that are left as they are, since they run what is wanted, and yet are not well. */
export function unhealthyProblems({ items }: Plan, observed: readonly ObservedHost[]): Problem[] {
  return items.flatMap(({ app, host, transaction, blocked }) => {
    if (transaction !== null || blocked !== null) return [];
    const present = observed.find((each) => each.host === host)?.apps.find(({ name }) => name === app);
    if (present?.health.health !== "unhealthy") return [];
    return [problem("not_healthy", { in: "host", host, app }, { saw: present.health.saw })];
  });
}
