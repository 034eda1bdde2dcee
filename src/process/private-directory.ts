import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A directory that only we can read, for keys and requests; gone after the run. */
export type PrivateDirectory = {
  path: string;
  /** Writes a file that only we can read, and returns its path. */
  write(name: string, content: string | Buffer): Promise<string>;
  remove(): Promise<void>;
};

export async function makePrivateDirectory(): Promise<PrivateDirectory> {
  // mkdtemp(3) makes it 0700.
  return privateDirectory(await mkdtemp(join(process.env.RUNNER_TEMP ?? tmpdir(), "beamline-")));
}

/** One with a short path, for what may not have a long one; it holds nothing that is large. */
export const makeShortDirectory = async (): Promise<PrivateDirectory> =>
  privateDirectory(await mkdtemp("/tmp/beamline-"));

/** One in another, and gone with it at the latest. */
export async function makeSubdirectory(parent: string, name: string): Promise<PrivateDirectory> {
  return privateDirectory(await mkdtemp(join(parent, `${name}-`)));
}

function privateDirectory(path: string): PrivateDirectory {
  return {
    path,
    async write(name, content) {
      const file = join(path, name);
      await writeFile(file, content, { mode: 0o600 });
      return file;
    },
    remove: () => rm(path, { recursive: true, force: true }),
  };
}
