/**
 * What is remembered from one evaluation to the next of numbers that only rise: alerts are about how much they rose within
 * a window. Few series each, and as many samples as the longest window needs.
 */
import type { Labels, MetricFamily } from "../telemetry/metric-family.ts";

type Series<Value> = Readonly<Record<string, Value>>;

/** Null: who knows did not answer then. */
export type Sample = {
  readonly atMs: number;
  /** By the queue that they died in. */
  readonly deadLetters: Series<number> | null;
  /** Messages that wait in dead-letter queues, by the queue that they died in: D1 is away, or slow. */
  readonly unstored: Series<number> | null;
  /** By shop. */
  readonly rateLimited: Series<number> | null;
  /** By shop: observations per bucket. */
  readonly latency: Series<readonly number[]> | null;
};

export function sampleOf(families: readonly MetricFamily[], atMs: number): Sample {
  const isCounting = isUp(families, "telemetry");
  const counted = (name: string, label: string): Series<number> | null =>
    isCounting ? sumBy(families, name, (labels) => labels[label]) : null;
  return {
    atMs,
    deadLetters: counted("onhand_dead_letter_stored_total", "queue"),
    unstored: sumBy(families, "onhand_queue_backlog_messages", ({ queue }) =>
      queue?.endsWith("-dlq") === true ? queue.slice(0, -"-dlq".length) : undefined,
    ),
    rateLimited: counted("onhand_gate_rate_limited_total", "shop"),
    latency: isCounting ? countsBy(families, "onhand_event_to_shopify_seconds", "shop") : null,
  };
}

/** Whether every source whose name begins so has answered. */
const isUp = (families: readonly MetricFamily[], name: string): boolean =>
  samplesOf(families, "onhand_metrics_source_up").every(
    ({ value, labels }) => value === 1 || !(labels?.["source"] ?? "").startsWith(name),
  );

export function samplesOf(
  families: readonly MetricFamily[],
  name: string,
): readonly { readonly value: number; readonly labels?: Labels }[] {
  const family = families.find((each) => each.name === name);
  return family === undefined || family.type === "histogram" ? [] : family.samples;
}

function sumBy(
  families: readonly MetricFamily[],
  name: string,
  subjectOf: (labels: Labels) => string | undefined,
): Series<number> {
  const sums: Record<string, number> = {};
  for (const { value, labels = {} } of samplesOf(families, name)) {
    const subject = subjectOf(labels);
    if (subject !== undefined) sums[subject] = (sums[subject] ?? 0) + value;
  }
  return sums;
}

function countsBy(families: readonly MetricFamily[], name: string, label: string): Series<readonly number[]> {
  const sums: Record<string, readonly number[]> = {};
  const family = families.find((each) => each.name === name);
  for (const { counts, labels = {} } of family?.type === "histogram" ? family.samples : []) {
    const subject = labels[label];
    if (subject !== undefined) sums[subject] = counts.map((count, i) => count + (sums[subject]?.[i] ?? 0));
  }
  return sums;
}

/** Beyond the longest window one is kept, to count from; and never more than a bound, however often somebody evaluates. */
const SAMPLES_MAX = 60;

export function withSample(samples: readonly Sample[], sample: Sample, windowMs: number): readonly Sample[] {
  const first = samples.findLastIndex(({ atMs }) => atMs <= sample.atMs - windowMs);
  return [...samples.slice(Math.max(0, first)), sample].slice(-SAMPLES_MAX);
}

/**
 * From where a window is counted: the newest sample from before it that knows the series, or the oldest that does; null
 * where none does.
 */
export function baseOf(
  samples: readonly Sample[],
  nowMs: number,
  windowMs: number,
  series: Exclude<keyof Sample, "atMs">,
): Sample | null {
  const knowing = samples.filter((sample) => sample[series] !== null && sample.atMs < nowMs);
  return knowing.findLast(({ atMs }) => atMs <= nowMs - windowMs) ?? knowing[0] ?? null;
}

/** How much a counter rose. One that is smaller than it was began anew. */
export const riseOf = (now: number, before: number): number => (now < before ? now : now - before);
