/** What the README says of Analytics Engine's columns is what is written to them. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { COUNTERS, type CounterSpec, HISTOGRAMS } from "../../../src/domain/telemetry/catalogue.ts";
import { dataPointsOf, POINT_LABELS } from "../../../src/domain/telemetry/data-points.ts";
import { newTally } from "../../../src/domain/telemetry/tally.ts";
import { ROOT, readToml } from "../config/read-toml.ts";

const readme = readFileSync(`${ROOT}/docs/observability/README.md`, "utf8");
const queries = Array.from(readme.matchAll(/```sql\n([\s\S]*?)```/g), ([, sql = ""]) => sql);
const specs: Readonly<Record<string, CounterSpec>> = { ...COUNTERS, ...HISTOGRAMS };

it("names the columns of the labels, in their order", () => {
  expect(readme).toContain(`| \`blob2\` … \`blob${POINT_LABELS.length + 1}\` | ${POINT_LABELS.join(", ")} |`);
});

it("asks the dataset that is bound, for metrics that are written, by the columns of labels that they have", () => {
  const { analytics_engine_datasets } = readToml<{ analytics_engine_datasets: readonly { dataset: string }[] }>(
    `${ROOT}/wrangler.toml`,
  );
  expect(queries.length).toBe(4);
  for (const sql of queries) {
    expect(sql).toContain(`FROM ${analytics_engine_datasets[0]?.dataset}\n`);
    const name = /index1 = '(\w+)'/.exec(sql)?.[1] ?? "";
    expect(Object.keys(specs)).toContain(name);
    const columns = Array.from(sql.matchAll(/blob(\d+)/g), ([, n]) => POINT_LABELS[Number(n) - 2]);
    expect(columns.filter((label) => label === undefined || !specs[name]?.labels.includes(label))).toEqual([]);
    for (const [, column, alias] of sql.matchAll(/blob(\d+) AS (\w+)/g))
      expect([name, column, POINT_LABELS[Number(column) - 2]]).toEqual([name, column, alias]);
  }
});

it("counts the buckets up to a second, as its query does", () => {
  const tally = newTally();
  for (const seconds of [0.001, 0.3, 1, 1.1, 400])
    tally.observe("onhand_event_to_shopify_seconds", { shop: "a" }, seconds);
  const [point] = dataPointsOf(tally.take(1));
  const sql = queries.find((query) => query.includes("within_a_second")) ?? "";
  const summed = /\(([^()]*)\)\)\n/.exec(sql)?.[1] ?? "";
  const double = (n: number): number => point?.doubles[n - 1] ?? Number.NaN;
  const within = Array.from(summed.matchAll(/double(\d+)/g), ([, n]) => double(Number(n)));
  expect([within.reduce((sum, count) => sum + count, 0), double(1), double(2)]).toEqual([3, 5, 402.401]);
});
