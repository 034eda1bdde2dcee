// source → a verified release tarball on the runner. Nothing that fails here has touched a host.
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { Failure } from "../core/failure.ts";
import type { Problem, Where } from "../core/problem.ts";
import { problem } from "../core/problem.ts";
import { readApplicationFile } from "../otp/application-file.ts";
import type { SourcedSpec } from "../spec/parse-app.ts";
import { otherKind } from "./file-kind.ts";
import type { Entry, Manifest } from "./manifest.ts";
import { readManifest } from "./manifest.ts";
import type { Sources } from "./sources.ts";

/** A release on the runner, as the plan needs it, and the file it lies in. */
export type FetchedRelease = {
  file: string;
  sha256: string;
  digest: string;
  sizeBytes: number;
  unpackedBytes: number;
  /** In the tarball's order. */
  entries: readonly Entry[];
};

/** A spec, and where what is wrong with it is said to be. */
type Fetchable = { spec: SourcedSpec["spec"]; document: { at(path: readonly string[]): Where } };

/** Fetches and verifies one app's release. `directory`: where downloads go. */
export async function fetchRelease(app: Fetchable, sources: Sources, directory: string): Promise<FetchedRelease> {
  const { name, source } = app.spec;
  // What is built from source is refused before anything is fetched.
  if (source.type !== "release") throw new Error(`a source of type ${source.type} can't be fetched`);
  const at = app.document.at(["source", "url"]);
  const got = await sources.file(source.url, `${directory}/${name}.tar.gz`);
  if ("refused" in got)
    return refuse(problem("source_not_allowed", at, { url: source.url, why: got.refused, line: got.line }));
  if ("failed" in got) return refuse(problem("fetch_failed", at, { url: source.url, detail: got.failed }));
  const { file } = got;
  try {
    return await verified(app, file);
  } catch (error) {
    // What is refused would take up room until the run ends.
    await sources.drop(file);
    throw error;
  }
}

/** The release in a file, if it is what the spec says. */
async function verified(app: Fetchable, file: string): Promise<FetchedRelease> {
  const { name, version, source } = app.spec;
  if (source.type !== "release") throw new Error(`a source of type ${source.type} can't be fetched`);
  const at = app.document.at(["source", "url"]);
  const { size: sizeBytes } = await stat(file);
  const other = await otherKind(file);
  // Its sha256 would tell no more than that it is another file.
  if (other !== null) return refuse(problem("invalid_artifact", at, { url: source.url, detail: other }));
  const sha256 = await sha256OfFile(file);
  if (source.sha256 !== undefined && sha256 !== source.sha256)
    refuse(
      problem("checksum_mismatch", app.document.at(["source", "sha256"]), {
        url: source.url,
        expected: source.sha256,
        actual: sha256,
      }),
    );
  const manifest = await readManifest(file).catch((error: Error) =>
    refuse(problem("invalid_artifact", at, { url: source.url, detail: unpackError(error) }), error),
  );
  if (Object.keys(app.spec.env).length > 0 && applicationFiles(name, manifest).length === 0) {
    const facts = {
      field: "env",
      expected: `left out: the release has no application ${name} that would read it`,
      got: "some",
    };
    refuse(problem("invalid_value", app.document.at(["env"]), facts));
  }
  const wrong = app.spec.isolation === "embedded" ? notOneApplication : notARelease;
  const detail = wrong(name, version, manifest);
  if (detail !== undefined) refuse(problem("invalid_artifact", at, { url: source.url, detail }));
  const { digest, unpackedBytes, entries } = manifest;
  return { file, sha256, digest, sizeBytes, unpackedBytes, entries };
}

function refuse(of: Problem, cause?: unknown): never {
  throw new Failure([of], cause);
}

async function sha256OfFile(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}

function unpackError(error: Error & { code?: string }): string {
  switch (error.code) {
    case "Z_BUF_ERROR":
      return "it ends in the middle (truncated)";
    case "Z_DATA_ERROR":
      return "it is no gzip file, or damaged";
    default:
      return error.message === "Unexpected end of data" ? "it ends in the middle (truncated)" : error.message;
  }
}

/** The .app files of the application of the spec's name, whose environment a spec's env is. */
const applicationFiles = (name: string, { applicationFiles: files }: Manifest): [path: string, bytes: Uint8Array][] =>
  [...files].filter(([path]) => path.endsWith(`/ebin/${name}.app`));

/** What is missing for an application named so, in this version, to be embedded; undefined where nothing is. */
function notOneApplication(name: string, version: string, manifest: Manifest): string | undefined {
  const [found, other] = applicationFiles(name, manifest);
  if (found === undefined)
    return `it has no lib/${name}-${version}/ebin/${name}.app, and no ebin/${name}.app at its top`;
  if (other !== undefined) return `it has both ${found[0]} and ${other[0]}`;
  const read = readApplicationFile(found[1]);
  if ("error" in read) return `${found[0]}: ${read.error}`;
  return read.version === version ? undefined : `its ${name} has version ${read.version}, the spec says ${version}`;
}

/** What is missing for a release named so, in this version; undefined where nothing is. */
function notARelease(name: string, version: string, { entries, startErl }: Manifest): string | undefined {
  const paths = new Set(entries.map((entry) => entry.path));
  if (startErl === null)
    return "it has no releases/start_erl.data: not a release tarball, or packed with a directory on top";
  // On the host this version is a path of the release: the file's every word counts.
  const [, booted] = /^[!-~]+[ \t]+([!-~]+)[ \t]*\n?$/.exec(startErl) ?? [];
  if (booted === undefined) return "its releases/start_erl.data does not hold two words in one line";
  if (booted !== version) return `it holds version ${JSON.stringify(booted.slice(0, 200))}, the spec says ${version}`;
  if (!paths.has(`./bin/${name}`)) return `it has no bin/${name}; name must be the release's name`;
  return undefined;
}
