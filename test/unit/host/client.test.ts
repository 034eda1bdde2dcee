// What a look into a running app comes to, by how its command ended.
import { describe, expect, test } from "vitest";
import { Failure } from "../../../src/core/failure.ts";
import { sentenceOf } from "../../../src/core/problem.ts";
import { HostClient } from "../../../src/host/client.ts";

/** A host whose agent prints `lines` within its frame and ends with `code`; null where the connection breaks before. */
function clientOf(lines: readonly string[], code: number | null): HostClient {
  const host = { name: "web1", address: "192.0.2.11", port: 22, root: "/opt/releases" };
  const unused = (): never => {
    throw new Error("nobody asks for this here");
  };
  return new HostClient(
    {
      host,
      run: async (commandLine, { onLine = () => undefined } = {}) => {
        const frame = / inspect (beamline-[0-9a-f]+) /.exec(commandLine)?.[1] ?? "";
        for (const line of [`${frame} begin`, ...lines]) onLine(line);
        if (code !== null) onLine(`${frame} end ${code}`);
        return { code: code ?? 255, stdout: "", stderr: "broken pipe\n" };
      },
      whyUnreached: unused,
      close: async () => undefined,
    },
    {
      agent: { path: "agent.sh", name: "agent-0", digestLine: "# digest: 0" },
      directory: { path: "", write: unused, remove: async () => undefined },
    },
  );
}

async function failed(client: HostClient): Promise<string[]> {
  const error = await client.inspect("shop", []).catch((caught: unknown) => caught);
  if (!(error instanceof Failure)) throw new Error("it did not fail");
  const [first] = error.problems;
  return [first.code, sentenceOf(first), ...(first.tail ?? [])];
}

describe("a look into a running app", () => {
  test("has the agent's lines", async () => {
    expect(await clientOf(["release shop 1.0.0 13.1.5", "end"], 0).inspect("shop", [])).toEqual([
      "release shop 1.0.0 13.1.5",
      "end",
    ]);
  });

  test("fails with the connection, or with the agent, and says which", async () => {
    expect(await failed(clientOf(["release shop"], null))).toEqual([
      "connection_lost",
      "web1/shop the connection to 192.0.2.11:22 was lost: what shop is made of could not be read",
      "broken pipe",
    ]);
    expect(await failed(clientOf([], 2))).toEqual(["step_failed", "web1/shop the agent ended with 2", "broken pipe"]);
  });
});
