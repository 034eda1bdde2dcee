// What the agent does where nothing can be written any more, and where a host's manager is away: in real shells.
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type AgentShell, agentShell, SHELLS } from "./agent-shell.ts";

describe.each(SHELLS)("under %s", (name) => {
  let shell: AgentShell;
  beforeEach(() => {
    shell = agentShell(name, { lacks: [] });
  });
  afterEach(() => shell.remove());

  const run = async (lines: string): Promise<string[]> =>
    (await shell.run(`holds_lock() { :; }; spool_roots() { echo "$BASE/spool"; }\n${lines}`)).said.split("\n");

  test("an op whose directory is gone leaves word in the spool, and whoever asks finds it there", async () => {
    const said = await run(`
      rm -r "$OPDIR"
      (fail start_failed - detail s "it ended") || echo failed
      journal begin step s 1-stop index n 1 || echo "nothing begins"
      seek_spool && find_word failure && head -n 2 "$word_file"
      lines_with begin | grep -c .
      drop_word failure
      find_word failure || echo "nothing more"`);
    expect(said).toEqual(["failed", "nothing begins", "start_failed", '{"detail":"it ended"}', "1", "nothing more"]);
  });

  test("a word that can't be taken away counts no more, and the next one does", async () => {
    // The directory is one that takes no change, to whoever asks.
    const said = await run(`
      put_word failure old
      rm() { case $* in *"$OPDIR"*) return 1 ;; *) command rm "$@" ;; esac; }
      mv() { case $* in *"$OPDIR"*) return 1 ;; *) command mv "$@" ;; esac; }
      drop_word failure
      find_word failure || echo none
      put_word failure new
      find_word failure && cat "$word_file"`);
    expect(said).toEqual(["none", "new"]);
  });

  test("what an op has found out is kept by lines, and one that was cut off is none", async () => {
    const said = await run(
      `
      note_fact unit-before-system "[Unit]\n\n[Service]"
      printf 'made-rel' >>"$OPDIR/facts"
      note_fact made-release 1.1.0
      has_fact made-release 1.1.0 && echo "made it"
      facts_of unit-before-system`.replaceAll("\\n", "\n"),
    );
    expect(said).toEqual(["made it", "[Unit]", "", "[Service]"]);
  });

  test.each([
    {
      what: "restart of a unit that fails",
      says: "ActiveState=failed Result=exit-code",
      verb: "restart",
      calls: 1,
      code: 1,
    },
    {
      what: "restart that was not answered",
      says: "ActiveState=inactive Result=success",
      verb: "restart",
      calls: 4,
      code: 0,
    },
    { what: "stop of what is stopped", says: "ActiveState=inactive Result=success", verb: "stop", calls: 1, code: 0 },
    {
      what: "reload that can't be had",
      says: "ActiveState=active Result=success",
      verb: "daemon-reload",
      calls: 3,
      code: 1,
    },
    { what: "reload while nobody answers", says: "", verb: "daemon-reload", calls: 4, code: 0 },
  ])("a manager is told again: $what", async ({ says, verb, calls, code }) => {
    const systemctl = join(shell.bin, "systemctl");
    // What it is told succeeds at the fourth time; asked how the unit is it says so, or nothing.
    writeFileSync(
      systemctl,
      `#!/bin/sh
if [ "$1" = show ]; then [ -n "${says}" ] && printf '%s\n' ${says} && exit; exit 1; fi
echo "$*" >>"${shell.base}/calls"
[ "$(wc -l <"${shell.base}/calls")" -ge 4 ]
`,
    );
    chmodSync(systemctl, 0o755);
    const said = await run(`
      unit=beamline-shop.service ended=0
      have_manager system systemctl ${verb} $unit || ended=$?
      echo "$ended after $(wc -l <"$BASE/calls" | tr -d ' ')"`);
    expect(said).toEqual([`${code} after ${calls}`]);
  });
});
