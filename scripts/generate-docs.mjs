// What the docs say twice is written once: README's tables from action.yml, its workflow and plan from the files that tests run,
// docs/problems.md from src/core/words/, schema/ from the zod schemas. With --check it changes nothing, and fails where a file is not up to date.
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse } from "yaml";
import { words } from "../src/core/problem-words.ts";
import { schemas } from "./schemas.mjs";

const root = resolve(import.meta.dirname, "..");
const read = (path) => readFileSync(join(root, path), "utf8");

const table = (head, rows) => [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`);
const fenced = (language, path) => [`\`\`\`${language}`, ...read(path).trimEnd().split("\n"), "```"];

const { inputs, outputs } = parse(read("action.yml"));
const defaultOf = (value) => (value === undefined ? "" : `\`${value}\``);

const GENERATED = {
  inputs: () =>
    table(
      ["Input", "Default", ""],
      Object.entries(inputs).map(([name, it]) => [`\`${name}\``, defaultOf(it.default), it.description]),
    ),
  outputs: () =>
    table(
      ["Output", ""],
      Object.entries(outputs).map(([name, it]) => [`\`${name}\``, it.description]),
    ),
  "examples/workflows/deploy.yml": () => fenced("yaml", "examples/workflows/deploy.yml"),
  "test/golden/upgrade/plan.txt": () => fenced("", "test/golden/upgrade/plan.txt"),
};

/** A text whose parts between `<!-- generated: NAME -->` and `<!-- end -->` are made anew. */
function filled(text) {
  return text.replace(/(<!-- generated: (.+?) -->\n)[\s\S]*?(<!-- end -->)/g, (_, begin, name, end) => {
    if (!Object.hasOwn(GENERATED, name)) throw new Error(`nobody generates "${name}"`);
    return [begin.trimEnd(), ...GENERATED[name](), end].join("\n");
  });
}

/** Facts that stand for themselves: each is shown as its name in capitals, and counts as 2000 where a number is wanted. */
const facts = new Proxy(
  {},
  {
    get: (_, name) => {
      const shown = String(name)
        .replace(/(Ms|Bytes)$/, "")
        .toUpperCase();
      const text = () => shown;
      const number = (hint) => (hint === "number" ? 2000 : shown);
      return { [Symbol.toPrimitive]: number, toString: text, join: text, 0: `${shown}_1`, 1: `${shown}_2` };
    },
  },
);

function problems() {
  const lines = [
    "# Problems",
    "",
    "Every problem Beamline can name, by its code; a released code keeps its meaning. Words in capitals stand for what was found.",
    "Generated from src/core/words.",
  ];
  const tables = ["file-words.ts", "host-words.ts", "run-words.ts"].map((name) => read(`src/core/words/${name}`));
  for (const line of tables.join("\n").split("\n")) {
    const section = /^ {2}\/\/ (.+)$/.exec(line)?.[1];
    const code = /^ {2}(\w+): \(/.exec(line)?.[1];
    if (section !== undefined) lines.push("", `## ${section}`);
    if (code === undefined) continue;
    const { message, remedy } = words[code](facts);
    lines.push("", `### ${code}`, "", `${message}`, "", `${remedy}`);
  }
  return `${lines.join("\n")}\n`;
}

const isCheck = process.argv.includes("--check");
const files = new Map([["README.md", filled(read("README.md"))], ["docs/problems.md", problems()], ...schemas()]);
for (const [path, text] of files) {
  const before = (() => {
    try {
      return read(path);
    } catch (error) {
      if (error.code !== "ENOENT") throw error;
      return null;
    }
  })();
  if (before === text) continue;
  if (isCheck) {
    console.error(`${path} is not up to date: run npm run docs`);
    process.exitCode = 1;
  } else {
    writeFileSync(join(root, path), text);
    console.log(`wrote ${path}`);
  }
}
