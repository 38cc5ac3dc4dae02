/**
 * A mirror behind a circuit breaker: while Redis does not answer it is left alone. Without it a hung Redis would cost every
 * read its limit and every batch of events another second; with it a few calls find out, and the rest go to the counters at
 * once. One call at a time probes it when its pause is over. What is not written meanwhile heals by its TTL.
 */
import {
  afterFailure,
  afterSuccess,
  type Breaker,
  closedBreaker,
  probing,
  stateOf,
} from "../domain/breaker/breaker.ts";
import { type BreakerChange, changeOf } from "../domain/breaker/news.ts";
import type { BreakerPolicy } from "../domain/breaker/policies.ts";
import { type BreakerStatus, statusOf } from "../domain/breaker/status.ts";
import type { Mirror, MirrorRead, MirrorWrite } from "../services/mirror.ts";

export interface RestingMirrorDeps {
  readonly policy: BreakerPolicy;
  /** Each change, once: for log and numbers. */
  onChange(change: BreakerChange): void;
  nowMs(): number;
  random(): number;
}

const RESTING = { kind: "unavailable", reason: "resting" } as const;

export function restingMirror(
  mirror: Mirror,
  { policy, onChange, nowMs, random }: RestingMirrorDeps,
): Mirror & { breaker(): BreakerStatus } {
  let breaker: Breaker = closedBreaker;
  /** Until when a probe is under way: one whose request was cut off never comes back. */
  let probeUntilMs = 0;
  const become = (next: Breaker, now: number): void => {
    const change = changeOf(breaker, next, now);
    breaker = next;
    if (change !== null) onChange(change);
  };
  const mayCall = (now: number): boolean => {
    const state = stateOf(breaker, now);
    if (state === "closed") return true;
    if (state !== "half_open" || now < probeUntilMs) return false;
    become(probing(breaker, now), now);
    probeUntilMs = now + policy.probeMsMax;
    return true;
  };
  const guarded = async <Outcome extends MirrorRead | MirrorWrite>(
    call: () => Promise<Outcome>,
  ): Promise<Outcome | typeof RESTING> => {
    const startedMs = nowMs();
    if (!mayCall(startedMs)) return RESTING;
    const isProbe = breaker.kind === "half_open";
    const outcome = await call();
    if (isProbe) probeUntilMs = 0;
    const now = nowMs();
    if (outcome.kind === "unavailable") {
      const failure = { startedMs, reason: outcome.reason, retryAfterSeconds: null };
      become(afterFailure(breaker, failure, policy, now, random), now);
    } else become(afterSuccess(breaker, startedMs, policy, now), now);
    return outcome;
  };
  return {
    write: (views) => guarded(() => mirror.write(views)),
    read: (skus) => guarded(() => mirror.read(skus)),
    // Within milliseconds, and of no consequence: it neither probes nor counts.
    invalidate: async (skus, msMax) =>
      stateOf(breaker, nowMs()) === "closed" ? mirror.invalidate(skus, msMax) : undefined,
    ping: () => mirror.ping(),
    breaker: () => statusOf(breaker, policy, nowMs()),
  };
}
