// The input allow-sources: places outside of the checkout and of the public internet that releases may come from, each as the
// beginning of their urls. What a url means is compared, piece by piece, never its text: http://10.0.0.5.evil/ is not below http://10.0.0.5/.
import { realpath } from "node:fs/promises";
import { sep } from "node:path";
import { fileURLToPath } from "node:url";

type Place = { protocol: "http:" | "https:"; hostname: string; port: string | "any"; path: string };

export type AllowedSources = {
  /** Directories or files, as they were written. */
  files: readonly string[];
  places: readonly Place[];
};

export const NOTHING_ALLOWED: AllowedSources = { files: [], places: [] };

/** Reads the input, a line each; or the first line that can't be one. */
export function allowedSources(lines: readonly string[]): AllowedSources | { wrong: string } {
  const files: string[] = [];
  const places: Place[] = [];
  for (const line of lines) {
    const read = readLine(line);
    if (read === null) return { wrong: line };
    if (typeof read === "string") files.push(read);
    else places.push(read);
  }
  return { files, places };
}

/** What would be read as another place than it looks like: parts that lead up, hidden separators, queries, users. */
const TRICKY = /\\|%2e|%2f|%5c|[?#@\s]|\/\.{1,2}(\/|$)/i;

function readLine(line: string): string | Place | null {
  if (TRICKY.test(line)) return null;
  if (line.startsWith("file:///") && URL.canParse(line)) return fileURLToPath(line);
  const [, before = "", host = "", port = "", path = ""] =
    /^(https?:\/\/)(\[[0-9a-f:.]+\]|[^/:[\]]+)(:\d{1,5}|:\*)?(\/.*)?$/i.exec(line) ?? [];
  const text = `${before}${host}${port === ":*" ? "" : port}${path}`;
  if (host === "" || !URL.canParse(text)) return null;
  const url = new URL(text);
  const protocol = url.protocol === "https:" ? "https:" : "http:";
  return { protocol, hostname: url.hostname, port: port === ":*" ? "any" : url.port, path: url.pathname };
}

/** Whether a url is at or below one of the places. */
export function isAllowedUrl(url: URL, { places }: AllowedSources): boolean {
  return places.some(
    ({ protocol, hostname, port, path }) =>
      protocol === url.protocol &&
      hostname === url.hostname &&
      (port === "any" || port === url.port) &&
      // Some servers take %2F for a slash, and then .. leads up after all.
      (path === "/" || (!/%2f|%5c/i.test(url.pathname) && isBelow(url.pathname, path, "/"))),
  );
}

/** Whether a file, its links resolved, is one of the allowed ones or below one of them. */
export async function isAllowedFile(file: string, { files }: AllowedSources): Promise<boolean> {
  const real = await Promise.all(files.map((each) => realpath(each).catch(() => null)));
  return real.some((each) => each !== null && isBelow(file, each, sep));
}

/** Whether a path is another one, or goes on from it. */
export const isBelow = (path: string, top: string, separator: string): boolean =>
  path === top || path.startsWith(top.endsWith(separator) ? top : `${top}${separator}`);
