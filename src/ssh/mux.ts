// OpenSSH's multiplexing protocol (its PROTOCOL.mux), as far as it takes to end a master: what `ssh -O exit` does, without a process.
import { connect } from "node:net";

const HELLO = 0x00000001;
const VERSION = 4;
const TERMINATE = 0x10000005;

/** How long a master may take, in ms; one that does not answer ends itself when it is no longer used (ControlPersist). */
const PATIENCE_MS = 5_000;

/** Ends the master that listens on a socket, and with it all that goes through it. Resolves when it is gone, or where there is none. */
export function endMaster(path: string): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.setTimeout(PATIENCE_MS, () => socket.destroy());
    socket.on("connect", () => socket.write(Buffer.concat([packet(HELLO, VERSION), packet(TERMINATE, 0)])));
    // It says hello and ok, and closes.
    socket.resume();
    // No such socket, or nobody there any more: nothing is left to end.
    socket.on("error", () => undefined);
    socket.on("close", () => resolve());
  });
}

/** Its length in bytes, then its fields, each 32 bits with the highest byte first. */
function packet(...fields: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 + 4 * fields.length);
  for (const [index, field] of [4 * fields.length, ...fields].entries()) bytes.writeUInt32BE(field, 4 * index);
  return bytes;
}
