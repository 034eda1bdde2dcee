/** A host's cable: its end on the bridge, and how fast and how late what goes through it arrives. */
import { must, run } from "./command.ts";
import { BRIDGE } from "./lab-place.ts";

type Shape = { delayMs: number } | { bytesPerSecond: number };

// tbf lets a burst through at once: a fiftieth of a second's worth, but at least ten full Ethernet frames.
const BURST_BYTES = 15_140;

/** The link of one host; a new one at each plug(), with nothing of the old one's trouble. */
export class Link {
  /** What troubles it, in words for people; empty when nothing does. */
  readonly troubles = new Map<"cut" | "shape", string>();
  readonly #name: string;
  readonly #mac: string;
  #pid = 0;

  constructor(name: string, mac: string) {
    this.#name = name;
    this.#mac = mac;
  }

  /** Gives the network of process pid an eth0; always with the same hardware address, or the runner's ARP cache would point at a dead one. */
  async plug(pid: number): Promise<void> {
    this.troubles.clear();
    this.#pid = pid;
    const ends = `link add ${this.#name} type veth peer name eth0 address ${this.#mac} netns ${pid}`;
    await must(["ip", "-batch", "-"], { input: `${ends}\nlink set ${this.#name} master ${BRIDGE} up\n` });
  }

  /** The kernel drops a dead namespace's links in its own time; a boot right now needs the name. */
  async unplug(): Promise<void> {
    await run(["ip", "link", "del", this.#name]);
    this.troubles.clear();
  }

  async cut(): Promise<void> {
    await must(["ip", "link", "set", this.#name, "down"]);
    this.troubles.set("cut", "cut");
  }

  async restore(): Promise<void> {
    await must(["ip", "link", "set", this.#name, "up"]);
    this.troubles.delete("cut");
  }

  /** Delays or limits what goes through, in both directions alike; undefined ends either. */
  async shape(shape: Shape | undefined): Promise<void> {
    for (const [enter, device] of this.#ends()) {
      const present = await must([...enter, "tc", "qdisc", "show", "dev", device, "root"]);
      if (present.startsWith("qdisc") && !present.startsWith("qdisc noqueue"))
        await must([...enter, "tc", "qdisc", "del", "dev", device, "root"]);
      if (shape !== undefined)
        await must([...enter, "tc", "qdisc", "add", "dev", device, "root", ...disciplineOf(shape)]);
    }
    this.troubles.delete("shape");
    if (shape !== undefined)
      this.troubles.set(
        "shape",
        "delayMs" in shape ? `slow ${shape.delayMs} ms` : `limited to ${shape.bytesPerSecond} B/s`,
      );
  }

  /** A queue holds back what leaves a device: for both ways it takes one at each end. */
  #ends(): [enter: string[], device: string][] {
    return [
      [[], this.#name],
      [["nsenter", "--target", String(this.#pid), "--net"], "eth0"],
    ];
  }
}

/** For tc(8). */
function disciplineOf(shape: Shape): string[] {
  if ("delayMs" in shape) return ["netem", "delay", `${shape.delayMs}ms`, "limit", "100000"];
  const { bytesPerSecond } = shape;
  const burst = Math.max(BURST_BYTES, Math.ceil(bytesPerSecond / 50));
  return ["tbf", "rate", `${bytesPerSecond}bps`, "burst", `${burst}b`, "latency", "400ms"];
}

/** Why nothing can be delayed on this machine; undefined when it can. Tried in a network that is gone afterwards. */
export async function whyNoDelay(): Promise<string | undefined> {
  const { code, stderr } = await run([
    "unshare",
    "--net",
    "tc",
    "qdisc",
    "add",
    "dev",
    "lo",
    "root",
    "netem",
    "delay",
    "1ms",
  ]);
  return code === 0 ? undefined : `this machine can't delay packets, its kernel or tc has no netem: ${stderr.trim()}`;
}
