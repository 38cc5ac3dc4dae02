/** Everything that can go wrong in a seed: each kind has a rate of its own, and every time it happens is counted. */
import type { Prng } from "../replica/prng.ts";

export const FAULT_KINDS = [
  "webhook_lost",
  "webhook_repeated",
  "webhook_late",
  "message_refused",
  "message_repeated",
  "message_late",
  "message_overtaken",
  "batch_split",
  "consumer_killed",
  "counter_evicted",
  "counter_crashed_writing",
  "counter_call_lost",
  "counter_answer_lost",
  "counter_stuck",
  "counter_away",
  "alarm_late",
  "coordinator_evicted",
  "coordinator_call_lost",
  "coordinator_answer_lost",
  "gate_evicted",
  "gate_call_lost",
  "gate_answer_lost",
  "shopify_429",
  "shopify_throttled",
  "shopify_5xx_unapplied",
  "shopify_5xx_applied",
  "shopify_request_lost",
  "shopify_request_late",
  "shopify_reply_lost",
  "shopify_no_time_told",
  "shopify_token_revoked",
  "shopify_token_refused",
  "shopify_outage",
  "redis_down",
  "redis_slow",
  "redis_answer_lost",
  "database_down",
  "clock_skewed",
] as const;

export type FaultKind = (typeof FAULT_KINDS)[number];
export type FaultCounts = Record<FaultKind, number>;
/** Probabilities in [0, 1). A kind that is left out does not happen by chance; windows and skews count themselves. */
export type FaultRates = Readonly<Partial<Record<FaultKind, number>>>;

export const noFaultCounts = (): FaultCounts => Object.fromEntries(FAULT_KINDS.map((kind) => [kind, 0])) as FaultCounts;

export class Faults {
  readonly counts = noFaultCounts();
  readonly #prng: Prng;
  readonly #rates: FaultRates;
  #isOver = false;

  constructor(prng: Prng, rates: FaultRates) {
    this.#prng = prng;
    this.#rates = rates;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** From now on all goes well. */
  end(): void {
    this.#isOver = true;
  }

  /** Whether it happens now. */
  strikes(kind: FaultKind): boolean {
    const rate = this.#isOver ? 0 : (this.#rates[kind] ?? 0);
    if (rate === 0 || !this.#prng.chance(rate)) return false;
    this.counts[kind] += 1;
    return true;
  }

  /** One that was planned beforehand. */
  note(kind: FaultKind): void {
    this.counts[kind] += 1;
  }
}
