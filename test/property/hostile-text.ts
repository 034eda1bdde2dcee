// What a host, an app, a spec or a pull request may say to be taken for something else than text.
import fc from "fast-check";

const SEPARATORS = ["\n", "\r", "\r\n", "\v", "\f", "\u0085", "\u2028", "\u2029", "\u001c", "\u001e"];
const BLANKS = [
  " ",
  "\t",
  "\u00a0",
  "\u1680",
  "\u180e",
  "\u2003",
  "\u202f",
  "\u205f",
  "\u3000",
  "\u200b",
  "\u200c",
  "\u200d",
  "\u2060",
  "\ufeff",
  "\u00ad",
  "\u034f",
  "\u115f",
  "\u3164",
  "\0",
  "\u0007",
  "\u009b",
  "\u007f",
  "\ufe0f",
  "\u{e0041}",
];
const BIDI = [
  "\u200e",
  "\u200f",
  "\u061c",
  "\u202a",
  "\u202b",
  "\u202c",
  "\u202d",
  "\u202e",
  "\u2066",
  "\u2067",
  "\u2068",
  "\u2069",
];
const ESCAPES = [
  "\u001b[31m",
  "\u001b[2J",
  "\u001b]0;title\u0007",
  "\u001b]8;;https://evil.example\u001b\\link",
  "\u001bc",
  "\u009b1A",
  "\u001b",
  "\u001b[32m",
];
const COMMANDS = [
  "::error::x",
  "::add-mask::e",
  "::stop-commands::t",
  "::set-output name=a::b",
  "##[error]x",
  "##[add-mask]e",
  "##",
  "[group]x",
  ":",
  "::",
];
const MARKUP = [
  "@everyone",
  "#1",
  "GH-12",
  "www.evil.example",
  "<img src=x>",
  "[x](javascript:1)",
  "| a | b |",
  "```",
  "# h",
  "- x",
  "&#64;a",
  "\\",
  "`",
];

const word = fc.constantFrom("counter", "1.0.0", "é", "😀", "a", "    | ", "    → ", "…", "\ud800", "x".repeat(300));

/** A text of such pieces. */
export const hostileText: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      ...[SEPARATORS, BLANKS, BIDI, ESCAPES, COMMANDS, MARKUP].map((texts) => fc.constantFrom(...texts)),
      word,
      fc.string({ maxLength: 3 }),
    ),
    { minLength: 1, maxLength: 8 },
  )
  .map((pieces) => pieces.join(""));
