// The six pushes of the demo, and what each must come to.
import { releaseFile } from "../test/e2e/releases.ts";

export type Push = {
  title: string;
  /** Changed files of the spec repository; null deletes. */
  files: Record<string, string | null>;
  expected: {
    exitCode: number;
    /** What the log must say of each host. */
    outcome: RegExp;
    /** Version of the counter that answers on every host afterwards; "down" where none may. */
    counter: string;
    /** The counter's greeting, of its env. */
    greeting?: string;
    /** Whether clients of the counter are allowed to notice. */
    interrupts: boolean;
    /** Connections that are open stay open, and the count goes on. */
    keepsConnections?: true;
  };
};

const COUNTER = "apps/counter/app.yaml";
const GREETER = "apps/greeter/app.yaml";

/** `patience`: ms in which it must become healthy; six VMs boot at once on this machine. */
function counter(version: string, greeting: string, { patience = 30_000, strategy = "restart" } = {}): string {
  return `name: counter
version: "${version}"
source: {type: release, url: "file://${releaseFile("counter")}"}
env: {port: 8080, greeting: ${greeting}}
health: {type: http, port: 8080, path: /health, start_timeout: ${patience}}
strategy: ${strategy}
`;
}

const greeter = `name: greeter
version: "1.0.0"
source: {type: release, url: "file://${releaseFile("greeter")}"}
health: {type: http, port: 8090, path: /health}
`;

export const pushes: readonly Push[] = [
  {
    title: "deploy counter 1.0.0 and greeter 1.0.0",
    files: { [COUNTER]: counter("1.0.0", "hello"), [GREETER]: greeter },
    expected: { exitCode: 0, outcome: /deployed 1\.0\.0/, counter: "1.0.0", greeting: "hello", interrupts: false },
  },
  {
    title: "upgrade counter to 1.1.0",
    files: { [COUNTER]: counter("1.1.0", "hello") },
    expected: {
      exitCode: 0,
      outcome: /upgraded 1\.0\.0 → 1\.1\.0/,
      counter: "1.1.0",
      greeting: "hello",
      interrupts: true,
    },
  },
  {
    title: "upgrade counter to 1.2.0, hot: clients hold a connection each",
    files: { [COUNTER]: counter("1.2.0", "hello", { strategy: "hot" }) },
    expected: {
      exitCode: 0,
      outcome: /upgraded 1\.1\.0 → 1\.2\.0/,
      counter: "1.2.0",
      greeting: "hello",
      interrupts: false,
      keepsConnections: true,
    },
  },
  {
    title: "reconfigure counter, in the VM that runs: another greeting",
    files: { [COUNTER]: counter("1.2.0", "welcome", { strategy: "hot" }) },
    expected: {
      exitCode: 0,
      outcome: /reconfigured/,
      counter: "1.2.0",
      greeting: "welcome",
      interrupts: false,
      keepsConnections: true,
    },
  },
  {
    title: "upgrade counter to 1.3.0, a bad version: its /health answers 503",
    files: { [COUNTER]: counter("1.3.0", "welcome", { patience: 3_000, strategy: "hot" }) },
    expected: {
      exitCode: 1,
      outcome: /rolled back to 1\.2\.0/,
      counter: "1.2.0",
      greeting: "welcome",
      interrupts: false,
      keepsConnections: true,
    },
  },
  {
    title: "remove counter: its folder is deleted",
    files: { "apps/counter": null },
    expected: { exitCode: 0, outcome: /removed/, counter: "down", interrupts: true },
  },
];
