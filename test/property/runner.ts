// What GitHub's runner makes of a job's output, as far as it matters here: where a line ends, and which line is a command
// (actions/runner: ProcessInvoker, OutputManager, ActionCommand). Stricter than it: any name is one of a command, and what .NET's
// comparison passes over is passed over anywhere.

/** Line separators of Unicode, though .NET's StreamReader ends a line at \r and \n only. */
export const linesOf = (output: string): string[] => output.split(/\r\n|[\n\r\v\f\u0085\u2028\u2029]/);

const PASSED_OVER = /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;

export function isCommand(line: string): boolean {
  const bare = line.replace(PASSED_OVER, "").replace(/^[\p{White_Space}\ufeff]+/u, "");
  return bare.startsWith("::") || bare.includes("##[");
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours of ours are what a log is made of
const OURS = /\u001b\[\d+m|(?<=\p{Extended_Pictographic})\ufe0f/gu;

/** What nobody sees, or what has others see something else; but for tabs and newlines. */
export const unseenIn = (text: string): string[] =>
  text.replace(OURS, "").match(/(?!\t|\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}]/gu) ?? [];
