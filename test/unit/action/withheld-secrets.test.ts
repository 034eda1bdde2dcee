// What no app is given, whatever its spec asks for.
import { describe, expect, test } from "vitest";
import { sortedSecrets } from "../../../src/action/withheld-secrets.ts";

const KEY =
  "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEA\nAAAABG5vbmUAAAAEbm9u\n-----END OPENSSH PRIVATE KEY-----\n";
const TOKEN = "ghs_the-token-of-this-job";
const INPUTS = { "ssh-key": KEY, "github-token": TOKEN };
const inputOf = (value: string, inputs: Record<string, string> = INPUTS): string | undefined =>
  sortedSecrets(new Map([["X", value]]), inputs).withheld.get("X")?.input;

describe("a secret is withheld from apps", () => {
  test.each([
    ["is the key", KEY],
    ["is the key without its last line's end", KEY.trimEnd()],
    ["is the key with the line ends of another system", KEY.replaceAll("\n", "\r\n")],
    ["is the key with a carriage return for each line's end", KEY.replaceAll("\n", "\r")],
    ["is the key with escaped line ends, as in JSON", JSON.stringify(KEY)],
    ["is the key in white space", `\n  ${KEY.replaceAll("\n", "\n  ")}  \n`],
    ["holds the key", JSON.stringify({ production: KEY, staging: "other" })],
    ["is the key in base64", Buffer.from(KEY).toString("base64")],
    ["is the key in base64, line by line", Buffer.from(KEY).toString("base64").replace(/.{64}/g, "$&\n")],
    ["is the key in base64 of base64", btoa(btoa(KEY))],
    ["is the key in hexadecimal", Buffer.from(KEY).toString("hex")],
    ["is the key as part of a url", encodeURIComponent(KEY)],
    ["is the key in JSON in JSON", JSON.stringify(JSON.stringify({ key: KEY }))],
    ["holds the key in base64, as JSON", JSON.stringify({ key: btoa(KEY), other: "x" })],
    ["holds it as a data url", `data:text/plain;base64,${btoa(KEY)}`],
    ["is the key without what stands before and behind it", KEY.split("\n").slice(1, -2).join("\n")],
    ["is that on one line, in base64", btoa(KEY.split("\n").slice(1, -2).join(""))],
  ])("that %s", (_, value) => {
    expect(inputOf(value)).toBe("ssh-key");
  });

  test.each([TOKEN, `${TOKEN}\n`, `https://x-access-token:${TOKEN}@github.example/`, btoa(TOKEN)])(
    "that is or holds the job's token: %s",
    (value) => {
      expect(inputOf(value)).toBe("github-token");
    },
  );

  test("and from nobody is any other", () => {
    for (const value of ["correct horse", KEY.replace("b3Blbn", "AAAAAA"), "ghs_another", "-----BEGIN"])
      expect(inputOf(value), value).toBeUndefined();
    // Inputs that are not given, or that are hardly keys.
    expect(inputOf("anything", { "ssh-key": "", "github-token": " \n" })).toBeUndefined();
    expect(inputOf("anything", { "ssh-key": "a", "github-token": "" })).toBeUndefined();
  });

  test("and is not among what apps are given", () => {
    const given = new Map([
      ["DEPLOY_KEY", KEY],
      ["PASSWORD", "correct horse"],
    ]);
    const { secrets, withheld } = sortedSecrets(given, INPUTS);
    expect([...secrets.keys()]).toEqual(["PASSWORD"]);
    expect([...withheld.keys()]).toEqual(["DEPLOY_KEY"]);
  });
});
