// After SIGINT GitHub waits 7.5 s, then 2.5 s more. Whatever has not changed a host yet is not waited for.
import { Failure } from "../core/failure.ts";
import { problem } from "../core/problem.ts";

/** What work comes to; a Failure as soon as the run is cancelled. The work then ends with the run's connections. */
export async function unlessCancelled<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  if (signal.aborted) throw cancelled();
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = (): void => reject(cancelled());
  signal.addEventListener("abort", stop, { once: true });
  const working = work();
  // It may fail for the connections that are closed then.
  working.catch(() => undefined);
  try {
    return await Promise.race([working, promise]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

const cancelled = (): Failure => new Failure([problem("cancelled", { in: "runner" }, {})]);
