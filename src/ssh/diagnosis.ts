// ssh exits with 255 for every failure of its own, and tells them apart only in prose. So when it fails we look ourselves:
// does the address accept a connection, does it speak SSH, which host keys does it offer? What is left is the login.
import { createHash } from "node:crypto";
import { connect } from "node:net";
import type { Problem } from "../core/problem.ts";
import { problem } from "../core/problem.ts";
import { runCommand } from "../process/command.ts";
import { converse } from "../process/converse.ts";
import type { Host } from "../spec/host.ts";
import { knownHostsName } from "./known-hosts.ts";

/** How long connecting may take, banner and key exchange included (ssh_config(5), ConnectTimeout). */
export const CONNECT_TIMEOUT_S = 20;

const BANNER_TIMEOUT_MS = 5_000;

/** How long ssh-keyscan may take, whose own 5 s begin anew with each byte; and how much it may say. */
const KEYSCAN_MS = 15_000;
const KEYSCAN_BYTES = 256 * 1024;

/** Why a host can't be worked with, found out by trying it step by step. `stderr` is what ssh itself said. */
export async function diagnose(host: Host, knownHostsFile: string, stderr: string): Promise<Problem> {
  const where = { in: "host", host: host.name } as const;
  const address = `${host.address}:${host.port}`;
  const tail = stderr
    .split("\n")
    .filter((line) => line.trim() !== "")
    .slice(-20);

  const greeting = await greetingOf(host);
  if ("error" in greeting) return problem("host_unreachable", where, { address, detail: greeting.error }, tail);
  if (greeting.banner === null)
    return problem("host_silent", where, { address, waitedMs: CONNECT_TIMEOUT_S * 1000 + BANNER_TIMEOUT_MS }, tail);

  const offered = keysIn(await scanned(host));
  const found = await runCommand("ssh-keygen", ["-F", knownHostsName(host), "-f", knownHostsFile]);
  const pinned = keysIn(found.stdout);
  if (pinned.length === 0) return problem("host_key_missing", where, { address, offered: offered.map(shownKey) }, tail);
  if (offered.length > 0 && !offered.some((key) => pinned.includes(key)))
    return problem(
      "host_key_changed",
      where,
      { address, offered: offered.map(shownKey), pinned: pinned.map(shownKey) },
      tail,
    );
  return problem("ssh_auth_failed", where, { user: host.user, address }, tail);
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

/** A key as ssh-keygen -l shows it: type and SHA256 fingerprint. */
function shownKey(key: string): string {
  const [type = "", base64 = ""] = key.split(" ");
  const digest = createHash("sha256").update(Buffer.from(base64, "base64")).digest("base64").replace(/=+$/, "");
  return `${type} SHA256:${digest}`;
}
