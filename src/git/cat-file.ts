// What `git cat-file --batch` prints (git-cat-file(1), "BATCH OUTPUT"): ID TYPE SIZE, a newline, the bytes, and a newline.

const NEWLINE = 10;

/** Takes its output as it comes. Of objects larger than `maxBytes` nothing is kept. */
export class BatchOutput {
  /** Bytes by object id; null for what is too large. What git does not have is not in it. */
  readonly objects = new Map<string, Uint8Array | null>();
  private readonly maxBytes: number;
  private header = "";
  private body: { id: string; bytes: Buffer | null; left: number } | null = null;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  add(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) at = this.body === null ? this.addHeader(chunk, at) : this.addBody(this.body, chunk, at);
  }

  private addHeader(chunk: Buffer, from: number): number {
    const end = chunk.indexOf(NEWLINE, from);
    this.header += chunk.toString("latin1", from, end < 0 ? chunk.length : end);
    if (end < 0) return chunk.length;
    const [id = "", type, size] = this.header.split(" ");
    this.header = "";
    // ID missing: no body follows.
    if (type !== undefined && size !== undefined) {
      const length = Number(size);
      this.body = { id, bytes: length <= this.maxBytes ? Buffer.alloc(length) : null, left: length + 1 };
    }
    return end + 1;
  }

  private addBody(body: { id: string; bytes: Buffer | null; left: number }, chunk: Buffer, from: number): number {
    const to = Math.min(chunk.length, from + body.left);
    // The newline behind it finds no room.
    if (body.bytes !== null) chunk.copy(body.bytes, body.bytes.length + 1 - body.left, from, to);
    body.left -= to - from;
    if (body.left === 0) {
      this.objects.set(body.id, body.bytes);
      this.body = null;
    }
    return to;
  }
}
