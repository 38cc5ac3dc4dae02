/**
 * When calls to a destination stop, and when they are tried again. Plain data, kept as JSON by whoever owns it: a shop's
 * gate, a destination's object, an isolate (Redis). Four states: `closed` passes calls; `open` passes none until its pause
 * is over; `half_open` passes one probe at a time; `isolated` passes none until an operator releases it. Time alone makes
 * an open breaker half-open: `stateOf` says so, and `probing` writes it down when the first probe leaves.
 * @see https://martinfowler.com/bliki/CircuitBreaker.html
 */
import { type BackoffPolicy, backoffSeconds } from "../backoff.ts";
import { type CallWindow, noCalls, sumOf, withCall } from "./call-window.ts";
import type { BreakerPolicy } from "./policies.ts";

export const BREAKER_STATES = ["closed", "half_open", "open", "isolated"] as const;
export type BreakerState = (typeof BREAKER_STATES)[number];

/** Epoch milliseconds throughout. `openedAtMs`: since when calls have not simply passed; half-open counts as not. */
export type Breaker =
  | { readonly kind: "closed"; readonly sinceMs: number; readonly failuresInRow: number; readonly window: CallWindow }
  | ({ readonly kind: "open"; readonly untilMs: number; readonly openings: number } & Opened)
  | ({ readonly kind: "half_open"; readonly succeeded: number; readonly openings: number } & Opened)
  | ({ readonly kind: "isolated"; readonly by: string } & Opened);

type Opened = { readonly sinceMs: number; readonly openedAtMs: number; readonly reason: string };

export const closedBreaker: Breaker = { kind: "closed", sinceMs: 0, failuresInRow: 0, window: noCalls };

export function stateOf(breaker: Breaker, nowMs: number): BreakerState {
  return breaker.kind === "open" && nowMs >= breaker.untilMs ? "half_open" : breaker.kind;
}

/** A call of this moment passes: of an open breaker whose pause is over it is the first probe. */
export function probing(breaker: Breaker, nowMs: number): Breaker {
  if (breaker.kind !== "open" || nowMs < breaker.untilMs) return breaker;
  const { openings, openedAtMs, reason } = breaker;
  return { kind: "half_open", succeeded: 0, openings, sinceMs: nowMs, openedAtMs, reason };
}

/** @param startedMs  when the call left: one from before the present state is no news about it */
export function afterSuccess(breaker: Breaker, startedMs: number, policy: BreakerPolicy, nowMs: number): Breaker {
  if (isLate(breaker, startedMs)) return breaker;
  if (breaker.kind === "closed") {
    return { ...breaker, failuresInRow: 0, window: withCall(breaker.window, false, policy.windowMs, nowMs) };
  }
  if (breaker.kind !== "half_open") return breaker;
  const succeeded = breaker.succeeded + 1;
  return succeeded < policy.probesMin ? { ...breaker, succeeded } : { ...closedBreaker, sinceMs: nowMs };
}

export type Failure = {
  readonly startedMs: number;
  readonly reason: string;
  /** A destination that says for how long opens the breaker at once. */
  readonly retryAfterSeconds: number | null;
};

/** Only a failure opens: a success that completes a bad window is no reason to stop. */
export function afterFailure(
  breaker: Breaker,
  { startedMs, reason, retryAfterSeconds }: Failure,
  policy: BreakerPolicy,
  nowMs: number,
  random: () => number,
): Breaker {
  if (isLate(breaker, startedMs) || breaker.kind === "open" || breaker.kind === "isolated") return breaker;
  const atLeast = Math.min(retryAfterSeconds ?? 0, policy.retryAfterSecondsMax);
  if (breaker.kind === "half_open") {
    return opened(
      breaker,
      breaker.openings + 1,
      reason,
      backoffMs(policy.pause, breaker.openings + 1, random, atLeast),
      nowMs,
    );
  }
  const failuresInRow = breaker.failuresInRow + 1;
  const window = withCall(breaker.window, true, policy.windowMs, nowMs);
  const { calls, failures } = sumOf(window, policy.windowMs, nowMs);
  const isOften = calls >= policy.callsMin && failures >= calls * policy.failureShareMin;
  if (!isOften && failuresInRow < policy.failuresInRowMax && retryAfterSeconds === null) {
    return { ...breaker, failuresInRow, window };
  }
  return opened(breaker, 1, reason, backoffMs(policy.pause, 1, random, atLeast), nowMs);
}

/**
 * It lets nobody in, and only a person can mend that (a frozen shop, a missing scope): opens at once, by pauses of its own.
 * The same reason again makes them longer; another one begins anew.
 */
export function afterShut(
  breaker: Breaker,
  { startedMs, reason }: Pick<Failure, "startedMs" | "reason">,
  pause: BackoffPolicy,
  nowMs: number,
  random: () => number,
): Breaker {
  if (breaker.kind === "isolated" || isLate(breaker, startedMs)) return breaker;
  const isSame = breaker.kind !== "closed" && breaker.reason === reason;
  if (isSame && stateOf(breaker, nowMs) === "open") return breaker;
  const openings = isSame ? breaker.openings + 1 : 1;
  return opened(breaker, openings, reason, backoffMs(pause, openings, random, 0), nowMs);
}

/** An operator stops all calls, until `released`. */
export const isolated = (breaker: Breaker, by: string, reason: string, nowMs: number): Breaker => ({
  kind: "isolated",
  by,
  reason,
  sinceMs: breaker.kind === "isolated" ? breaker.sinceMs : nowMs,
  openedAtMs: openedAtMs(breaker) ?? nowMs,
});

/** An operator lets calls pass again: probes first, whatever made him stop them may last. */
export const released = (breaker: Breaker, nowMs: number): Breaker =>
  breaker.kind === "isolated" ? probedNext(breaker, nowMs) : breaker;

/** An operator says that the cause of a pause is gone: the next call is a probe. An isolation stays. */
export const hastened = (breaker: Breaker, nowMs: number): Breaker =>
  breaker.kind === "open" ? probedNext(breaker, nowMs) : breaker;

/** Since when calls have not simply passed; null: they do. */
export const openedAtMs = (breaker: Breaker): number | null => (breaker.kind === "closed" ? null : breaker.openedAtMs);

/**
 * From storage. What an older version wrote there is begun anew: the next failures open it again. A clock that went back
 * must not make every call look like one from before the present state.
 */
export function revivedBreaker(stored: unknown, nowMs: number): Breaker {
  const isKnown = typeof stored === "object" && stored !== null && "sinceMs" in stored && "kind" in stored;
  if (!isKnown || !BREAKER_STATES.some((state) => state === stored.kind)) return closedBreaker;
  const breaker = stored as Breaker;
  return breaker.sinceMs <= nowMs ? breaker : { ...breaker, sinceMs: nowMs };
}

const probedNext = ({ openedAtMs, reason }: Opened, nowMs: number): Breaker => ({
  ...{ kind: "half_open", succeeded: 0, openings: 0, sinceMs: nowMs },
  ...{ openedAtMs, reason },
});

const opened = (breaker: Breaker, openings: number, reason: string, pauseMs: number, nowMs: number): Breaker => ({
  ...{ kind: "open", sinceMs: nowMs, openedAtMs: openedAtMs(breaker) ?? nowMs },
  ...{ untilMs: nowMs + pauseMs, openings, reason },
});

const backoffMs = (pause: BackoffPolicy, openings: number, random: () => number, atLeastSeconds: number): number =>
  backoffSeconds(openings, pause, random, atLeastSeconds) * 1_000;

const isLate = (breaker: Breaker, startedMs: number): boolean => startedMs < breaker.sinceMs;
