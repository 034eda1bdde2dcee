/** Files of a release by path, sorted: what lies below a directory is found without a look at all others. */
export type SortedFiles<T> = readonly (readonly [path: string, T])[];

export const sortedFiles = <T>(files: ReadonlyMap<string, T>): SortedFiles<T> =>
  [...files].sort(([a], [b]) => (a < b ? -1 : 1));

/** The files whose paths begin with `directory`, by the rest of their paths. */
export function below<T>(files: SortedFiles<T>, directory: string): SortedFiles<T> {
  let [start, end] = [0, files.length];
  while (start < end) {
    const middle = (start + end) >> 1;
    if ((files[middle]?.[0] ?? "") < directory) start = middle + 1;
    else end = middle;
  }
  while (files[end]?.[0].startsWith(directory)) end += 1;
  return files.slice(start, end).map(([path, content]) => [path.slice(directory.length), content]);
}
