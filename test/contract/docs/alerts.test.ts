/** The page about alerts shows the table in code, and the runbook says of each alert what to do. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { ALERT_NAMES, ALERTS } from "../../../src/domain/alerts/alert-table.ts";
import { NOT_EVALUATED } from "../../../src/domain/alerts/evaluate.ts";
import { ROOT } from "../config/read-toml.ts";

const page = readFileSync(`${ROOT}/docs/observability/alerts.md`, "utf8");
const runbook = readFileSync(`${ROOT}/docs/runbook.md`, "utf8");
const rows = page.split("\n").filter((line) => /^\| `[a-z_]+` \| (queue|shop|topic|destination|whole) \|/.test(line));
const rounded = (value: number): number => Math.round(value * 1_000) / 1_000;

it("the page of alerts has the table of the code, in its order", () => {
  expect(rows).toEqual(
    ALERTS.map((spec) => {
      const { name, per, threshold, unit, windowMinutes, forMinutes, recoverShare, recoverForMinutes, range } = spec;
      const over = `below ${rounded(recoverShare * threshold)} for ${recoverForMinutes} min`;
      const of = windowMinutes === null ? "now" : `${windowMinutes} min`;
      const cells = [
        `\`${name}\``,
        per,
        `${threshold} ${unit}`,
        of,
        `${forMinutes} min`,
        over,
        `${range.min}–${range.max}`,
      ];
      return `| ${[...cells, spec.reason].join(" | ")} |`;
    }),
  );
});

it.each([...ALERT_NAMES, NOT_EVALUATED])("the runbook says what %s means and what to do", (name) => {
  const row = runbook.split("\n").find((line) => line.startsWith(`| \`${name}\` |`));
  expect(row?.split(" | ").filter((cell) => cell.length > 10).length).toBeGreaterThanOrEqual(3);
});
