// The agent takes a release for good only when it has seen for itself: whoever wrote the manifest or the bundle, and whatever lies
// in other releases here.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type RawEntry, rawTarball } from "../../property/raw-tar.ts";
import { type Staged, stage } from "../../property/staged.ts";

let directory: string;
let root: string;
let keys: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "hostile-staging-"));
  root = join(directory, "root");
  mkdirSync(join(root, ".beamline"), { recursive: true });
  mkdirSync(join(directory, "ssh"));
  keys = join(directory, "ssh/authorized_keys");
  writeFileSync(keys, "mine", { mode: 0o600 });
});
afterEach(() => {
  // Nothing of what it is made to do here reaches what is not its own.
  expect([readFileSync(keys, "utf8"), statSync(keys).mode & 0o7777]).toEqual(["mine", 0o600]);
  rmSync(directory, { recursive: true });
});

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const fileLine = (path: string, text: string, kind = "f"): string => `${kind}${sha256(text).slice(0, 12)}\t${path}\n`;

/** The digest of files (0644) and links, in byte order. */
const digestOf = (files: Record<string, string>, links: Record<string, string> = {}): string =>
  sha256(
    [
      ...Object.entries(files).map(([path, text]) => `${sha256(text)}  ${path}\n`),
      ...Object.entries(links).map(([path, target]) => `${path} -> ${target}\n`),
    ].join(""),
  );

/** Stages with a bundle of a tarball that no runner would send. */
function staged(
  given: { manifest: string; digest: string; bundle?: RawEntry[]; see?: () => void },
  shell = "dash",
): Promise<Staged> {
  const file = join(directory, "bundle.tar.gz");
  writeFileSync(file, rawTarball(given.bundle ?? []));
  const bundle = async (): Promise<{ file: string }> => {
    given.see?.();
    return { file };
  };
  return stage(root, { ...given, bundle }, { shell });
}

const inStage = (condition: string[]): string =>
  execFileSync("find", [join(root, "shop"), ...condition], { encoding: "utf8" });

describe("a release is not staged", () => {
  test("where a link of its manifest would be made through another", async () => {
    const links = { "./a": "../../../ssh", "./a/authorized_keys": "/etc/passwd" };
    const manifest = Object.entries(links)
      .map(([path, target]) => `l\t${path}\t${target}\n`)
      .join("");
    const { code, failure } = await staged({ manifest, digest: digestOf({}, links) });
    expect([code, failure]).toEqual([1, expect.stringContaining("transfer_failed")]);
  });

  test.each(["../ssh/authorized_keys", "./../ssh/x", "./a/../../x", "./.beamline", "./.beamline/x", "./a//b", "/x"])(
    "where its manifest holds %s",
    async (path) => {
      const { code, failure } = await staged({ manifest: `l\t${path}\tx\n`, digest: digestOf({}, { [path]: "x" }) });
      expect([code, failure]).toEqual([1, expect.stringMatching(/transfer_failed\n.*its manifest holds/)]);
    },
  );

  test.each<[string, RawEntry[]]>([
    ["a link", [{ name: "a", type: "2", link: "../../../ssh" }]],
    [
      "a link, and a file through it",
      [
        { name: "a", type: "2", link: "../../../ssh" },
        { name: "a/authorized_keys", body: "yours" },
      ],
    ],
    ["a pipe", [{ name: "a", type: "6" }]],
    [
      "a second name of a file",
      [
        { name: "a", body: "x" },
        { name: "b", type: "1", link: "a" },
      ],
    ],
    ["a mark", [{ name: ".beamline", body: "x" }]],
  ])("where its bundle brings %s", async (_, bundle) => {
    const manifest = fileLine("./a", "x");
    const { code, failure } = await staged({ manifest, digest: digestOf({ "./a": "x" }), bundle });
    expect([code, failure]).toEqual([1, expect.stringContaining("transfer_failed")]);
  });

  test("where it is another than was said; none of its links has been made then", async () => {
    const manifest = `${fileLine("./f", "x")}l\t./a\tf\n`;
    const seen: string[] = [];
    const { code, asked, failure } = await staged({
      manifest,
      digest: "0".repeat(64),
      bundle: [{ name: "f", body: "y" }],
      see: () => seen.push(inStage(["-type", "l"])),
    });
    expect([code, failure]).toEqual([1, expect.stringContaining("its contents have digest")]);
    expect([asked.length, seen]).toEqual([2, ["", ""]]);
    expect(inStage(["-type", "l"])).toBe("");
  });
});

test("while anything of it is not verified nobody else comes to it; then it has plain modes, and nobody's but ours", async () => {
  const files = { "./a/setuid": "x", "./b": "y" };
  const manifest = Object.entries(files)
    .map(([path, text]) => fileLine(path, text))
    .join("");
  const modes: string[] = [];
  const { code, errors } = await staged({
    manifest,
    digest: digestOf(files),
    bundle: [
      { name: "a/", type: "5", mode: 0o7777 },
      { name: "a/setuid", body: "x", mode: 0o6666 },
      { name: "b", body: "y", mode: 0o1602 },
    ],
    see: () => modes.push(inStage(["-maxdepth", "1", "-name", ".stage-*", "-perm", "0700"])),
  });
  expect([code, errors]).toEqual([0, ""]);
  expect(modes).toEqual([`${root}/shop/.stage-op\n`]);
  const mode = (path: string): string => (statSync(join(root, "shop/new", path)).mode & 0o7777).toString(8);
  expect([".", "a", "a/setuid", "b", ".beamline"].map(mode)).toEqual(["755", "755", "644", "644", "644"]);
});

test.each(["dash", "ash"])(
  "what became of another release here is not what a new one is made of, under %s",
  async (shell) => {
    const other = join(root, "other/1.0");
    mkdirSync(join(other, "lib"), { recursive: true });
    const names = ["good", "link", "pipe", "twin", "setuid", "open", "gone", "moved"];
    const files = Object.fromEntries(names.sort().map((name) => [`./lib/${name}`, `contents of ${name}`]));
    const lines = Object.entries(files).map(([path, text]) => fileLine(path, text));
    const there = lines.map((line) => line.replace("./lib/moved", "./lib/before"));
    writeFileSync(join(other, ".beamline"), `${"0".repeat(64)}\n${there.join("")}`);
    for (const name of ["good", "setuid", "open", "twin", "before"])
      writeFileSync(join(other, "lib", name), files[`./lib/${name === "before" ? "moved" : name}`] ?? "");
    symlinkSync(keys, join(other, "lib/link"));
    execFileSync("busybox", ["mkfifo", join(other, "lib/pipe")]);
    linkSync(join(other, "lib/twin"), join(directory, "twin"));
    chmodSync(join(other, "lib/setuid"), 0o4644);
    chmodSync(join(other, "lib/open"), 0o666);
    const { code, errors, asked } = await staged(
      {
        manifest: lines.join(""),
        digest: digestOf(files),
        bundle: Object.entries(files).map(([name, body]) => ({ name, body })),
      },
      shell,
    );
    expect([code, errors, asked.length]).toEqual([0, "", 1]);
    expect(inStage(["-path", "*/new/*", "!", "-type", "d", "!", "-perm", "644"])).toBe("");
    expect(inStage(["-path", "*/new/*", "-type", "f", "-links", "+1"])).toBe("");
    for (const name of names)
      expect(readFileSync(join(root, "shop/new/lib", name), "utf8")).toBe(`contents of ${name}`);
  },
);
