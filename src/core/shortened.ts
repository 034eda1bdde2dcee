/** The longest text of a host that people are shown, in characters; an honest agent's has some hundreds. */
export const LONGEST_SAID = 4_000;

/** A text of at most so many characters. What was cut ends with `…`: only then is known what may be the half of something. */
export function shortened(text: string, most: number): string {
  if (text.length <= most) return text;
  // Not between the halves of a character.
  return `${text.slice(0, most - 1).replace(/[\ud800-\udbff]$/, "")}…`;
}
