// Where releases come from, for all of a run.
import { rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { atMost } from "./at-most.ts";
import type { DiskRoom } from "./disk-room.ts";
import type { Downloading } from "./download.ts";
import { download, USUAL_LIMITS } from "./download.ts";
import type { Got } from "./got.ts";
import { localFile } from "./local-source.ts";

export type Sources = {
  /** The file behind a url; `copy` is where it goes if it must be downloaded, and nobody has downloaded it into that directory. */
  file(url: string, copy: string): Promise<Got>;
  /** Removes a file that was downloaded, once all who asked for it refuse it. */
  drop(file: string): Promise<void>;
};

/** Downloads at once: more would share the same wire. */
const AT_ONCE = 4;

type Download = { got: Promise<Got>; users: number };

/** `workspace`: the checkout, from which relative file: urls start. */
export function sourcesOf(
  given: Omit<Downloading, "limits"> & { workspace: string; room: DiskRoom; limits?: Downloading["limits"] },
): Sources {
  const { workspace, allowed, room, limits = USUAL_LIMITS } = given;
  const downloads = new Map<string, Download>();
  const inTurn = atMost(AT_ONCE);
  const keys = new Map<string, string>();
  return {
    file: async (url, copy) => {
      if (/^file:/i.test(url)) return localFile(url, workspace, allowed);
      const key = `${dirname(copy)} ${url}`;
      const of = downloads.get(key) ?? {
        got: inTurn(() => download(url, copy, { ...given, limits })),
        users: 0,
      };
      of.users += 1;
      downloads.set(key, of);
      const got = await of.got;
      if ("file" in got) keys.set(got.file, key);
      return got;
    },
    drop: async (file) => {
      const key = keys.get(file);
      const of = key === undefined ? undefined : downloads.get(key);
      if (key === undefined || of === undefined) return;
      of.users -= 1;
      if (of.users > 0) return;
      downloads.delete(key);
      keys.delete(file);
      const { size } = await stat(file);
      await rm(file);
      room.give(size);
    },
  };
}
