// Releases that were built for another host than they come to: nothing is stopped for one that can't run there.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Host, whyNoLab } from "../lab/lab.ts";
import { changedRelease, releaseFile } from "./releases.ts";
import { answerOf, counterSpec, openShop, type Shop, shownLog } from "./shop.ts";

const because = whyNoLab();
const SPEC = "apps/counter/app.yaml";

const CRYPTO = "lib/crypto-5.1.2/priv/lib";

const BUILDS = [
  {
    what: "whose emulator wants a newer libc",
    change: "perl -pi -e 's/GLIBC_2\\.34/GLIBC_2.99/g' erts-*/bin/beam.smp",
    said: /erts_not_runnable: .*GLIBC_2\.99' not found/,
  },
  {
    what: "whose emulator alone lacks a library",
    change: "perl -pi -e 's/libtinfo\\.so\\.6/libtinfo.so.9/g' erts-*/bin/beam.smp",
    said: /erts_not_runnable: .*libtinfo\.so\.9/,
  },
  {
    what: "of another architecture",
    // The machine of an ELF file (elf(5)): 183 is AArch64.
    change:
      "for f in erts-*/bin/erlexec erts-*/bin/beam.smp erts-*/bin/erl_call; do printf '\\267' | dd of=$f bs=1 seek=18 conv=notrunc 2>/dev/null; done",
    said: /erts_not_runnable: .*(Exec format error|built for another architecture)/,
  },
  {
    what: "whose crypto lacks its libcrypto",
    change: `mkdir -p ${CRYPTO} && cp /usr/lib/erlang/${CRYPTO}/crypto.so ${CRYPTO}/ && perl -pi -e 's/libcrypto\\.so\\.3/libcrypto.so.9/g' ${CRYPTO}/crypto.so`,
    said: /erts_not_runnable: .*crypto\.so needs libcrypto\.so\.9, which the host lacks/,
  },
  {
    what: "with hooks for a stop",
    change: `perl -pi -e 's{^PRE_STOP_HOOKS=""}{PRE_STOP_HOOKS="hooks/drain.sh"}' bin/counter`,
    said: /hooks_not_run: .*bin\/counter has hooks for a stop, .*pre_stop hooks\/drain\.sh/,
  },
  {
    what: "whose erl_call is of OTP 23",
    change: "printf '#!/bin/sh\\necho Usage: erl_call -n Node >&2; exit 1\\n' >$(ls erts-*/bin/erl_call)",
    said: /erts_not_runnable: .*erl_call is no erl_call of OTP 24 or later/,
  },
];

describe.skipIf(because !== undefined).each([
  { tools: "Debian's tools", busybox: false },
  { tools: "busybox", busybox: true },
])(because ?? "on a host with $tools, a release", ({ busybox }) => {
  let shop: Shop;
  let host: Host;
  const built = mkdtempSync(join(tmpdir(), "other-hosts-"));
  const vm = async (): Promise<string> => (await host.exec(["pgrep", "-x", "beam.smp"])).stdout;

  beforeAll(async () => {
    shop = await openShop({ hosts: 1, busybox });
    host = shop.lab.host("web1");
    expect((await shop.push({ [SPEC]: counterSpec("1.0.0") })).code).toBe(0);
  });
  afterAll(async () => {
    rmSync(built, { recursive: true });
    await shop.close();
  });

  // With busybox only what differs: its shell takes a foreign program for a script.
  test.each(busybox ? BUILDS.slice(1, 3) : BUILDS)(
    "$what is refused before anything stops",
    async ({ change, said }) => {
      const file = changedRelease(built, releaseFile("counter", "1.1.0"), change);
      const before = await vm();
      const source = `{type: release, url: "file://${file}"}`;
      const { code, log } = await shop.push({ [SPEC]: counterSpec("1.1.0", { source }) });
      expect(code).toBe(1);
      expect(log, shownLog({ log })).toMatch(said);
      expect([await vm(), await answerOf(host, "/version")]).toEqual([before, "1.0.0"]);
    },
  );

  test("on a disk without noexec runs, and with it is refused with that reason", async () => {
    await host.exec([
      "sh",
      "-c",
      "mount --bind /opt/releases /opt/releases && mount -o remount,bind,noexec /opt/releases",
    ]);
    const { code, log } = await shop.push({ [SPEC]: counterSpec("1.1.0") });
    await host.exec(["umount", "/opt/releases"]);
    expect(code).toBe(1);
    expect(log, shownLog({ log })).toMatch(
      /erts_not_runnable: .*\/opt\/releases lies on a disk that is mounted noexec/,
    );
    const again = await shop.run();
    expect([again.code, await answerOf(host, "/version")], again.log).toEqual([0, "1.1.0"]);
  });
});
