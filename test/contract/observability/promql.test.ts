/** The reader of PromQL finds what is wrong: else the tests that use it could not fail. */
import { expect, it } from "vitest";
import { parsePromql } from "./promql.ts";
import { PromqlReader } from "./promql-problems.ts";

function problemsOf(expression: string): readonly string[] {
  const reader = new PromqlReader();
  reader.read(expression, "here");
  return reader.problems;
}

it.each([
  ["onhand_nothing_total", "here: onhand_nothing_total is not told"],
  ["onhand_queue_lag_seconds_sum", "here: onhand_queue_lag_seconds_sum is not told"],
  [
    "onhand_event_to_counted_seconds",
    "here: onhand_event_to_counted_seconds is a histogram: ask for its _bucket, _sum or _count",
  ],
  ['onhand_queue_lag_seconds{shop="a"}', 'here: onhand_queue_lag_seconds: no label "shop"'],
  ["sum by (shop) (rate(onhand_webhook_accepted_total[5m]))", 'here: sum by: no label "shop"'],
  ["sum by (topic) (sum by (job) (onhand_webhook_accepted_total))", 'here: sum by: no label "topic"'],
  [
    "histogram_quantile(0.95, sum by (topic) (rate(onhand_event_to_counted_seconds_bucket[5m])))",
    'here: histogram_quantile: no label "le"',
  ],
  ["onhand_queue_lag_seconds > 30 and on (shop) onhand_gate_pushes_waiting > 1", 'here: on: no label "shop"'],
])("finds what is wrong with %s", (expression, problem) => {
  expect(problemsOf(expression)).toEqual([problem]);
});

it("knows the labels of the answer", () => {
  const reader = new PromqlReader();
  const labels = (expression: string): readonly string[] => [...reader.read(expression, "here")].sort();
  expect(labels("1 - onhand_oversells_open")).toEqual(["instance", "job"]);
  expect(labels("sum(onhand_oversells_open)")).toEqual([]);
  expect(labels("time() - max by (topic) (onhand_webhook_last_accepted_timestamp_seconds)")).toEqual(["topic"]);
  expect(
    labels("histogram_quantile(0.5, sum by (le, shop) (rate(onhand_event_to_shopify_seconds_bucket[5m])))"),
  ).toEqual(["shop"]);
  reader.record("shop:waiting", new Set(["shop"]));
  expect(labels("shop:waiting > 3")).toEqual(["shop"]);
  expect(reader.problems).toEqual([]);
});

it.each([
  "sum(",
  "sum without (a) (b)",
  "sum(a) by (b)",
  "a b",
  "nothing(a)",
  "a{b}",
  "a[x]",
  "a § b",
  "a and ignoring (b) c",
])("refuses what it cannot read: %s", (expression) => {
  expect(() => parsePromql(expression)).toThrow(expression);
});
