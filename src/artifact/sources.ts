// Where releases come from, for all of a run.
import { dirname } from "node:path";
import type { Downloading } from "./download.ts";
import { download, USUAL_LIMITS } from "./download.ts";
import type { Got } from "./got.ts";
import { localFile } from "./local-source.ts";

export type Sources = {
  /** The file behind a url; `copy` is where it goes if it must be downloaded, and nobody has downloaded it into that directory. */
  file(url: string, copy: string): Promise<Got>;
};

/** `workspace`: the checkout, from which relative file: urls start. */
export function sourcesOf(
  given: Omit<Downloading, "limits"> & { workspace: string; limits?: Downloading["limits"] },
): Sources {
  const { workspace, allowed, limits = USUAL_LIMITS } = given;
  const downloads = new Map<string, Promise<Got>>();
  return {
    file: (url, copy) => {
      if (/^file:/i.test(url)) return localFile(url, workspace, allowed);
      const key = `${dirname(copy)} ${url}`;
      const got = downloads.get(key) ?? download(url, copy, { ...given, limits });
      downloads.set(key, got);
      return got;
    },
  };
}
