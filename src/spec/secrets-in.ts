import type { AppSpec } from "./app-spec.ts";

/** The secrets that specs name, each once. */
export const secretsIn = (specs: Iterable<Pick<AppSpec, "os_env">>): string[] => [
  ...new Set(
    [...specs].flatMap(({ os_env }) =>
      Object.values(os_env).flatMap((value) => ("secret" in value ? [value.secret] : [])),
    ),
  ),
];
