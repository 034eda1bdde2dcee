// Why a host could not be worked with, by how ssh ended and what the address says.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { wordsOf } from "../../../src/core/problem.ts";
import type { Host } from "../../../src/spec/host.ts";
import { Connection, hasRoomForSockets } from "../../../src/ssh/connection.ts";
import { diagnose } from "../../../src/ssh/diagnosis.ts";

const directory = mkdtempSync(join(tmpdir(), "diagnosis-"));
const knownHostsFile = join(directory, "known hosts");
writeFileSync(knownHostsFile, "");
afterAll(() => rmSync(directory, { recursive: true }));

const host: Host = { name: "web1", address: "127.0.0.1", port: 9, user: "deploy", root: "/opt/releases", labels: {} };
const credentials = { knownHostsFile, key: { shown: "ssh-ed25519 SHA256:abc" } };

describe("a login that works, and a shell that does not", () => {
  test.each([0, 1, 127, 254])("is told from a refused one by ssh's exit code %i, with its words", async (exit) => {
    const said = { exit, stderr: "rbash: exec: restricted\n", noise: ["This account is currently not available."] };
    const problem = await diagnose(host, credentials, said);
    expect(problem.code).toBe("login_shell_unusable");
    expect(wordsOf(problem).message).toContain(`exit code ${exit}`);
    expect(problem.tail).toEqual(["This account is currently not available.", "rbash: exec: restricted"]);
  });

  test("ssh's own failure is looked into", async () => {
    const problem = await diagnose(host, credentials, { exit: 255, stderr: "", noise: [] });
    expect(problem.code).toBe("host_unreachable");
  });
});

test("of a host that shows no key it is said where the key lies", async () => {
  const server = createServer((socket) => socket.end("SSH-2.0-none\r\n"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const problem = await diagnose({ ...host, port }, credentials, { exit: 255, stderr: "", noise: [] });
  server.close();
  expect(problem.code).toBe("host_key_unknown");
});

describe("where a runner's temporary directory lies", () => {
  test("ssh gets a shorter place for its sockets where the path is too long for one", () => {
    expect(hasRoomForSockets(`/${"t".repeat(57)}/beamline-abcdef`)).toBe(false);
    expect(hasRoomForSockets(`/${"t".repeat(56)}/beamline-abcdef`)).toBe(true);
    expect(hasRoomForSockets(`/${"ü".repeat(30)}/beamline-abcdef`)).toBe(false);
  });

  test("ssh takes its paths as they are: with blanks and percent signs", () => {
    const odd = join(directory, "my runner 100%h");
    const given = {
      socketDirectory: odd,
      key: { path: `${odd}/key`, shown: "" },
      knownHostsFile: `${odd}/known hosts`,
    };
    const argv = new Connection(host, given).argv("true");
    const settings = execFileSync("ssh", ["-G", ...argv], { encoding: "utf8" }).split("\n");
    const settingOf = (name: string) => settings.find((line) => line.startsWith(`${name} `))?.slice(name.length + 1);
    expect(settingOf("userknownhostsfile")).toBe(`${odd}/known hosts`);
    // Expanded when it is read.
    expect(settingOf("identityfile")).toBe(`${odd.replaceAll("%", "%%")}/key`);
    expect(settingOf("controlpath")).toContain("my runner 100%h/");
  });
});
