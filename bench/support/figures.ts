/** What a benchmark found, and how it is shown: correctness first, then figures beside what they were compared to. */
import { table } from "../../dev/cli/table.ts";

export type Figure = {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** Measured in the same run. */
  readonly beside?: string;
  /** What we aim at. It is told, and decides nothing: only correctness fails a run. */
  readonly goal?: { readonly text: string; readonly isMet: boolean };
};

/** Something that must hold whatever the speed. */
export type Check = { readonly name: string; readonly holds: boolean; readonly found: string };

export type Findings = { readonly figures: readonly Figure[]; readonly checks: readonly Check[] };

export const atLeast = (value: number, least: number, text: string): { text: string; isMet: boolean } => ({
  text: `≥ ${text}`,
  isMet: value >= least,
});

export const atMost = (value: number, most: number, text: string): { text: string; isMet: boolean } => ({
  text: `≤ ${text}`,
  isMet: value <= most,
});

export const equals = (name: string, found: number, wanted: number): Check => ({
  name,
  holds: found === wanted,
  found: found === wanted ? String(found) : `${found} instead of ${wanted}`,
});

export function sayFindings(title: string, { figures, checks }: Findings): string {
  const rows = figures.map(({ name, value, unit, beside, goal }) => [
    name,
    shown(value),
    unit,
    beside ?? "",
    goal === undefined ? "" : `${goal.text} ${goal.isMet ? "✓" : "✗"}`,
  ]);
  const held = checks.map(({ name, holds, found }) => `${holds ? "✓" : "✗"} ${name}: ${found}`);
  return [title, ...held, table(["FIGURE", "", "UNIT", "BESIDE", "GOAL"], rows)].join("\n");
}

/** Three digits say all that a benchmark knows. */
function shown(value: number): string {
  if (!Number.isFinite(value)) return "–";
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString("en-US").padStart(9);
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2).padStart(9);
}
