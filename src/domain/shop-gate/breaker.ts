/**
 * When the gate stops calling a Shopify that does not answer, or does not let us in. Plain data, stored with the gate.
 * `open` past its time is half-open: one call at a time goes as a probe until one succeeds. (An operator's stop is a
 * setting, not a state of this.)
 */
import { backoffSeconds } from "../backoff.ts";
import { FAILURES_BEFORE_PAUSE, FAULT_BACKOFF, RETRY_AFTER_SECONDS_MAX, SHUT_BACKOFF } from "./limits.ts";

export type Breaker =
  | { readonly kind: "closed"; readonly failures: number }
  | { readonly kind: "open"; readonly openings: number; readonly untilMs: number; readonly reason: string };

export type BreakerMode = "closed" | "open" | "half_open";

export const closedBreaker: Breaker = { kind: "closed", failures: 0 };

export function modeOf(breaker: Breaker, nowMs: number): BreakerMode {
  if (breaker.kind === "closed") return "closed";
  return nowMs < breaker.untilMs ? "open" : "half_open";
}

/** Shopify as a whole failed once: network, timeout, 5xx. A few in a row, or a Retry-After, make a pause. */
export function afterFault(
  breaker: Breaker,
  fault: { readonly reason: string; readonly retryAfterSeconds: number | null },
  nowMs: number,
  random: () => number,
): Breaker {
  // A late reply from before the pause is no news.
  if (modeOf(breaker, nowMs) === "open") return breaker;
  const failures = breaker.kind === "closed" ? breaker.failures + 1 : 0;
  if (breaker.kind === "closed" && failures < FAILURES_BEFORE_PAUSE && fault.retryAfterSeconds === null) {
    return { kind: "closed", failures };
  }
  const openings = openingsOf(breaker) + 1;
  const atLeast = Math.min(fault.retryAfterSeconds ?? 0, RETRY_AFTER_SECONDS_MAX);
  const waitSeconds = backoffSeconds(openings, FAULT_BACKOFF, random, atLeast);
  return { kind: "open", openings, untilMs: nowMs + waitSeconds * 1_000, reason: fault.reason };
}

/** What only a person can repair: pause at once, and for long. */
export function afterShut(breaker: Breaker, reason: string, nowMs: number, random: () => number): Breaker {
  const isSame = breaker.kind === "open" && breaker.reason === reason;
  if (isSame && modeOf(breaker, nowMs) === "open") return breaker;
  const openings = isSame ? breaker.openings + 1 : 1;
  const waitSeconds = backoffSeconds(openings, SHUT_BACKOFF, random);
  return { kind: "open", openings, untilMs: nowMs + waitSeconds * 1_000, reason };
}

const openingsOf = (breaker: Breaker): number => (breaker.kind === "open" ? breaker.openings : 0);
