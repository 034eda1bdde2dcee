import type { AppState, CodeState } from "../runtime/app-state.ts";
import { appState } from "../runtime/app-state.ts";
import type { ObservedHost } from "../runtime/observed.ts";
import type { Host } from "../spec/host.ts";

/** app → host → app_state, of every app that is on record or running. */
export function stateOf(
  hosts: readonly Host[],
  observed: readonly ObservedHost[],
  codeOf: (host: string, app: string) => CodeState | null = () => null,
): Record<string, Record<string, AppState>> {
  const state: Record<string, Record<string, AppState>> = {};
  for (const { host, apps } of observed) {
    const root = hosts.find(({ name }) => name === host)?.root ?? "";
    for (const app of apps) {
      if (app.recorded === null && app.running === null) continue;
      state[app.name] = { ...state[app.name], [host]: appState(app, root, codeOf(host, app.name)) };
    }
  }
  return state;
}
