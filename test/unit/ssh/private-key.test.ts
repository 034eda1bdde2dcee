// The input ssh-key as people paste it: real keys, judged by ssh-keygen.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { wordsOf } from "../../../src/core/problem.ts";
import { makeSubdirectory } from "../../../src/process/private-directory.ts";
import { keyFileOf } from "../../../src/ssh/key-file.ts";
import { repairedKey } from "../../../src/ssh/private-key.ts";

const directory = mkdtempSync(join(tmpdir(), "keys-"));
afterAll(() => rmSync(directory, { recursive: true }));

function made(name: string, ...options: string[]): { key: string; half: string; shown: string } {
  const file = join(directory, name);
  execFileSync("ssh-keygen", ["-q", "-N", "", "-C", "deploy@example", ...options, "-f", file]);
  const [, fingerprint] = execFileSync("ssh-keygen", ["-lf", file], { encoding: "utf8" }).split(" ");
  const half = readFileSync(`${file}.pub`, "utf8");
  return { key: readFileSync(file, "utf8"), half, shown: `${half.split(" ")[0]} ${fingerprint}` };
}

const openssh = made("openssh", "-t", "ed25519");
const pem = made("pem", "-t", "rsa", "-b", "2048", "-m", "PEM");
const pkcs8 = made("pkcs8", "-t", "ecdsa", "-m", "PKCS8");

const used = async (text: string) => keyFileOf(repairedKey(text), await makeSubdirectory(directory, "run"));

describe.each([
  ["an OpenSSH key", openssh],
  ["a PEM key", pem],
  ["a PKCS #8 key", pkcs8],
])("%s is taken", (_, { key, shown }) => {
  test.each<[string, string]>([
    ["as it is", key],
    ["without its last line end", key.trimEnd()],
    ["with Windows' line ends", key.replaceAll("\n", "\r\n")],
    ["with a byte order mark", `\ufeff${key}`],
    ["on one line, with blanks for line ends", key.replaceAll("\n", " ")],
    ["on one line, with nothing for line ends", key.replaceAll("\n", "")],
    ["on one line, with \\n for line ends", key.replaceAll("\n", "\\n")],
    ["indented", key.replace(/^/gm, "    ")],
    ["with blank lines", key.replaceAll("\n", "\n\n")],
    ["in base64", Buffer.from(key).toString("base64")],
    ["in base64 of several lines", Buffer.from(key).toString("base64").replace(/.{76}/g, "$&\n")],
  ])("%s", async (_, text) => {
    expect(await used(text)).toMatchObject({ shown });
  });
});

describe("what is no usable key is told apart", () => {
  test.each<[string, string, RegExp]>([
    ["the public half", openssh.half, /holds the public half of a key/],
    ["a public key in PEM", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", /public half/],
    ["with a passphrase", made("locked", "-t", "ed25519", "-N", "swordfish").key, /with a passphrase/],
    ["an old one with a passphrase", made("old", "-t", "rsa", "-m", "PEM", "-N", "swordfish").key, /with a passphrase/],
    ["in PuTTY's format", "PuTTY-User-Key-File-3: ssh-ed25519\n", /PuTTY/],
    ["without its end", openssh.key.split("\n").slice(0, 3).join("\n"), /cut off/],
    ["with letters lost", openssh.key.replace(/\n(.{9})/, "\n"), /damaged/],
    ["something else", "swordfish", /holds no private key/],
    ["base64 of something else", Buffer.from("swordfish").toString("base64"), /holds no private key/],
  ])("%s", async (_, text, words) => {
    const problem = await used(text);
    if (!("code" in problem)) throw new Error("it is a key");
    expect(problem.code).toBe("ssh_key_unusable");
    expect(wordsOf(problem).message).toMatch(words);
    expect(JSON.stringify(problem)).not.toContain("swordfish");
  });
});
