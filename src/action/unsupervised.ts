import type { Problem } from "../core/problem.ts";
import { problem } from "../core/problem.ts";
import type { Plan } from "../plan/plan-item.ts";
import type { ObservedHost } from "../runtime/observed.ts";
import type { Host } from "../spec/host.ts";

/** Hosts that a warning names before it only counts. */
const NAMED = 5;

/**
 * Hosts with apps of their own VM that nobody starts again there, though the fleet file does not say so: one warning for each login
 * user. Without lingering a user's systemd ends with the login, and the daemon is chosen in its place.
 */
export function unsupervised(
  { items }: Pick<Plan, "items">,
  observed: readonly ObservedHost[],
  hosts: readonly Host[],
): Problem[] {
  const wanted = new Set(items.flatMap(({ host, action, to }) => (action === "remove" || to === null ? [] : [host])));
  const daemons = new Set(observed.flatMap(({ host, supervisor }) => (supervisor === "daemon" ? [host] : [])));
  const alone = hosts.filter(
    ({ name, supervisor }) => supervisor === undefined && wanted.has(name) && daemons.has(name),
  );
  return [...Map.groupBy(alone, ({ user }) => user)].map(([user, its]) => {
    const [first = ""] = its.map(({ name }) => name);
    const named = its.slice(0, NAMED).map(({ name }) => name);
    const more = its.length - named.length;
    const facts = { hosts: [...named, ...(more > 0 ? [`${more} more`] : [])].join(", "), user };
    return problem("not_supervised", { in: "host", host: first }, facts);
  });
}
