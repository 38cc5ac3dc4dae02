/**
 * The breaker of a destination that many invocations call at once: each asks before its call and reports after it. While
 * it is half-open one of them at a time holds the probe, for as long as a probe may take: a caller that dies gives it back.
 */
import {
  afterFailure,
  afterSuccess,
  type Breaker,
  closedBreaker,
  probing,
  revivedBreaker,
  stateOf,
} from "./breaker.ts";
import { type BreakerNews, withNews } from "./news.ts";
import type { BreakerPolicy } from "./policies.ts";

/** Plain data: what the object stores. */
export type DestinationState = {
  readonly breaker: Breaker;
  /** Until when somebody holds the probe; null: nobody does. */
  readonly probeUntilMs: number | null;
  readonly news: BreakerNews;
  /** How many paced calls may go at once, as of `atMs`; null: none was ever paced. */
  readonly pace?: { readonly calls: number; readonly atMs: number } | null;
};

/** How often this caller may call. An urgent call waits for nobody, and those behind it wait the longer. */
export type Pace = { readonly callsPerSecond: number; readonly urgent: boolean };

/** Goes along with the call, and comes back with its report. */
export type Permit = { readonly startedMs: number };

export type Admission =
  | { readonly kind: "go"; readonly permit: Permit }
  | { readonly kind: "wait"; readonly untilMs: number; readonly reason: string }
  | { readonly kind: "isolated"; readonly reason: string };

/** What a call came to. An answer of any kind, a refusal of what was sent included, says that the destination lives. */
export type CallReport =
  | { readonly kind: "answered" }
  | { readonly kind: "failed"; readonly reason: string; readonly retryAfterSeconds: number | null };

export const newDestination: DestinationState = { breaker: closedBreaker, probeUntilMs: null, news: [] };

/** Fields that an older version did not know get their first value. */
export const revivedDestination = (stored: Partial<DestinationState> | null, nowMs: number): DestinationState => ({
  ...newDestination,
  ...stored,
  breaker: revivedBreaker(stored?.breaker, nowMs),
});

export function admit(
  state: DestinationState,
  policy: BreakerPolicy,
  nowMs: number,
  pace: Pace | null = null,
): { readonly state: DestinationState; readonly admission: Admission } {
  const { breaker } = state;
  if (breaker.kind === "closed") return paced(state, pace, nowMs);
  const { reason } = breaker;
  if (breaker.kind === "isolated") return { state, admission: { kind: "isolated", reason } };
  if (breaker.kind === "open" && stateOf(breaker, nowMs) === "open") {
    return { state, admission: { kind: "wait", untilMs: breaker.untilMs, reason } };
  }
  if (state.probeUntilMs !== null && nowMs < state.probeUntilMs) {
    return { state, admission: { kind: "wait", untilMs: state.probeUntilMs, reason } };
  }
  const probed = { ...withBreaker(state, probing(breaker, nowMs), nowMs), probeUntilMs: nowMs + policy.probeMsMax };
  return { state: probed, admission: { kind: "go", permit: { startedMs: nowMs } } };
}

/** Sums of fractions: who was told when to come must not come in vain. */
const ROUNDING = 1e-9;

/** Up to a second's calls go at once; then one for each that has been waited for. */
function paced(
  state: DestinationState,
  pace: Pace | null,
  nowMs: number,
): { readonly state: DestinationState; readonly admission: Admission } {
  const go: Admission = { kind: "go", permit: { startedMs: nowMs } };
  if (pace === null) return { state, admission: go };
  const { callsPerSecond, urgent } = pace;
  const { calls, atMs } = state.pace ?? { calls: callsPerSecond, atMs: nowMs };
  const burst = Math.max(1, callsPerSecond);
  const free = Math.min(burst, calls + (Math.max(0, nowMs - atMs) * callsPerSecond) / 1_000);
  if (free < 1 - ROUNDING && !urgent) {
    const untilMs = nowMs + Math.ceil(((1 - free) * 1_000) / callsPerSecond);
    return { state, admission: { kind: "wait", untilMs, reason: "pace" } };
  }
  // Urgent calls owe a burst at most: a stop-sell of everything must not silence the channel for minutes.
  return { state: { ...state, pace: { calls: Math.max(-burst, free - 1), atMs: nowMs } }, admission: go };
}

export function reported(
  state: DestinationState,
  { startedMs }: Permit,
  report: CallReport,
  policy: BreakerPolicy,
  nowMs: number,
  random: () => number,
): DestinationState {
  const { breaker } = state;
  const after =
    report.kind === "answered"
      ? afterSuccess(breaker, startedMs, policy, nowMs)
      : afterFailure(breaker, { ...report, startedMs }, policy, nowMs, random);
  // The report of a call from before the present state is not the probe's.
  const isProbe = breaker.kind === "half_open" && startedMs >= breaker.sinceMs;
  return { ...withBreaker(state, after, nowMs), probeUntilMs: isProbe ? null : state.probeUntilMs };
}

export const withBreaker = (state: DestinationState, breaker: Breaker, nowMs: number): DestinationState =>
  breaker === state.breaker ? state : { ...state, breaker, news: withNews(state.news, state.breaker, breaker, nowMs) };
