// A command whose answer stands between two lines with a word of ours: motd, banners and .bashrc don't disturb it.
import { randomBytes } from "node:crypto";
import type { CommandOptions } from "../process/command.ts";
import type { Access } from "./access.ts";

/**
 * What a framed command answered. `code` is its exit code, null where the connection ended first; `hasBegun`: it was reached;
 * `isAbsent`: there is no agent of this version on the host.
 */
export type Answer = {
  lines: string[];
  code: number | null;
  hasBegun: boolean;
  isAbsent: boolean;
  stderr: string;
};

/** Runs a command line made with a new frame, and calls `onLine` with each line of its answer as it comes. */
export async function framed(
  access: Access,
  commandLine: (frame: string) => string,
  options: CommandOptions = {},
): Promise<Answer> {
  const frame = `beamline-${randomBytes(8).toString("hex")}`;
  const answer: Answer = { lines: [], code: null, hasBegun: false, isAbsent: false, stderr: "" };
  let isInside = false;
  const read = (line: string): void => {
    if (line === `${frame} begin`) isInside = answer.hasBegun = true;
    else if (line === `${frame} absent`) answer.isAbsent = true;
    else if (line.startsWith(`${frame} end `)) {
      isInside = false;
      answer.code = Number(line.slice(`${frame} end `.length));
    } else if (isInside && line !== "") {
      answer.lines.push(line);
      options.onLine?.(line);
    }
  };
  const { stderr } = await access.run(commandLine(frame), { ...options, onLine: read });
  return { ...answer, stderr };
}
