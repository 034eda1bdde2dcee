/** What can be typed while a lab is up. */
import type { Host, Lab } from "./lab.ts";
import { wholeNumber } from "./lab-arguments.ts";
import { labTable } from "./lab-table.ts";
import { sshArgv } from "./login.ts";
import type { Terminal } from "./terminal.ts";

export type LabCommand = { usage: string; does: string; run(rest: string): Promise<void> | void };

const say = (text: string): void => console.log(text);

/** All, by their first word. What they throw is for the one who typed. */
export function labCommands(lab: Lab, terminal: Terminal): Map<string, LabCommand> {
  const commands: LabCommand[] = [
    { usage: "list", does: "the hosts, and how they are", run: () => say(labTable(lab)) },
    ...programs(lab, terminal),
    ...faults(lab),
    { usage: "help", does: "this", run: () => say(helpOf(commands)) },
    { usage: "quit", does: "ends the lab; so do ^D and ^C", run: () => undefined },
  ];
  return new Map(commands.map((it) => [firstWord(it.usage)[0], it]));
}

/** The first word, and the rest as it was typed: a shell will read its quotes. */
export function firstWord(text: string): [word: string, rest: string] {
  const [, word = "", rest = ""] = text.match(/^\s*(\S*)\s*(.*?)\s*$/s) ?? [];
  return [word, rest];
}

/** What runs on a host, or beside them. */
function programs(lab: Lab, terminal: Terminal): LabCommand[] {
  const attend = async (argv: readonly string[]): Promise<void> => {
    const code = await terminal.run(argv);
    if (code !== 0) say(`exit ${code}`);
  };
  /** A shell without a command reads what is typed: from a pipe that would be our own commands. */
  const needPerson = (usage: string): void => {
    if (!terminal.isInteractive) throw new Error(`without a terminal it takes a command: ${usage}`);
  };
  return [
    {
      usage: "ssh [USER@]NAME [COMMAND...]",
      does: "logs in by ssh, as root or as deploy",
      run: (text) => {
        const [target, command] = firstWord(text);
        const [name, user = "root"] = target.split("@").reverse();
        if (name === undefined || name === "") throw new Error("usage: ssh [USER@]NAME [COMMAND...]");
        const host = lab.host(name);
        if (command === "") needPerson("ssh [USER@]NAME COMMAND...");
        return attend(sshArgv(lab, { host, user, ...(command === "" ? {} : { command }) }));
      },
    },
    {
      usage: "exec NAME COMMAND...",
      does: "runs it there as root, not by ssh: also on a host that is cut or frozen",
      run: (text) => {
        const [name, command] = firstWord(text);
        if (command === "") throw new Error("usage: exec NAME COMMAND...");
        return attend(lab.host(name).entered(["sh", "-c", command]));
      },
    },
    {
      usage: "shell [COMMAND...]",
      does: "a shell in the lab's network, from where all hosts can be reached",
      run: (command) => {
        if (command === "") needPerson("shell COMMAND...");
        return attend(command === "" ? ["bash"] : ["bash", "-c", command]);
      },
    },
  ];
}

type Act = (host: Host, rest: string) => Promise<void> | void;

/** What is done to a host; each says how it is then. */
function faults(lab: Lab): LabCommand[] {
  const fault = (usage: string, does: string, act: Act): LabCommand => ({
    usage,
    does,
    run: async (text) => {
      const [name, rest] = firstWord(text);
      if (name === "") throw new Error(`usage: ${usage}`);
      const host = lab.host(name);
      await act(host, rest);
      say(`${host.name}: ${host.state}`);
    },
  });
  const kill = (host: Host): Promise<void> => {
    if (!host.isUp) throw new Error(`${host.name} is down already`);
    return host.kill();
  };
  const slow: Act = (host, rest) => host.slow(numberIn(rest, "slow NAME MS"));
  const limit: Act = (host, rest) => host.limit(numberIn(rest, "limit NAME BYTES"));
  return [
    fault("kill NAME", "loss of power: all processes are gone, the files stay", kill),
    fault("boot NAME", "boots it again", (host) => host.boot()),
    fault("cut NAME", "pulls its network cable", (host) => host.cut()),
    fault("restore NAME", "plugs it in again", (host) => host.restore()),
    fault("slow NAME MS", "delays what goes to it and what comes from it; 0 ends that", slow),
    fault("limit NAME BYTES", "lets no more bytes a second through, each way; 0 ends that", limit),
    fault("freeze NAME", "stops all its processes; its kernel still answers", (host) => host.freeze()),
    fault("resume NAME", "lets them go on", (host) => host.resume()),
  ];
}

function numberIn(text: string, usage: string): number {
  const number = wholeNumber(text);
  if (number === undefined) throw new Error(`usage: ${usage}`);
  return number;
}

function helpOf(commands: readonly LabCommand[]): string {
  const width = Math.max(...commands.map(({ usage }) => usage.length));
  return commands.map(({ usage, does }) => `${usage.padEnd(width)}  ${does}`).join("\n");
}
