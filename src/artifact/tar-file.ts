// A file as it stands in a tarball that a host's tar unpacks: regular, 0644 or 0755, nobody's. tar-stream would write a long name
// as pax has it, which busybox does not read.

export type TarFile = { path: string; isExecutable: boolean; modifiedAt: Date; sizeBytes: number };

const BLOCK = 512;

/** Two empty blocks. */
export const END_OF_TAR = Buffer.alloc(2 * BLOCK);

/** What stands before the contents of a file. */
export function tarHeader({ path, isExecutable, modifiedAt, sizeBytes }: TarFile): Buffer {
  const name = Buffer.from(path);
  const mode = isExecutable ? 0o755 : 0o644;
  const fields = {
    mode,
    sizeBytes,
    modifiedAt: Math.min(Math.max(Math.floor(modifiedAt.getTime() / 1000) || 0, 0), 0o77777777777),
  };
  const split = splitName(name);
  if (split !== undefined) return block({ ...fields, ...split, type: "0" });
  // GNU's: the whole name as the contents of an entry before it.
  const whole = Buffer.concat([name, Buffer.alloc(1)]);
  return Buffer.concat([
    block({ ...fields, name: Buffer.from("././@LongLink"), prefix: NOTHING, sizeBytes: whole.length, type: "L" }),
    whole,
    padding(whole.length),
    block({ ...fields, name: name.subarray(0, 100), prefix: NOTHING, type: "0" }),
  ]);
}

/** What stands behind it. */
export const padding = (sizeBytes: number): Buffer => Buffer.alloc((BLOCK - (sizeBytes % BLOCK)) % BLOCK);

const NOTHING = Buffer.alloc(0);

/** As ustar has names of more than 100 bytes: at a slash, with at most 155 before it. */
function splitName(path: Buffer): { name: Buffer; prefix: Buffer } | undefined {
  if (path.length <= 100) return { name: path, prefix: NOTHING };
  const slash = path.indexOf("/", path.length - 101);
  if (slash < 1 || slash > 155 || slash === path.length - 1) return undefined;
  return { name: path.subarray(slash + 1), prefix: path.subarray(0, slash) };
}

type Fields = { name: Buffer; prefix: Buffer; mode: number; sizeBytes: number; modifiedAt: number; type: "0" | "L" };

function block({ name, prefix, mode, sizeBytes, modifiedAt, type }: Fields): Buffer {
  const header = Buffer.alloc(BLOCK);
  const octal = (value: number, at: number, digits: number): void => {
    header.write(value.toString(8).padStart(digits, "0"), at, "latin1");
  };
  name.copy(header, 0);
  octal(mode, 100, 7);
  octal(0, 108, 7);
  octal(0, 116, 7);
  octal(sizeBytes, 124, 11);
  octal(modifiedAt, 136, 11);
  header.fill(" ", 148, 156, "latin1");
  header.write(type, 156, "latin1");
  header.write("ustar\x0000", 257, "latin1");
  prefix.copy(header, 345);
  const sum = header.reduce((all, byte) => all + byte, 0);
  octal(sum, 148, 6);
  header[154] = 0;
  return header;
}
