/** The books of all shards as one: every counter and histogram of the catalogue that somebody has told of. */
import { COUNTERS, HISTOGRAMS } from "./catalogue.ts";
import { gaugeOf } from "./family-of.ts";
import type { HistogramSample, MetricFamily, Sample } from "./metric-family.ts";
import { addHistogram, haveSameBounds, type Sums } from "./sums.ts";
import { keyOf } from "./tally.ts";

/** @param shards  all of them: with one missing the sums would seem to fall, and a reader would take that for a restart */
export function recordedFamilies(shards: readonly Sums[]): readonly MetricFamily[] {
  return [...counterFamilies(shards), ...histogramFamilies(shards), lastAccepted(shards)];
}

function counterFamilies(shards: readonly Sums[]): readonly MetricFamily[] {
  const told = Map.groupBy(
    shards.flatMap(({ counters }) => Object.values(counters)),
    ({ name }) => name,
  );
  return Object.entries(COUNTERS).map(([name, { help, labels }]): MetricFamily => {
    const sums = new Map<string, Sample>();
    // One without labels is there from the start, at 0: so that its first rise is seen as one.
    if (labels.length === 0) sums.set(name, { value: 0, labels: {} });
    for (const { labels: of, value } of told.get(name) ?? []) {
      const key = keyOf(name, of);
      sums.set(key, { labels: of, value: (sums.get(key)?.value ?? 0) + value });
    }
    return { name, type: "counter", help, samples: [...sums.values()] };
  });
}

function histogramFamilies(shards: readonly Sums[]): readonly MetricFamily[] {
  const told = Map.groupBy(
    shards.flatMap(({ histograms }) => Object.values(histograms)),
    ({ name }) => name,
  );
  return Object.entries(HISTOGRAMS).map(([name, spec]): MetricFamily => {
    const sums = new Map<string, HistogramSample & { readonly name: string; readonly labels: object }>();
    for (const sum of told.get(name) ?? []) {
      if (!haveSameBounds(sum, spec)) continue; // of another version, before its shard hears of the new bounds
      const key = keyOf(name, sum.labels);
      const known = sums.get(key);
      sums.set(key, known === undefined ? sum : addHistogram({ ...sum, ...known }, sum));
    }
    const samples = Array.from(sums.values(), ({ labels, buckets, counts, sum }) => ({ labels, buckets, counts, sum }));
    return { name, type: "histogram", help: spec.help, samples } as MetricFamily;
  });
}

/** To within the second that an isolate gathers for. */
function lastAccepted(shards: readonly Sums[]): MetricFamily {
  const newest = new Map<string, number>();
  for (const { counters } of shards)
    for (const { name, labels, atMs } of Object.values(counters)) {
      const topic = labels["topic"];
      if (name !== "onhand_webhook_accepted_total" || topic === undefined) continue;
      newest.set(topic, Math.max(newest.get(topic) ?? 0, atMs));
    }
  return gaugeOf(
    "onhand_webhook_last_accepted_timestamp_seconds",
    Array.from(newest, ([topic, atMs]) => ({ value: atMs / 1_000, labels: { topic } })),
  );
}
