// How much a run may put on the runner's disk: what it downloads and what it packs for hosts, all together.
import { statfs } from "node:fs/promises";
import { formatBytes } from "../core/quantity.ts";

/** Sixteen of the largest releases; no runner is meant to hold more. */
const MOST = 32 * 1024 ** 3;
/** Left to whatever else the job does. */
const RESERVE = 1024 ** 3;

export class DiskRoom {
  /** Why there is none left, in words. */
  readonly full: string;
  private left: number;

  constructor(bytes: number) {
    this.left = Math.max(bytes, 0);
    this.full = `all that this run puts on the runner's disk would be more than ${formatBytes(this.left)}`;
  }

  /** Takes so many bytes; false where there is less room, and then none is taken. */
  take(bytes: number): boolean {
    if (bytes > this.left) return false;
    this.left -= bytes;
    return true;
  }

  /** Of what was removed. */
  give(bytes: number): void {
    this.left += bytes;
  }
}

/** The room there is where a directory lies. */
export async function roomBelow(directory: string): Promise<DiskRoom> {
  const { bavail, bsize } = await statfs(directory);
  return new DiskRoom(Math.min(MOST, bavail * bsize - RESERVE));
}
