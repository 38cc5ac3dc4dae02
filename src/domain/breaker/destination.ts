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
};

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
): { readonly state: DestinationState; readonly admission: Admission } {
  const { breaker } = state;
  if (breaker.kind === "closed") return { state, admission: { kind: "go", permit: { startedMs: nowMs } } };
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
