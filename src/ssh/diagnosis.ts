// ssh exits with 255 for every failure of its own, and tells them apart only in prose. So when it fails we look ourselves:
// does the address accept a connection, does it speak SSH, which host keys does it offer? What is left is the login.
import { connect } from "node:net";
import { fingerprintOf } from "../core/digest.ts";
import type { Problem } from "../core/problem.ts";
import { problem } from "../core/problem.ts";
import { runCommand } from "../process/command.ts";
import { converse } from "../process/converse.ts";
import type { Host } from "../spec/host.ts";
import { shownKey } from "./key-file.ts";
import { knownHostsName } from "./known-hosts.ts";

/** How long connecting may take, banner and key exchange included (ssh_config(5), ConnectTimeout). */
export const CONNECT_TIMEOUT_S = 20;

const BANNER_TIMEOUT_MS = 5_000;

/** How long ssh-keyscan may take, whose own 5 s begin anew with each byte; and how much it may say. */
const KEYSCAN_MS = 15_000;
const KEYSCAN_BYTES = 256 * 1024;

/** How ssh ended that got no answer: its exit code, null where it was ended, what it said, and what the login printed. */
export type Unreached = { exit: number | null; stderr: string; noise: readonly string[] };

/** ssh's own exit code for its own failures; a command's comes from the host. */
const SSH_FAILED = 255;

/** Why a host can't be worked with, found out by trying it step by step. */
export async function diagnose(
  host: Host,
  { knownHostsFile, key }: { knownHostsFile: string; key: { shown: string } },
  { exit, stderr, noise }: Unreached,
): Promise<Problem> {
  const where = { in: "host", host: host.name } as const;
  const address = `${host.address}:${host.port}`;
  const tail = [...noise, ...stderr.split("\n")].filter((line) => line.trim() !== "").slice(-20);
  const { user } = host;
  if (exit !== null && exit !== SSH_FAILED)
    return problem("login_shell_unusable", where, { user, address, exit }, tail);

  const greeting = await greetingOf(host);
  if ("error" in greeting) return problem("host_unreachable", where, { address, detail: greeting.error }, tail);
  if (greeting.banner === null)
    return problem("host_silent", where, { address, waitedMs: CONNECT_TIMEOUT_S * 1000 + BANNER_TIMEOUT_MS }, tail);

  const offered = keysIn(await scanned(host));
  const found = await runCommand("ssh-keygen", ["-F", knownHostsName(host), "-f", knownHostsFile]);
  const pinned = keysIn(found.stdout);
  if (pinned.length === 0) return unpinned(host, offered, tail);
  if (offered.length > 0 && !offered.some((key) => pinned.includes(key)))
    return problem(
      "host_key_changed",
      where,
      { address, offered: offered.map(shownKey), pinned: pinned.map(shownKey) },
      tail,
    );
  return problem("ssh_auth_failed", where, { user, address, key: key.shown }, tail);
}

/** The kinds of keys in the order in which one is to be pinned, and the files that hosts have them in. */
const KEY_FILES = [
  ["ssh-ed25519", "ed25519"],
  ["ecdsa-", "ecdsa"],
  ["", "rsa"],
] as const;

/** The line to paste, and the command that tells on the host whether it may be. */
function unpinned({ name: host, ...at }: Host, offered: readonly string[], tail: readonly string[]): Problem {
  const address = `${at.address}:${at.port}`;
  for (const [begin, kind] of KEY_FILES) {
    const key = offered.find((each) => each.startsWith(begin));
    if (key === undefined) continue;
    const file = `/etc/ssh/ssh_host_${kind}_key.pub`;
    const facts = { address, host, key, file, fingerprint: fingerprintOf(key) };
    return problem("host_key_missing", { in: "host", host }, facts, tail);
  }
  return problem("host_key_unknown", { in: "host", host }, { address, host }, tail);
}

async function scanned({ address, port }: Host): Promise<string> {
  const lines: string[] = [];
  await converse("ssh-keyscan", ["-T", "5", "-p", String(port), address], {
    onLine: (line) => lines.push(line),
    signal: AbortSignal.timeout(KEYSCAN_MS),
    maxBytes: KEYSCAN_BYTES,
  });
  return lines.join("\n");
}

/** The first bytes an address sends, null if none came in time; the error where it accepts no connection. */
function greetingOf({ address, port }: Host): Promise<{ banner: string | null } | { error: string }> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port });
    const end = (result: { banner: string | null } | { error: string }): void => {
      socket.destroy();
      resolve(result);
    };
    let isConnected = false;
    socket.setTimeout(BANNER_TIMEOUT_MS, () =>
      end(isConnected ? { banner: null } : { error: "no answer (timed out)" }),
    );
    socket.once("connect", () => {
      isConnected = true;
    });
    socket.once("data", (data) => end({ banner: data.toString("latin1") }));
    socket.once("end", () => end({ banner: null }));
    socket.once("error", (error: NodeJS.ErrnoException) => end({ error: reasonOf(error) }));
  });
}

function reasonOf({ code, message }: NodeJS.ErrnoException): string {
  switch (code) {
    case "ECONNREFUSED":
      return "connection refused, nothing listens on that port";
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return "the name does not resolve";
    case "EHOSTUNREACH":
    case "ENETUNREACH":
      return "no route to it";
    default:
      return message;
  }
}

/** `TYPE BASE64` of each key line of ssh-keyscan or ssh-keygen -F. */
const keysIn = (text: string): string[] =>
  text
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) =>
      line
        .replace(/^@\S+ /, "")
        .split(" ")
        .slice(1, 3)
        .join(" "),
    );
