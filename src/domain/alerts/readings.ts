/** From metrics, and from what is no metric, to one reading per alert and subject. Pure; what nobody told is null. */
import { HISTOGRAMS } from "../telemetry/catalogue.ts";
import type { MetricFamily } from "../telemetry/metric-family.ts";
import { quantileOf } from "../telemetry/quantile.ts";
import { ALERTS, type AlertName, type AlertSpec } from "./alert-table.ts";
import type { Reading } from "./evaluate.ts";
import { baseOf, riseOf, type Sample, samplesOf } from "./sample.ts";
import { silenceOf, type TopicHistory, withArrival } from "./topic-history.ts";

/** What gates and reconciliations know of a shop; null: it was not told. */
export type ShopFacts = {
  readonly shop: string;
  /** As the gate says why nothing is sent; "": it sends. */
  readonly pausedReason: string | null;
  readonly pushesWaiting: number | null;
  /** Of the newest reconciliation that looked: subscriptions that it found missing. */
  readonly subscriptions: { readonly missing: number; readonly mended: number } | null;
  /** What the reconciliations of the last hour compared. */
  readonly compared: { readonly levels: number; readonly mismatches: number } | null;
};

export type Observed = {
  readonly families: readonly MetricFamily[];
  readonly shops: readonly ShopFacts[];
  readonly queues: readonly string[];
  /** The newest sample last: it is of these families. */
  readonly samples: readonly Sample[];
  readonly topics: readonly TopicHistory[];
  readonly nowMs: number;
  readonly minuteMs: number;
};

/** Of fewer compared levels, one that differs would be a large share by chance. */
const COMPARED_MIN = 20;
const P95 = 0.95;

export function readingsOf(observed: Observed): readonly Reading[] {
  const { shops, families } = observed;
  return [
    ...queueLags(observed),
    ...deadLetters(observed),
    ...shops.map(({ shop, pushesWaiting }) => reading("sync_latency", shop, latencyOf(shop, pushesWaiting, observed))),
    ...shops.map(({ shop, compared }) => reading("mismatch_rate", shop, rateOf(compared))),
    reading("oversell", "", samplesOf(families, "onhand_oversold_units")[0]?.value ?? null),
    ...shops.map(({ shop }) => reading("rate_limited", shop, rise("rateLimited", shop, "rate_limited", observed))),
    ...samplesOf(families, "onhand_breaker_state").map(({ value, labels }) =>
      reading("breaker_open", labels?.["destination"] ?? "", BREAKER[value] ?? null),
    ),
    ...observed.topics.map((history) =>
      reading("webhooks_silent", history.topic, isTold(history, observed) ? silence(history, observed) : null),
    ),
    ...shops.map(({ shop, pausedReason }) => reading("token_refused", shop, refusalOf(pausedReason))),
    ...shops.map(({ shop, subscriptions }) => reading("subscription_missing", shop, missingOf(subscriptions))),
  ];
}

/** Topics and when they came last, as the metrics tell now. */
export function topicsOf(
  known: readonly TopicHistory[],
  families: readonly MetricFamily[],
  minuteMs: number,
): readonly TopicHistory[] {
  const histories = new Map(known.map((history) => [history.topic, history]));
  for (const { value, labels } of samplesOf(families, LAST_ACCEPTED)) {
    const topic = labels?.["topic"];
    if (topic === undefined) continue;
    histories.set(
      topic,
      withArrival(histories.get(topic), topic, value * 1_000, windowMsOf("webhooks_silent", minuteMs)),
    );
  }
  return [...histories.values()];
}

const LAST_ACCEPTED = "onhand_webhook_last_accepted_timestamp_seconds";

/** By the value of the gauge: closed, half-open, open, isolated by an operator. */
const BREAKER: Readonly<Record<number, number>> = { 0: 0, 1: 1, 2: 1, 3: 0.5 };

const reading = (alert: AlertName, subject: string, value: number | null): Reading => ({ alert, subject, value });

const specOf = (name: AlertName): AlertSpec | undefined => ALERTS.find((spec) => spec.name === name);

export const windowMsOf = (name: AlertName, minuteMs: number): number => (specOf(name)?.windowMinutes ?? 0) * minuteMs;

/** A queue is a shard of another, too, where one is bound. */
function queueLags({ families, queues }: Observed): readonly Reading[] {
  const lags = new Map(
    samplesOf(families, "onhand_queue_lag_seconds").map(({ value, labels }) => [labels?.["queue"] ?? "", value]),
  );
  return [...new Set([...queues, ...lags.keys()])].map((queue) => reading("queue_lag", queue, lags.get(queue) ?? null));
}

/** Stored ones, and those that pile up before the store. */
function deadLetters(observed: Observed): readonly Reading[] {
  const { queues, samples } = observed;
  const names = new Set([
    ...queues.filter((queue) => !queue.endsWith("-dlq")),
    ...Object.keys(samples.at(-1)?.deadLetters ?? {}),
  ]);
  return [...names].map((queue) => {
    const stored = rise("deadLetters", queue, "dead_letter_growth", observed);
    const unstored = growth(queue, observed);
    return reading(
      "dead_letter_growth",
      queue,
      stored === null && unstored === null ? null : (stored ?? 0) + (unstored ?? 0),
    );
  });
}

function rise(
  series: "deadLetters" | "rateLimited",
  subject: string,
  alert: AlertName,
  { samples, nowMs, minuteMs }: Observed,
): number | null {
  const now = samples.at(-1)?.[series];
  const before = baseOf(samples, nowMs, windowMsOf(alert, minuteMs), series)?.[series];
  return now == null || before == null ? null : riseOf(now[subject] ?? 0, before[subject] ?? 0);
}

function growth(queue: string, { samples, nowMs, minuteMs }: Observed): number | null {
  const now = samples.at(-1)?.unstored?.[queue];
  const before = baseOf(samples, nowMs, windowMsOf("dead_letter_growth", minuteMs), "unstored")?.unstored?.[queue];
  return now === undefined || before === undefined ? null : Math.max(0, now - before);
}

/** Where nothing arrived and nothing waits, nothing is late; where something waits, nobody can say how late it will be. */
function latencyOf(shop: string, pushesWaiting: number | null, { samples, nowMs, minuteMs }: Observed): number | null {
  const now = samples.at(-1)?.latency;
  const before = baseOf(samples, nowMs, windowMsOf("sync_latency", minuteMs), "latency")?.latency;
  if (now == null || before == null) return null;
  const counts = (now[shop] ?? []).map((count, i) => riseOf(count, before[shop]?.[i] ?? 0));
  const p95 = quantileOf(HISTOGRAMS.onhand_event_to_shopify_seconds.buckets, counts, P95);
  return p95 ?? (pushesWaiting === 0 ? 0 : null);
}

const rateOf = (compared: ShopFacts["compared"]): number | null =>
  compared === null ? null : compared.mismatches / Math.max(compared.levels, COMPARED_MIN);

const isTold = ({ topic }: TopicHistory, { families }: Observed): boolean =>
  samplesOf(families, LAST_ACCEPTED).some(({ labels }) => labels?.["topic"] === topic);

const silence = (history: TopicHistory, { nowMs, minuteMs }: Observed): number =>
  silenceOf(history, windowMsOf("webhooks_silent", minuteMs), nowMs);

/** A gate that rests for another reason says nothing of its token. */
function refusalOf(pausedReason: string | null): number | null {
  if (pausedReason === null) return null;
  if (/^token_|^unauthorized$|^app_uninstalled$/.test(pausedReason)) return 1;
  return ["", "throttled", "disconnected"].includes(pausedReason) ? 0 : null;
}

function missingOf(subscriptions: ShopFacts["subscriptions"]): number | null {
  if (subscriptions === null) return null;
  if (subscriptions.missing > subscriptions.mended) return 1;
  return subscriptions.mended > 0 ? 0.5 : 0;
}
