// The application of test/lodger, which lives in a node that is there already.
import { releaseFile } from "./releases.ts";

export const LODGER_PORT = 8070;

export const lodgerSpec = (
  version: string,
  { env = "{port: 8070}", strategy = "restart", build = "{version}", patienceMs = 4000, more = "" } = {},
): string =>
  [
    "name: lodger",
    `version: "${version}"`,
    `source: {type: release, url: "file://${releaseFile("lodger", build)}"}`,
    "isolation: embedded",
    `strategy: ${strategy}`,
    `env: ${env}`,
    `health: {type: http, port: ${LODGER_PORT}, path: /health, start_timeout: ${patienceMs}, min_healthy_time: 200}`,
    more,
    "",
  ].join("\n");
