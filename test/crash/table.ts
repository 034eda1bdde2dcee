import { isEmbedded, isHot } from "./combinations.ts";
import type { Struck } from "./suite.ts";

/** Transaction × fault: how many combinations held, of how many. */
export function tableOf(struck: readonly Struck[]): string[] {
  const faults = [...new Set(struck.map(({ fault }) => fault.name))];
  const kinds = [...new Set(struck.map(({ kind }) => kind))];
  const cell = (kind: string | null, fault: string | null): string => {
    const of = struck.filter(
      (it) => (kind === null || it.kind === kind) && (fault === null || it.fault.name === fault),
    );
    return of.length === 0 ? "" : `${of.filter(({ violations }) => violations.length === 0).length}/${of.length}`;
  };
  const rows = [
    ["", ...kinds.map((kind) => (isHot(kind) || isEmbedded(kind) ? kind : `restart ${kind}`)), "all"],
    ...faults.map((fault) => [fault, ...kinds.map((kind) => cell(kind, fault)), cell(null, fault)]),
    ["all", ...kinds.map((kind) => cell(kind, null)), cell(null, null)],
  ];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length))) ?? [];
  return rows.map((row) =>
    row
      .map((text, column) => text.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}
