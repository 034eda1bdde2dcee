const WIDTH = 120;

/** JSON in as few lines as can be read: what fits on a line stands on one. `before` is what the first line begins with. */
export function readableJson(value: unknown, before = ""): string {
  if (value === null || typeof value !== "object") return before + JSON.stringify(value);
  const entries: [string, unknown][] = Array.isArray(value)
    ? value.map((item) => ["", item])
    : Object.entries(value).map(([key, item]) => [`${JSON.stringify(key)}: `, item]);
  const [open, close, space] = Array.isArray(value) ? ["[", "]", ""] : ["{", "}", " "];
  if (entries.length === 0) return `${before}${open}${close}`;
  const flat = `${before}${open}${space}${entries.map(([key, item]) => key + flatJson(item)).join(", ")}${space}${close}`;
  if (flat.length <= WIDTH) return flat;
  const indent = /^ */.exec(before)?.[0] ?? "";
  const lines = entries.map(([key, item]) => readableJson(item, `${indent}  ${key}`));
  return `${before}${open}\n${lines.join(",\n")}\n${indent}${close}`;
}

function flatJson(value: unknown): string {
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(flatJson).join(", ")}]`;
  const entries = Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${flatJson(item)}`);
  return entries.length === 0 ? "{}" : `{ ${entries.join(", ")} }`;
}
