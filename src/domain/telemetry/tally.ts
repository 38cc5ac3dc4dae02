/** Numbers gathered until they are taken along: what an isolate has counted and observed since it last told. */
import { HISTOGRAMS } from "./catalogue.ts";
import type { Meter } from "./meter.ts";
import type { Labels } from "./metric-family.ts";

export type CounterDelta = { readonly name: string; readonly labels: Labels; readonly by: number };
export type HistogramDelta = {
  readonly name: string;
  readonly labels: Labels;
  /** Upper bounds, rising. They travel along: a deploy may change them while both versions tell. */
  readonly buckets: readonly number[];
  /** One more than the histogram has buckets: the last one is beyond all of them. */
  readonly counts: readonly number[];
  readonly sum: number;
};
export type TallyDelta = { readonly counters: readonly CounterDelta[]; readonly histograms: readonly HistogramDelta[] };

export interface Tally extends Meter {
  readonly isEmpty: boolean;
  /**
   * What was gathered, taken out of the tally.
   * @param seriesMax  so many series at most; the others wait for the next time
   */
  take(seriesMax: number): TallyDelta;
}

type Growing<Delta> = { -readonly [Key in keyof Delta]: Delta[Key] };
type GrowingHistogram = Omit<Growing<HistogramDelta>, "counts"> & { readonly counts: number[] };

export function newTally(): Tally {
  const counters = new Map<string, Growing<CounterDelta>>();
  const histograms = new Map<string, GrowingHistogram>();
  return {
    count(name, labels, by = 1) {
      const key = keyOf(name, labels);
      const known = counters.get(key);
      if (known === undefined) counters.set(key, { name, labels, by });
      else known.by += by;
    },
    observe(name, labels, value) {
      const { buckets } = HISTOGRAMS[name];
      const key = keyOf(name, labels);
      const into = histograms.get(key) ?? { name, labels, buckets, counts: Array(buckets.length + 1).fill(0), sum: 0 };
      histograms.set(key, into);
      const at = Math.max(0, value);
      const found = buckets.findIndex((bucket) => at <= bucket);
      const index = found === -1 ? buckets.length : found;
      into.counts[index] = (into.counts[index] ?? 0) + 1;
      into.sum += at;
    },
    get isEmpty() {
      return counters.size === 0 && histograms.size === 0;
    },
    take(seriesMax) {
      const taken = takeFrom(histograms, seriesMax);
      return { histograms: taken, counters: takeFrom(counters, seriesMax - taken.length) };
    },
  };
}

/** The oldest first. */
function takeFrom<Delta>(series: Map<string, Delta>, max: number): readonly Delta[] {
  const taken = [...series].slice(0, Math.max(0, max));
  for (const [key] of taken) series.delete(key);
  return taken.map(([, delta]) => delta);
}

/** The same labels in any order are the same series. */
export function keyOf(name: string, labels: Labels): string {
  const names = Object.keys(labels);
  if (names.length > 1) names.sort();
  let key = name;
  for (const label of names) key += `|${label}=${labels[label] ?? ""}`;
  return key;
}
