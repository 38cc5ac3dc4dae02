/** The catalogue of metrics, its table for people, and the code that feeds it: none names what another does not. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import {
  COUNTERS,
  type CounterSpec,
  GAUGES,
  HISTOGRAMS,
  TABLE_COUNTERS,
} from "../../../src/domain/telemetry/catalogue.ts";
import { ROOT } from "../config/read-toml.ts";

const catalogue = [
  ...rowsOf("counter", { ...COUNTERS, ...TABLE_COUNTERS }),
  ...rowsOf("histogram", HISTOGRAMS),
  ...rowsOf("gauge", GAUGES),
];

function rowsOf(type: string, specs: Readonly<Record<string, CounterSpec>>): readonly string[] {
  return Object.entries(specs).map(
    ([name, { labels, help }]) =>
      `| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(", ")} | ${help} |`,
  );
}

it("lists every metric of the catalogue for people, with type, labels and meaning, and no other", () => {
  const text = readFileSync(join(ROOT, "docs/observability/metrics.md"), "utf8");
  const rows = text.split("\n").filter((line) => line.startsWith("| `onhand_"));
  expect(rows).toEqual(catalogue);
});

it("has no metric that nobody feeds", () => {
  const source = ["src", "durable-objects"].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .map((name) => readFileSync(join(ROOT, folder, name), "utf8")),
  );
  const fed = new Set(
    source.flatMap((text) =>
      Array.from(text.matchAll(/\b(?:count|observe|gaugeOf|tableCounterOf)\(\s*"(onhand_\w+)"/g), ([, name]) => name),
    ),
  );
  const names = [COUNTERS, TABLE_COUNTERS, HISTOGRAMS, GAUGES].flatMap((specs) => Object.keys(specs));
  expect(names.filter((name) => !fed.has(name))).toEqual([]);
});
