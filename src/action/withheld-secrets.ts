// Secrets that no app may have: a spec names its secrets by itself, and a workflow that passes all it has passes its own key, too.

/** A secret's value, and the input whose value it holds. */
export type Withheld = { value: string; input: string };

/** Those that apps may be given, and those that hold what an input is given. */
export function sortedSecrets(
  given: ReadonlyMap<string, string>,
  inputs: Readonly<Record<string, string>>,
): { secrets: Map<string, string>; withheld: Map<string, Withheld> } {
  const secrets = new Map<string, string>();
  const withheld = new Map<string, Withheld>();
  const own = Object.entries(inputs).flatMap(([input, value]) => keysIn(value).map((key) => [input, key] as const));
  for (const [name, value] of given) {
    const readings = readingsOf(value).map(bareText);
    const input = own.find(([, key]) => readings.some((reading) => holds(reading, key)))?.[0];
    if (input === undefined) secrets.set(name, value);
    else withheld.set(name, { value, input });
  }
  return { secrets, withheld };
}

/** The value of an input, and of a key the body alone: who has that has the key. */
function keysIn(value: string): string[] {
  const body = value
    .split(/[\r\n]+/)
    .filter((line) => !line.trim().startsWith("-----"))
    .join("");
  return [...new Set([bareText(value), bareText(body)])].filter((key) => key !== "");
}

/** Writings within writings are read so deep, and so many of them. */
const DEEPEST = 3;
const MOST_READINGS = 200;

/** A text, and what it says as JSON, as part of a url, in hexadecimal, in base64: each of these, and within each again. */
function readingsOf(text: string): string[] {
  const readings = new Set([text]);
  let last = [text];
  for (let depth = 0; depth < DEEPEST; depth += 1) {
    const before = readings.size;
    for (const reading of last.flatMap(otherwise))
      if (reading !== "" && readings.size < MOST_READINGS) readings.add(reading);
    // What is no news was read before.
    last = [...readings].slice(before);
  }
  return [...readings];
}

const otherwise = (text: string): string[] => [
  text
    .replace(/\\u([0-9a-fA-F]{4})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
    .replace(/\\(["/\\])/g, "$1"),
  text.replace(/(%[0-9a-fA-F]{2})+/g, (run) => Buffer.from(run.replaceAll("%", ""), "hex").toString("utf8")),
  Buffer.from(bareText(text), "base64").toString("utf8"),
  ...(bareText(text).match(/[0-9a-fA-F]{16,}/g) ?? []).map((run) => Buffer.from(run, "hex").toString("utf8")),
  ...(bareText(text).match(/[A-Za-z0-9+/_-]{16,}/g) ?? []).map((run) => Buffer.from(run, "base64").toString("utf8")),
];

/** What is shorter stands in many a text by chance, and is no key. */
const SHORTEST = 8;

const holds = (text: string, key: string): boolean => text === key || (key.length >= SHORTEST && text.includes(key));

/** Without any white space, be it written as an escape: line endings get lost and doubled where people paste keys. */
const bareText = (text: string): string => text.replace(/\s|\\[rn]/g, "");
