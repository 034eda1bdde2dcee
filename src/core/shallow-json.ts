// JSON from a host. What reads the values may recurse, and JSON.parse takes any depth.

/** A record's terms are nested 64 deep at the most, and each takes four levels of JSON. */
const MAX_DEPTH = 400;

/** The value of a text, or what is wrong with it, in words that quote none of it. */
export function shallowJson(text: string): { json: unknown } | { error: string } {
  if (depthOf(text) > MAX_DEPTH) return { error: `it is nested deeper than ${MAX_DEPTH} levels` };
  try {
    return { json: JSON.parse(text) };
  } catch {
    return { error: "it is not JSON" };
  }
}

const [QUOTE, BACKSLASH, OPEN, CLOSE, BEGIN, END] = [0x22, 0x5c, 0x5b, 0x5d, 0x7b, 0x7d] as const;

/** How deep brackets are nested outside of texts. Of what is not JSON it says anything. */
function depthOf(text: string): number {
  let [depth, deepest, isText] = [0, 0, false];
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charCodeAt(at);
    if (character === QUOTE) isText = !isText;
    else if (isText) at += character === BACKSLASH ? 1 : 0;
    else if (character === OPEN || character === BEGIN) depth += 1;
    else if (character === CLOSE || character === END) depth -= 1;
    if (depth > deepest) deepest = depth;
  }
  return deepest;
}
