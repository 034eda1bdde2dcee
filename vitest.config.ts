import { defineConfig } from "vitest/config";
import { LongestFirst } from "./test/longest-first.ts";

// "unit" needs nothing but Node; "lab" needs root and runs inside test/lab/enter.ts (see scripts/test.mjs).
export default defineConfig({
  test: {
    // A file on lab hosts waits at least as much as it computes, so one for each processor; vitest would leave one processor to itself.
    maxWorkers: "100%",
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/{unit,property,golden,github}/**/*.test.ts"],
          // It ends what hangs; how fast a test is depends on what else runs, the lab's hosts among it.
          testTimeout: 120_000,
        },
      },
      {
        test: {
          name: "lab",
          include: ["test/{lab,e2e,crash,hostile}/**/*.test.ts"],
          globalSetup: "test/e2e/releases.ts",
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
