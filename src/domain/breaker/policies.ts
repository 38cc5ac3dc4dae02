/**
 * Every number of the circuit breakers, with its unit and its reason: when one opens, for how long, and what closes it.
 * One policy per kind of destination; relations between the numbers are asserted where the module loads.
 */
import type { BackoffPolicy } from "../backoff.ts";

export type BreakerPolicy = {
  /** Calls are counted over so many milliseconds, in slices of a tenth of it. */
  readonly windowMs: number;
  /** Below so many calls in the window their share says nothing: one of two may be chance. */
  readonly callsMin: number;
  /** Share of failed calls, 0 to 1, from which on it opens. */
  readonly failureShareMin: number;
  /** Failures in a row that open it, however few calls there are: a quiet destination never comes to `callsMin`. */
  readonly failuresInRowMax: number;
  /** Probes, one after the other, that must succeed before it closes. */
  readonly probesMin: number;
  /** Pause after each opening; it grows with every probe that fails. */
  readonly pause: BackoffPolicy;
  /** A Retry-After beyond this many seconds is not believed. */
  readonly retryAfterSecondsMax: number;
  /** A probe that has not been reported by then is nobody's: its caller is gone. */
  readonly probeMsMax: number;
};

const SECOND_MS = 1_000;

/** A shop's Shopify, in its gate. */
export const SHOPIFY_BREAKER: BreakerPolicy = {
  // Long enough that 20 calls of a shop with some traffic fall into it, short enough that an outage shows at once.
  windowMs: 30 * SECOND_MS,
  callsMin: 20,
  // Half of the calls: below it, tries again are cheaper than a pause; above it, they are load on what is ill already.
  failureShareMin: 0.5,
  // Two may be chance. A Shopify that times out makes 20 calls take 40 s at five connections: three tell in ten.
  failuresInRowMax: 3,
  // One may be luck, and everything that waited follows it.
  probesMin: 2,
  // 1, 2, 4 … 30 s: an outage's end is noticed within half a minute, recovery stays under one.
  pause: { delaySeconds: 1, delaySecondsMax: 30 },
  retryAfterSecondsMax: 900,
  probeMsMax: 30 * SECOND_MS,
};

/** Where notifications and documents go: a webhook's host, a till system, a marketplace. */
export const DESTINATION_BREAKER: BreakerPolicy = { ...SHOPIFY_BREAKER };

/** Redis, in one isolate. Reads have another way, so it may be tried again soon and at even intervals. */
export const REDIS_BREAKER: BreakerPolicy = {
  ...SHOPIFY_BREAKER,
  // An outage costs one call in five seconds its limit of time, and its end is noticed within five.
  pause: { delaySeconds: 5, delaySecondsMax: 5 },
  // A call of the mirror takes a second at most.
  probeMsMax: 5 * SECOND_MS,
};

for (const { windowMs, pause, failureShareMin, callsMin, failuresInRowMax, probesMin } of [
  SHOPIFY_BREAKER,
  DESTINATION_BREAKER,
  REDIS_BREAKER,
]) {
  if (pause.delaySecondsMax * SECOND_MS > windowMs) throw new Error("breaker: a pause must not outlast the window");
  if (failureShareMin <= 0 || failureShareMin > 1) throw new Error("breaker: a share is above 0 and at most 1");
  if (callsMin < failuresInRowMax || probesMin < 1) throw new Error("breaker: the numbers contradict each other");
}
