/** The part of main.ts that runs in the lab's namespaces: hosts up, commands until the end, hosts down. */
import { constants } from "node:os";
import { type Lab, startLab } from "./lab.ts";
import { parseLabArguments } from "./lab-arguments.ts";
import { firstWord, labCommands } from "./lab-commands.ts";
import { labTable } from "./lab-table.ts";
import { whyNoDelay } from "./link.ts";
import { openTerminal, type Terminal } from "./terminal.ts";

const complain = (error: unknown): void => console.error(error instanceof Error ? error.message : String(error));

/** A command that fails ends nothing: that is what a lab is for. */
async function obey(lab: Lab, terminal: Terminal): Promise<void> {
  const commands = labCommands(lab, terminal);
  for await (const line of terminal.lines("lab> ")) {
    const [word, rest] = firstWord(line);
    if (word === "quit") return;
    if (word === "") continue;
    try {
      const command = commands.get(word);
      if (command === undefined) throw new Error(`there is no command ${word}; help lists all`);
      await command.run(rest);
    } catch (error) {
      complain(error);
    }
  }
}

/** Hosts go down in order; whatever a signal interrupts ends with this process, for its namespaces do. */
function endAtSignals(lab: Lab): void {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.once(signal, () => void lab.stop().finally(() => process.exit(128 + constants.signals[signal])));
}

async function up(): Promise<void> {
  const asked = parseLabArguments(process.argv.slice(2));
  if (asked.kind === "wrong") throw new Error(asked.because);
  const { slowMs, bytesPerSecond } = asked;
  const because = slowMs > 0 ? await whyNoDelay() : undefined;
  if (because !== undefined) throw new Error(because);
  const begin = performance.now();
  const lab = await startLab(asked.lab);
  try {
    if (slowMs > 0) await Promise.all(lab.hosts.map((host) => host.slow(slowMs)));
    if (bytesPerSecond > 0) await Promise.all(lab.hosts.map((host) => host.limit(bytesPerSecond)));
    const seconds = ((performance.now() - begin) / 1000).toFixed(1);
    console.log(`${lab.hosts.length} up after ${seconds} s; help lists the commands\n\n${labTable(lab)}`);
    endAtSignals(lab);
    await obey(lab, openTerminal());
  } finally {
    await lab.stop();
  }
}

try {
  await up();
  process.exit(0);
} catch (error) {
  complain(error);
  process.exit(1);
}
