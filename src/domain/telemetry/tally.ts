/** Numbers gathered until they are taken along: what an isolate has counted and observed since it last told. */
import { HISTOGRAMS } from "./catalogue.ts";
import type { Meter } from "./meter.ts";
import type { Labels } from "./metric-family.ts";

export type CounterDelta = { readonly name: string; readonly labels: Labels; readonly by: number };
export type HistogramDelta = {
  readonly name: string;
  readonly labels: Labels;
  /** One more than the histogram has buckets: the last one is beyond all of them. */
  readonly counts: readonly number[];
  readonly sum: number;
};
export type TallyDelta = { readonly counters: readonly CounterDelta[]; readonly histograms: readonly HistogramDelta[] };

export interface Tally extends Meter {
  readonly isEmpty: boolean;
  /** All that was gathered; the tally begins anew. */
  take(): TallyDelta;
  /** What could not be told is gathered again. */
  putBack(delta: TallyDelta): void;
}

export function newTally(): Tally {
  const counters = new Map<string, { name: string; labels: Labels; by: number }>();
  const histograms = new Map<string, { name: string; labels: Labels; counts: number[]; sum: number }>();
  const count = (name: string, labels: Labels, by: number): void => {
    const key = keyOf(name, labels);
    const known = counters.get(key);
    if (known === undefined) counters.set(key, { name, labels, by });
    else known.by += by;
  };
  const histogram = (name: string, labels: Labels, length: number) => {
    const key = keyOf(name, labels);
    const known = histograms.get(key) ?? { name, labels, counts: Array<number>(length).fill(0), sum: 0 };
    histograms.set(key, known);
    return known;
  };
  return {
    count: (name, labels, by = 1) => count(name, labels, by),
    observe(name, labels, value) {
      const { buckets } = HISTOGRAMS[name];
      const at = Math.max(0, value);
      const found = buckets.findIndex((bucket) => at <= bucket);
      const into = histogram(name, labels, buckets.length + 1);
      const index = found === -1 ? buckets.length : found;
      into.counts[index] = (into.counts[index] ?? 0) + 1;
      into.sum += at;
    },
    get isEmpty() {
      return counters.size === 0 && histograms.size === 0;
    },
    take() {
      const taken = { counters: [...counters.values()], histograms: [...histograms.values()] };
      counters.clear();
      histograms.clear();
      return taken;
    },
    putBack(delta) {
      for (const { name, labels, by } of delta.counters) count(name, labels, by);
      for (const { name, labels, counts, sum } of delta.histograms) {
        const into = histogram(name, labels, counts.length);
        counts.forEach((each, i) => {
          into.counts[i] = (into.counts[i] ?? 0) + each;
        });
        into.sum += sum;
      }
    },
  };
}

/** The same labels in any order are the same series. */
export const keyOf = (name: string, labels: Labels): string =>
  `${name}|${Object.keys(labels)
    .sort()
    .map((label) => `${label}=${labels[label] ?? ""}`)
    .join("|")}`;
