/** What one seed stands for: the size of the world, its traffic, its faults. */
import { Prng } from "../replica/prng.ts";
import type { FaultKind, FaultRates } from "./faults.ts";

export type Window = { readonly fromMs: number; readonly toMs: number };

export type Plan = {
  readonly seed: number;
  readonly skus: number;
  readonly shops: number;
  readonly locations: number;
  /** All shops show all locations; else each shop has locations of its own. */
  readonly isShared: boolean;
  /** Business events: orders, edits, sales, counts … */
  readonly events: number;
  readonly spanMs: number;
  /** Events come in bursts of some within this time; 0: spread over the whole span. */
  readonly burstMs: number;
  readonly stockMax: number;
  /** Level webhooks of one level are gathered so long, and tell the newest state. */
  readonly coalesceMs: number;
  readonly webhookMsMax: number;
  readonly lateMsMax: number;
  readonly callMsMax: number;
  /** Clocks of objects differ from Shopify's by so much at most, and change with every life. */
  readonly skewMsMax: number;
  readonly shopifyOutages: readonly Window[];
  readonly redisOutages: readonly Window[];
  readonly databaseOutages: readonly Window[];
  /** The first SKU's counter answers nobody: messages run out of tries. */
  readonly counterOutages: readonly Window[];
  readonly rates: FaultRates;
};

const MINUTE_MS = 60_000;

/** One seed in eight has no faults but delay and disorder. */
function drawRates(prng: Prng): FaultRates {
  if (prng.chance(0.125)) return {};
  const some = (max: number): number => (prng.chance(0.5) ? prng.next() * max : 0);
  return {
    webhook_lost: some(0.3),
    webhook_repeated: some(0.3),
    webhook_late: some(0.2),
    message_refused: some(0.1),
    message_repeated: some(0.5),
    message_late: some(0.1),
    message_overtaken: some(0.5),
    batch_split: some(0.5),
    consumer_killed: some(0.1),
    counter_evicted: some(0.3),
    counter_crashed_writing: some(0.05),
    counter_call_lost: some(0.05),
    counter_answer_lost: some(0.05),
    counter_stuck: some(0.005),
    alarm_late: some(0.2),
    coordinator_evicted: some(0.3),
    coordinator_call_lost: some(0.1),
    coordinator_answer_lost: some(0.1),
    gate_evicted: some(0.1),
    gate_call_lost: some(0.1),
    gate_answer_lost: some(0.1),
    shopify_429: some(0.1),
    shopify_throttled: some(0.15),
    shopify_5xx_unapplied: some(0.1),
    shopify_5xx_applied: some(0.1),
    shopify_request_lost: some(0.05),
    shopify_request_late: some(0.05),
    shopify_reply_lost: some(0.1),
    shopify_no_time_told: some(0.03),
    shopify_token_revoked: some(0.02),
    shopify_token_refused: some(0.2),
    redis_slow: some(0.2),
    redis_answer_lost: some(0.2),
  };
}

/** None, or up to `max` windows within the span. */
function drawOutages(prng: Prng, spanMs: number, max: number, longestMs: number): readonly Window[] {
  const windows: Window[] = [];
  for (let k = prng.int(0, max); k > 0; k--) {
    const fromMs = prng.int(0, spanMs);
    windows.push({ fromMs, toMs: Math.min(spanMs, fromMs + prng.int(1_000, longestMs)) });
  }
  return windows;
}

/** One seed in three. Numbers of its own, so that the other seeds stay the schedules that they are known as. */
function drawCounterOutages(seed: number, spanMs: number): readonly Window[] {
  const prng = new Prng(seed ^ 0xdead);
  if (!prng.chance(1 / 3)) return [];
  const fromMs = prng.int(0, Math.round(spanMs / 2));
  return [{ fromMs, toMs: fromMs + prng.int(6 * MINUTE_MS, 12 * MINUTE_MS) }];
}

export function planOf(seed: number, prng: Prng, options: { readonly minutes: number }): Plan {
  const spanMs = Math.round(options.minutes * MINUTE_MS * (1 + prng.next() / 3));
  const locations = prng.int(1, 4);
  const isShared = prng.chance(0.7);
  return {
    seed,
    skus: prng.int(2, 3),
    shops: isShared ? prng.pick([1, 2, 2, 3]) : prng.int(1, Math.min(3, locations)),
    locations,
    isShared,
    events: Math.round(options.minutes * prng.int(10, 12)),
    spanMs,
    burstMs: prng.pick([0, 0, 500, 3_000]),
    stockMax: prng.pick([8, 40, 200]),
    coalesceMs: prng.pick([0, 200, 1_000, 3_000]),
    webhookMsMax: prng.pick([300, 1_000, 4_000]),
    lateMsMax: prng.pick([5_000, 30_000, 240_000]),
    callMsMax: prng.pick([2, 2, 20, 200]),
    skewMsMax: prng.pick([0, 0, 100, 3_000]),
    shopifyOutages: drawOutages(prng, spanMs, 2, 5 * MINUTE_MS),
    redisOutages: drawOutages(prng, spanMs, 2, 5 * MINUTE_MS),
    databaseOutages: drawOutages(prng, spanMs, 1, 2 * MINUTE_MS),
    counterOutages: drawCounterOutages(seed, spanMs),
    rates: drawRates(prng),
  };
}

/** The same plan, in which some kinds of faults never happen. */
export function lessFaults(plan: Plan, without: readonly FaultKind[]): Plan {
  if (without.length === 0) return plan;
  const isOut = (kind: FaultKind): boolean => without.includes(kind);
  return {
    ...plan,
    rates: Object.fromEntries(Object.entries(plan.rates).filter(([kind]) => !isOut(kind as FaultKind))),
    shopifyOutages: isOut("shopify_outage") ? [] : plan.shopifyOutages,
    redisOutages: isOut("redis_down") ? [] : plan.redisOutages,
    databaseOutages: isOut("database_down") ? [] : plan.databaseOutages,
    counterOutages: isOut("counter_away") ? [] : plan.counterOutages,
    skewMsMax: isOut("clock_skewed") ? 0 : plan.skewMsMax,
  };
}

export const isWithin = (windows: readonly Window[], nowMs: number): boolean =>
  windows.some(({ fromMs, toMs }) => fromMs <= nowMs && nowMs < toMs);
