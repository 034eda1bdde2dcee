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
  const own = Object.entries(inputs).flatMap(([input, value]) => {
    const bare = bareText(value);
    return bare === "" ? [] : [[input, bare] as const];
  });
  for (const [name, value] of given) {
    const forms = [bareText(value), bareText(decoded(value))];
    const input = own.find(([, key]) => forms.some((form) => holds(form, key)))?.[0];
    if (input === undefined) secrets.set(name, value);
    else withheld.set(name, { value, input });
  }
  return { secrets, withheld };
}

/** What is shorter stands in many a text by chance, and is no key. */
const SHORTEST = 8;

const holds = (text: string, key: string): boolean => text === key || (key.length >= SHORTEST && text.includes(key));

/** Without any white space, be it written as an escape: line endings get lost and doubled where people paste keys. */
const bareText = (text: string): string => text.replace(/\s|\\[rn]/g, "");

/** What a text in base64 stands for, however it is broken into lines. Of any other text this is nothing that means anything. */
const decoded = (text: string): string => Buffer.from(bareText(text), "base64").toString("utf8");
