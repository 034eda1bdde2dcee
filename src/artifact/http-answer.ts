import type { IncomingMessage } from "node:http";
import http from "node:http";
import https from "node:https";
import type { LookupFunction } from "node:net";
import { formatDuration } from "../core/quantity.ts";

/**
 * The head of the answer to a GET; its body is not read yet. Not by fetch(), which follows names by itself and takes a
 * tarball's own gzip for an encoding. The global agents go through the proxy that main.ts has set.
 */
export function answerOf(
  url: URL,
  lookup: LookupFunction,
  { connectMs, stallMs, signal }: { connectMs: number; stallMs: number; signal: AbortSignal },
): Promise<IncomingMessage | Error> {
  return new Promise((resolve) => {
    const headers = { "user-agent": "beamline", accept: "*/*", "accept-encoding": "identity" };
    const get = url.protocol === "https:" ? https.get : http.get;
    const request = get(url, { headers, lookup, signal });
    let timer: NodeJS.Timeout;
    const endIn = (ms: number, what: string): void => {
      clearTimeout(timer);
      timer = setTimeout(() => request.destroy(late(`${what} in ${formatDuration(ms)}`)), ms);
    };
    endIn(connectMs, "no connection could be made");
    const end = (result: IncomingMessage | Error): void => {
      clearTimeout(timer);
      resolve(result);
    };
    // The request is sent once the connection stands, through a proxy and TLS where there are some.
    request.once("finish", () => endIn(stallMs, "no answer came"));
    request.once("response", end);
    request.on("error", end);
  });
}

const late = (words: string): Error => Object.assign(new Error(words), { code: "ETIMEDOUT" });

/** What may be otherwise a second later. A name that does not exist, or a certificate that is wrong, is not. */
const TRANSIENT = [
  "EAI_AGAIN",
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EPIPE",
  "ERR_PROXY_TUNNEL",
  "ETIMEDOUT",
];

export const isTransient = (error: Error): boolean => "code" in error && TRANSIENT.includes(String(error.code));

/** Of several addresses that were tried the first one's words; the whole has none. */
export const wordsOfError = (error: Error): string =>
  error instanceof AggregateError && error.message === "" ? String(error.errors[0]?.message ?? error) : error.message;
