// The tree that a tarball's entries make: each path is one thing, none leads through a link, and no link leads out.
import { foldedName, linkTree, shownName, targetOf } from "./entry-path.ts";

type Kind = "file" | "link" | "directory";

/** Paths are those of pathOf. Takes time in proportion to their number, whatever they are. */
export class ReleaseTree {
  private readonly kinds = new Map<string, Kind>([[".", "directory"]]);
  private readonly filled = new Set<string>();
  private readonly most: number;

  /** `most`: how many paths there may be, directories that are only passed through among them. */
  constructor(most: number) {
    this.most = most;
  }

  /** Throws a sentence for what can't be there beside the rest. */
  place(path: string, kind: Kind): void {
    if (path === "." && kind !== "directory") throw new Error(`it holds a ${kind} in the place of the release itself`);
    const before = this.kinds.get(path);
    // Of files that stand in it twice the later one is what is unpacked; rebar3 packs an overlay's file behind what it replaces.
    if (before !== undefined && (before !== kind || kind === "link"))
      throw new Error(`it holds ${shownName(path)} twice, not both times as a file`);
    this.kinds.set(path, kind);
    for (let at = path; at !== "."; ) {
      at = at.slice(0, at.lastIndexOf("/"));
      this.filled.add(at);
      const above = this.kinds.get(at);
      if (above === "directory") break;
      if (above !== undefined) throw throughLink(path, above);
      this.kinds.set(at, "directory");
    }
    if (this.kinds.size > this.most) throw new Error(`it holds more than ${grouped(this.most)} files and directories`);
  }

  /** Directories with nothing in them. */
  emptyDirectories(): string[] {
    return [...this.kinds].flatMap(([path, kind]) =>
      kind === "directory" && path !== "." && !this.filled.has(path) ? [path] : [],
    );
  }

  /** When all is placed: where it may lead. `links`: path and target. */
  refuseStrayLinks(links: ReadonlyMap<string, string>): void {
    if (links.size === 0) return;
    const folded = new Map([...links.keys()].map((path) => [foldedName(path), path]));
    for (const path of this.kinds.keys()) {
      const link = folded.get(foldedName(path));
      if (link !== undefined && link !== path)
        throw new Error(
          `it holds ${shownName(path)} and the link ${shownName(link)}, which are one on some file systems`,
        );
    }
    const tree = linkTree(links.keys());
    for (const [path, target] of links) targetOf(path, target, tree);
  }
}

const throughLink = (path: string, kind: Kind): Error =>
  new Error(`a path in it leads through a ${kind}: ${shownName(path)}`);

/** 50,000: as people write it. */
export const grouped = (number: number): string => number.toLocaleString("en-US");
