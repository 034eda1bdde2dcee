// The application of test/lodger, which lives in a node that is there already.
import { releaseFile } from "./releases.ts";

export const LODGER_PORT = 8070;

export const lodgerSpec = (
  version: string,
  { env = "{port: 8070}", strategy = "restart", build = "{version}" } = {},
): string =>
  [
    "name: lodger",
    `version: "${version}"`,
    `source: {type: release, url: "file://${releaseFile("lodger", build)}"}`,
    "isolation: embedded",
    `strategy: ${strategy}`,
    `env: ${env}`,
    `health: {type: http, port: ${LODGER_PORT}, path: /health, start_timeout: 4000, min_healthy_time: 200}`,
    "",
  ].join("\n");
