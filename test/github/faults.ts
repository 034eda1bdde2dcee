// Trouble on demand. Each fault names the requests it strikes and how often; the first that fits is used.

/** Which requests: an operation of the description, or a path (and method). */
export type Aim = { operationId: string } | { path: RegExp; method?: string };

/**
 * What happens to them. A reset kills the connection with nothing stored; store-then-reset stores first, so a client
 * that sends again makes a second one; slow stores and then lets the client wait.
 */
export type Harm =
  | { kind: "status"; status: number; headers?: Record<string, string>; body?: unknown }
  | { kind: "reset" }
  | { kind: "store-then-reset" }
  | { kind: "slow"; ms: number };

/** A fault; it strikes once unless a count is given. */
export type Fault = Aim & Harm & { count?: number };

/** The faults still to come. */
export function makeFaults(): { add(fault: Fault): void; strike(request: Struck): Harm | undefined; clear(): void } {
  const waiting: { fault: Fault; left: number }[] = [];
  return {
    add: (fault) => void waiting.push({ fault, left: fault.count ?? 1 }),
    strike: (request) => {
      const found = waiting.find(({ fault, left }) => left > 0 && isAimedAt(fault, request));
      if (found !== undefined) found.left -= 1;
      return found?.fault;
    },
    clear: () => void waiting.splice(0),
  };
}

type Struck = { method: string; path: string; operationId: string | null };

function isAimedAt(aim: Aim, request: Struck): boolean {
  if ("operationId" in aim) return aim.operationId === request.operationId;
  return aim.path.test(request.path) && (aim.method ?? request.method) === request.method;
}
