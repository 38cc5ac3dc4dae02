/**
 * Counters and histograms added up over all that was ever told: what a Telemetry object keeps. A flush that comes again
 * changes nothing. Plain data.
 */
import type { Flush } from "./flush.ts";
import type { Labels } from "./metric-family.ts";
import { type CounterDelta, type HistogramDelta, keyOf } from "./tally.ts";

export type CounterSum = {
  readonly name: string;
  readonly labels: Labels;
  readonly value: number;
  /** When a flush last told of it. */
  readonly atMs: number;
};

export type HistogramSum = HistogramDelta;

export type Sums = {
  /** By `keyOf` name and labels, as are the histograms. */
  readonly counters: Readonly<Record<string, CounterSum>>;
  readonly histograms: Readonly<Record<string, HistogramSum>>;
};

/** What is kept: the sums, and which flushes are in them, the newest last. */
export type Book = Sums & { readonly flushes: readonly string[] };

export const EMPTY_BOOK: Book = { counters: {}, histograms: {}, flushes: [] };

export type BookLimits = {
  /** Names of flushes remembered. A lost reply is followed by its repeat within seconds. */
  readonly flushesMax: number;
  /** Series of one book. What is above that has lost its bounds, and is not added. */
  readonly seriesMax: number;
};

/** @returns the same book when the flush is in it already */
export function withFlush(book: Book, { id, atMs, delta }: Flush, limits: BookLimits): Book {
  if (book.flushes.includes(id)) return book;
  let room = limits.seriesMax - Object.keys(book.counters).length - Object.keys(book.histograms).length;
  const hasRoom = (isKnown: boolean): boolean => isKnown || room-- > 0;
  const counters = { ...book.counters };
  for (const told of delta.counters) {
    const key = keyOf(told.name, told.labels);
    const known = counters[key];
    if (hasRoom(known !== undefined)) counters[key] = addCounter(known, told, atMs);
  }
  const histograms = { ...book.histograms };
  for (const told of delta.histograms) {
    const key = keyOf(told.name, told.labels);
    const known = histograms[key];
    if (hasRoom(known !== undefined)) histograms[key] = addHistogram(known, told);
  }
  return { counters, histograms, flushes: [...book.flushes, id].slice(-limits.flushesMax) };
}

const addCounter = (known: CounterSum | undefined, { name, labels, by }: CounterDelta, atMs: number): CounterSum => ({
  name,
  labels,
  value: (known?.value ?? 0) + by,
  atMs: Math.max(known?.atMs ?? 0, atMs),
});

/** Other bounds than before: counted anew, which a reader takes for a restart. */
export function addHistogram(known: HistogramSum | undefined, told: HistogramDelta): HistogramSum {
  if (known === undefined || !haveSameBounds(known, told)) return told;
  return { ...told, counts: told.counts.map((count, i) => count + (known.counts[i] ?? 0)), sum: known.sum + told.sum };
}

export const haveSameBounds = (a: Pick<HistogramSum, "buckets">, b: Pick<HistogramSum, "buckets">): boolean =>
  a.buckets.length === b.buckets.length && a.buckets.every((bound, i) => bound === b.buckets[i]);
