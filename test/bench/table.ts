import { type Figure, isHeld, ratioOf, type Spread, spreadOf } from "./figure.ts";

/** A line a figure: medians, the ratio of the rounds, and whether the goal is held. */
export function tableOf(figures: readonly Figure[]): string[] {
  const rows = [
    ["what", "ours", "theirs", "ratio (min / median / max)", "goal", "held"],
    ...figures.map((figure) => {
      const { what, unit, ours, theirs } = figure;
      const ratio = ratioOf(figure);
      return [
        what,
        `${shown(spreadOf(ours).median)} ${unit}`,
        theirs.length === 0 ? "" : `${shown(spreadOf(theirs).median)} ${unit}`,
        ratio === null ? "" : ratioText(ratio),
        goalText(figure),
        heldText(figure),
      ];
    }),
  ];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length))) ?? [];
  return rows.map((row) =>
    row
      .map((text, column) => text.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

const shown = (value: number): string => Math.round(value).toLocaleString("en");
const ratioText = ({ min, median, max }: Spread): string => [min, median, max].map((it) => it.toFixed(2)).join(" / ");

function goalText({ goal, unit }: Figure): string {
  if (goal === undefined) return "";
  return goal.of === "ratio" ? `<= ${goal.atMost.toFixed(1)}` : `<= ${shown(goal.atMost)} ${unit}`;
}

function heldText(figure: Figure): string {
  const held = isHeld(figure);
  return held === null ? "" : held ? "yes" : "NO";
}
