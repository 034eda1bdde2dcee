// file: urls. What a spec names must lie in the checkout, or where the workflow says: a spec is written by whoever opens a pull request.
import { realpath, stat } from "node:fs/promises";
import { dirname, resolve, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type AllowedSources, isAllowedFile, isBelow } from "./allowed-sources.ts";
import type { Got } from "./got.ts";

/** The file behind a file: url, its links resolved. Relative ones start from the workspace. */
export async function localFile(url: string, workspace: string, allowed: AllowedSources): Promise<Got> {
  try {
    const path = url.startsWith("file://") ? fileURLToPath(url) : resolve(workspace, url.slice("file:".length));
    const top = await realpath(workspace);
    const isThere = (file: string): Promise<boolean> | boolean =>
      isBelow(file, top, sep) || isAllowedFile(file, allowed);
    const file = await realpath(path).catch(async (error: Error) => {
      // Of what lies elsewhere not even that it is missing is told.
      if (isBelow(path, workspace, sep) || (await isThere(path))) throw error;
      return path;
    });
    if (!(await isThere(file))) {
      const refused = `it is outside of the checkout${isBelow(path, workspace, sep) ? ", through a link" : ""}`;
      return { refused, line: `${pathToFileURL(dirname(file)).href.replace(/\/$/, "")}/` };
    }
    return (await stat(file)).isFile() ? { file } : { failed: "it is not a file" };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { failed: "code" in error && error.code === "ENOENT" ? "there is no such file" : error.message };
  }
}
