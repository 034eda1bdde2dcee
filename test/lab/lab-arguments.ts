/** What `npm run lab` is asked for. */
import { parseArgs } from "node:util";
import type { LabOptions } from "./lab.ts";

export type Asked =
  | { kind: "up"; lab: LabOptions & { hosts: number }; slowMs: number; bytesPerSecond: number }
  | { kind: "wrong"; because: string };

/** The subnet of a lab has no more addresses. */
const MOST_HOSTS = 250;

export const LAB_USAGE = `usage: npm run lab -- up [N] [OPTION...]
  N              how many hosts; 3 when absent
  --systemd      systemd is PID 1 of each, sshd one of its services (default)
  --plain        sshd alone
  --busybox      busybox is /bin/sh and the small tools; sshd alone
  --disk SIZE    /opt is a disk of that size, such as 80m
  --sudo         the user deploy may sudo without a password
  --slow MS      what goes to each host and what comes from it takes so much longer
  --limit BYTES  no more bytes a second go to each host, and come from it`;

const OPTIONS = {
  systemd: { type: "boolean" },
  plain: { type: "boolean" },
  busybox: { type: "boolean" },
  disk: { type: "string" },
  sudo: { type: "boolean" },
  slow: { type: "string" },
  limit: { type: "string" },
} as const;

export function parseLabArguments(argv: readonly string[]): Asked {
  const wrong = (because: string): Asked => ({ kind: "wrong", because });
  try {
    const { values, positionals } = parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true });
    const [word, count = "3", ...rest] = positionals;
    if (word !== "up" || rest.length > 0) return wrong("it knows only: up [N] [OPTION...]");
    const hosts = wholeNumber(count);
    if (hosts === undefined || hosts < 1 || hosts > MOST_HOSTS) return wrong(`N is 1 to ${MOST_HOSTS}, not ${count}`);
    const slowMs = wholeNumber(values.slow ?? "0");
    if (slowMs === undefined) return wrong(`--slow takes milliseconds, not ${values.slow}`);
    const bytesPerSecond = wholeNumber(values.limit ?? "0");
    if (bytesPerSecond === undefined) return wrong(`--limit takes bytes a second, not ${values.limit}`);
    if (slowMs > 0 && bytesPerSecond > 0) return wrong("--slow and --limit exclude each other");
    const { disk, busybox = false, sudo = false, plain = busybox } = values;
    if (disk !== undefined && !/^[1-9]\d*[kmg]$/.test(disk))
      return wrong(`--disk takes a size such as 80m, not ${disk}`);
    if (values.systemd && plain) return wrong(`--systemd and --${busybox ? "busybox" : "plain"} exclude each other`);
    const lab = { hosts, systemd: !plain, busybox, sudo, ...(disk === undefined ? {} : { disk }) };
    return { kind: "up", lab, slowMs, bytesPerSecond };
  } catch (error) {
    // Its first sentence names the option that is unknown or lacks its value; the next speaks of positional arguments.
    if (error instanceof TypeError && "code" in error) return wrong(error.message.replace(/\. .*/s, ""));
    throw error;
  }
}

export const wholeNumber = (text: string): number | undefined => (/^\d{1,12}$/.test(text) ? Number(text) : undefined);
