// What an entry of a tarball may be called, and where a link may lead. A path is taken part by part, for `a//./b` is `a/b` to
// every host; what is left of it is safe for tools that work line by line.

/** Bytes of a path or of a link's target. A host has 4,096, of which the root and what Beamline adds take some. */
const LONGEST_PATH = 1000;
/** What file systems take (NAME_MAX). */
const LONGEST_NAME = 255;

/** `./a/b` of whatever names it; `.` is the release itself. Throws a sentence for what must not be unpacked on a host. */
export function pathOf(name: string): string {
  const shown = shownName(name);
  refuseText(name, "path", shown);
  if (name.startsWith("/")) throw new Error(`a path in it leads out of it: ${shown}`);
  const parts = partsOf(name);
  if (parts.includes("..")) throw new Error(`a path in it leads out of it: ${shown}`);
  const long = parts.map((part) => Buffer.byteLength(part)).find((bytes) => bytes > LONGEST_NAME);
  if (long !== undefined) throw new Error(`a name in it has ${long} bytes, more than ${LONGEST_NAME}: ${shown}`);
  if (foldedName(parts[0] ?? "") === MARK)
    throw new Error(`it holds ${shown}, and ${MARK} at its top is Beamline's own`);
  const path = [".", ...parts].join("/");
  // Where contents are listed this stands between a link and its target, neither of which may have a part of it.
  if (`${path} `.includes(" -> ") || parts.some((part) => part.startsWith("-> ")))
    throw new Error(`a path in it has " -> " in it: ${shown}`);
  return path;
}

/** The links of a release as a tree of folded names: a way is walked in it part by part. */
export type LinkTree = { isLink: boolean; readonly below: Map<string, LinkTree> };

/** `paths`: those of the links. */
export function linkTree(paths: Iterable<string>): LinkTree {
  const root: LinkTree = { isLink: false, below: new Map() };
  for (const path of paths) {
    let at = root;
    for (const part of partsOf(path).map(foldedName)) {
      const next = at.below.get(part) ?? { isLink: false, below: new Map() };
      at.below.set(part, next);
      at = next;
    }
    at.isLink = true;
  }
  return root;
}

/** Where relx links to in place of copying, with `{dev_mode, true}`. */
const DEV_MODE = /^\.\/(lib\/[^/]+|releases\/[^/]+\/(sys\.config|vm\.args)(\.src)?)$/;

/** A link's target as the tarball has it, which leads to nothing outside, and through no link. */
export function targetOf(path: string, target: string, links: LinkTree): string {
  const shown = shownName(path);
  refuseText(target, `target of the link ${shown}`, shownName(target));
  if (target === "") throw new Error(`the link ${shown} has no target`);
  const leadsOut = new Error(`the link ${shown} leads out of it: ${shownName(target)}`);
  if (target.startsWith("/"))
    throw DEV_MODE.test(path)
      ? new Error(`${leadsOut.message}; rebar3's dev_mode makes such links: build it as prod`)
      : leadsOut;
  if (target.startsWith("-> "))
    throw new Error(`the target of the link ${shown} begins with "-> ": ${shownName(target)}`);
  // Of each directory on the way, from the release itself on, what is known of links there.
  const way: (LinkTree | undefined)[] = [links];
  const enter = (part: string): void => {
    way.push(way.at(-1)?.below.get(foldedName(part)));
  };
  for (const part of partsOf(path).slice(0, -1)) enter(part);
  for (const [index, part] of partsOf(target).entries()) {
    // What it has come to so far is walked through now.
    if (index > 0 && way.at(-1)?.isLink) throw new Error(`the link ${shown} leads through another link`);
    if (part !== "..") enter(part);
    else if (way.length === 1) throw leadsOut;
    else way.pop();
  }
  return target;
}

/** The agent's mark in a release on a host. */
const MARK = ".beamline";

const partsOf = (path: string): string[] => path.split("/").filter((part) => part !== "" && part !== ".");

/** A name that takes up no more than its share of a line. */
export function shownName(name: string): string {
  return JSON.stringify(name.length > 200 ? `${name.slice(0, 200)}…` : name);
}

function refuseText(text: string, what: string, shown: string): void {
  const bytes = Buffer.byteLength(text);
  if (bytes > LONGEST_PATH) throw new Error(`a ${what} in it has ${bytes} bytes, more than ${LONGEST_PATH}: ${shown}`);
  if (hasSpecial(text)) throw new Error(`a ${what} in it has control characters or backslashes: ${shown}`);
  if (text.includes("\ufffd")) throw new Error(`a ${what} in it is not UTF-8: ${shown}`);
}

/** What tools that work line by line would escape, or take for more than text. */
const hasSpecial = (text: string): boolean =>
  [...text].some((character) => character < " " || character === "\x7f" || character === "\\");

/** What two names have in common that some file system takes for one: ext4 and others can be told to ignore case. */
export const foldedName = (name: string): string =>
  /^[ -~]*$/.test(name)
    ? name.toLowerCase()
    : name
        .normalize("NFKD")
        .replace(/\p{Default_Ignorable_Code_Point}/gu, "")
        .toUpperCase()
        .toLowerCase();
