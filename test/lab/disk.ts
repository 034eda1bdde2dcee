/** A disk of blocks for a host: ext4 in a file, which turns read-only as ext4 does after an error (ext4(5), errors=remount-ro). */
import { dirname, join } from "node:path";
import { must, until } from "./command.ts";
import type { Host } from "./host.ts";

const imageOf = (root: string): string => join(dirname(root), "disk.img");

/** Unmounted, it is no loop device any more. */
const mount = (root: string): Promise<unknown> =>
  must(["mount", "-t", "ext4", "-o", "loop,errors=remount-ro", imageOf(root), join(root, "opt")]);

export async function makeBlockDisk(root: string, size: string): Promise<void> {
  await must(["truncate", "-s", size.toUpperCase(), imageOf(root)]);
  // So few inodes that they can be used up.
  await must(["mkfs.ext4", "-q", "-N", "8000", "-E", "root_owner=0:0", imageOf(root)]);
  await mount(root);
}

/** What ext4 does when it can't write its own journal: from here on nothing is written, whatever is open. */
export async function abortDisk(host: Host): Promise<void> {
  await host.exec(["mount", "-o", "remount,abort", "/opt"]);
}

/** As an admin would: power off, fsck, power on. */
export async function repairDisk(host: Host): Promise<void> {
  const { rootDirectory: root } = host;
  await host.kill();
  await until(`the disk of ${host.name} is idle`, () =>
    must(["umount", join(root, "opt")]).then(
      () => true,
      () => false,
    ),
  );
  // Whoever has just copied our mounts, as a host that boots does, has the disk mounted until that copy goes: mounted again
  // meanwhile it would be as broken as it was. The loop device goes with the last of them (losetup(8), autoclear).
  await until(`nobody has the disk of ${host.name} mounted`, async () => {
    return (await must(["losetup", "-j", imageOf(root)])).trim() === "";
  });
  // 1: errors were corrected.
  await must(["sh", "-c", 'e2fsck -fy "$0" >/dev/null || [ $? -le 1 ]', imageOf(root)]);
  await mount(root);
  await host.boot();
}
