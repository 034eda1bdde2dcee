// What git prints comes in pieces of any size; whatever they are, the objects are the same.
import fc from "fast-check";
import { expect, test } from "vitest";
import { BatchOutput } from "../../../src/git/cat-file.ts";

const MAX = 20;

/** An object's bytes; null is one that git does not have. */
const object = fc.option(fc.uint8Array({ maxLength: MAX + 10 }), { freq: 6 });

test("objects are read whole, too large ones are passed over, missing ones are not there", () => {
  fc.assert(
    fc.property(fc.array(object, { maxLength: 8 }), fc.array(fc.integer({ min: 1, max: 30 })), (objects, sizes) => {
      const idOf = (index: number): string => index.toString(16).padStart(40, "0");
      const printed = Buffer.concat(
        objects.flatMap((bytes, index) =>
          bytes === null
            ? [Buffer.from(`${idOf(index)} missing\n`)]
            : [Buffer.from(`${idOf(index)} blob ${bytes.length}\n`), bytes, Buffer.from("\n")],
        ),
      );
      const output = new BatchOutput(MAX);
      for (let at = 0, piece = 0; at < printed.length; piece++) {
        const size = sizes[piece % (sizes.length || 1)] ?? printed.length;
        output.add(printed.subarray(at, at + size));
        at += size;
      }
      const expected = objects.flatMap((bytes, index) =>
        bytes === null ? [] : [[idOf(index), bytes.length > MAX ? null : [...bytes]] as const],
      );
      const found = [...output.objects].map(([id, bytes]) => [id, bytes === null ? null : [...bytes]]);
      expect(found).toEqual(expected);
    }),
  );
});
