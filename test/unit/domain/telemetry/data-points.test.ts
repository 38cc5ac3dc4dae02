import { describe, expect, it } from "vitest";
import { COUNTERS, HISTOGRAMS } from "../../../../src/domain/telemetry/catalogue.ts";
import { dataPointsOf, POINT_LABELS } from "../../../../src/domain/telemetry/data-points.ts";
import { newTally } from "../../../../src/domain/telemetry/tally.ts";
import { RecordingDataset } from "../../../support/telemetry/recording-dataset.ts";

describe("data points", () => {
  it("have the metric as index, labels in columns of their own, and a counter's rise as the first double", () => {
    const tally = newTally();
    tally.count("onhand_message_retried_total", { queue: "q", code: "c" }, 3);
    const blank = POINT_LABELS.map((label) => ({ queue: "q", code: "c" })[label as string] ?? null);
    expect(dataPointsOf(tally.take(10))).toEqual([
      {
        indexes: ["onhand_message_retried_total"],
        blobs: ["onhand_message_retried_total", ...blank],
        doubles: [3],
      },
    ]);
    expect(blank.filter((blob) => blob !== null)).toEqual(["q", "c"]);
  });

  it("tell of a histogram how often, how much in all, and how often in each bucket", () => {
    const tally = newTally();
    for (const rows of [1, 250, 999]) tally.observe("onhand_gate_call_rows", { shop: "s" }, rows);
    expect(dataPointsOf(tally.take(10))[0]?.doubles).toEqual([3, 1_250, 1, 0, 0, 0, 0, 0, 0, 1, 1]);
  });

  it("of every metric fit the platform's limits, and have a column for each of its labels, however long those are", () => {
    const dataset = new RecordingDataset();
    const long = "x".repeat(5_000);
    const labelled = (labels: readonly string[]) => Object.fromEntries(labels.map((label) => [label, long]));
    const delta = {
      counters: Object.entries(COUNTERS).map(([name, { labels }]) => ({ name, labels: labelled(labels), by: 1 })),
      histograms: Object.entries(HISTOGRAMS).map(([name, { labels, buckets }]) => {
        return { name, labels: labelled(labels), buckets, counts: Array(buckets.length + 1).fill(1), sum: 1 };
      }),
    };
    for (const point of dataPointsOf(delta)) dataset.writeDataPoint(point);
    const told = dataset.next();
    expect(told).toHaveLength(delta.counters.length + delta.histograms.length);
    for (const [i, { labels }] of [...Object.values(COUNTERS), ...Object.values(HISTOGRAMS)].entries())
      expect(told[i]?.blobs.slice(1).filter((blob) => blob !== null)).toHaveLength(labels.length);
  });
});
