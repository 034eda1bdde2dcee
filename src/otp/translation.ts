// What is translated into one script: instructions of several applications, and what there is on both sides of it.
import type { Instruction } from "./instruction.ts";

/** One application's modules as its .app file lists them, and where they lie. */
export type Library = {
  readonly name: string;
  readonly version: string;
  readonly startType: string;
  readonly modules: readonly string[];
};

export type Direction = "up" | "down";

/** Scripts of applications, in their order; `from` and `to` are what the whole script leads from and to. */
export type Translation = {
  readonly direction: Direction;
  readonly scripts: readonly (readonly Instruction[])[];
  readonly from: readonly Library[];
  readonly to: readonly Library[];
};
