// app.ENV.yaml beside app.yaml: merged over it as RFC 7396 (JSON Merge Patch) has it. Maps are merged, null takes away, all else replaces.
import type { Path, SpecDocument } from "./document.ts";

/** `base` with `overlay` laid over it. What the overlay says has its place there, all else in the base. */
export function overlaid(base: SpecDocument, overlay: SpecDocument): SpecDocument {
  // Where both have the map that something is missing from, the base is where it belongs.
  const source = (path: Path): SpecDocument => {
    const [there, here] = [depthIn(base.value, path), depthIn(overlay.value, path)];
    return here > there || (here === there && here > 0) ? overlay : base;
  };
  return {
    file: base.file,
    value: patched(base.value, overlay.value),
    at: (path) => source(path).at(path),
    atKey: (path) => source(path).atKey(path),
    has: (path) => source(path).has(path),
    numeral: (path) => source(path).numeral(path),
  };
}

/** How many steps of a path lead to something in a value. */
function depthIn(value: unknown, path: Path): number {
  let at = value;
  for (const [depth, part] of path.entries()) {
    if (at === null || typeof at !== "object" || !Object.hasOwn(at, part)) return depth;
    at = (at as Record<string | number, unknown>)[part];
  }
  return path.length;
}

/** RFC 7396, section 2. Values with a type of their own (Tagged) are replaced whole, as lists are. */
function patched(target: unknown, patch: unknown): unknown {
  if (!isPlainMap(patch)) return patch;
  const result: Record<string, unknown> = Object.assign(Object.create(null), isPlainMap(target) ? target : {});
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = patched(result[key], value);
  }
  return result;
}

const isPlainMap = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === "object" && Object.getPrototypeOf(value) === null;
