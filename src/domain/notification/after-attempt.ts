/** What follows from one try to tell a destination. */
import type { Heard } from "../reply-beginning.ts";
import type { NotifyDestination } from "./destination.ts";

/** What a try came to. */
export type AttemptResult =
  | ({ readonly kind: "told" } & Heard)
  /** Nothing was sent: its breaker is not closed. No try is spent. Null: nobody knows until when. */
  | { readonly kind: "wait"; readonly untilMs: number | null; readonly reason: string }
  /** It wants no more (410). */
  | ({ readonly kind: "gone"; readonly reason: string } & Heard)
  | ({ readonly kind: "failed"; readonly reason: string; readonly retryAfterSeconds: number | null } & Heard);

export type RetryPolicy = {
  /** Before the second try, the third …; after the last of them it is given up. */
  readonly pausesMs: readonly number[];
  /** Of what waits for a breaker that nobody knows the end of. */
  readonly unknownWaitMs: number;
  /** Nothing but failures for so long, and so many: it is disabled. */
  readonly disableAfterMs: number;
  readonly disableAfterFailures: number;
};

export type DeliveryStep =
  | { readonly kind: "sent" }
  | { readonly kind: "again"; readonly dueAtMs: number; readonly isSpent: boolean }
  | { readonly kind: "given_up" };

export type AfterAttempt = {
  readonly step: DeliveryStep;
  readonly failingSinceMs: number | null;
  readonly failures: number;
  /** Why it is disabled from now on; null: it is not. */
  readonly disable: string | null;
};

/** @param attempts  tries before this one */
export function afterAttempt(
  destination: Pick<NotifyDestination, "failingSinceMs" | "failures">,
  attempts: number,
  result: AttemptResult,
  policy: RetryPolicy,
  nowMs: number,
  random: () => number,
): AfterAttempt {
  const { failingSinceMs, failures } = destination;
  const asBefore = { failingSinceMs, failures, disable: null };
  if (result.kind === "told") return { step: { kind: "sent" }, failingSinceMs: null, failures: 0, disable: null };
  if (result.kind === "wait") {
    const dueAtMs = result.untilMs ?? nowMs + policy.unknownWaitMs;
    return { ...asBefore, step: { kind: "again", dueAtMs: Math.max(dueAtMs, nowMs), isSpent: false } };
  }
  const failed = { failingSinceMs: failingSinceMs ?? nowMs, failures: failures + 1 };
  if (result.kind === "gone") return { ...failed, step: { kind: "given_up" }, disable: result.reason };
  const isHopeless =
    failed.failures >= policy.disableAfterFailures && nowMs - failed.failingSinceMs >= policy.disableAfterMs;
  const disable = isHopeless ? `${failed.failures} failures in a row, the newest: ${result.reason}` : null;
  const pauseMs = policy.pausesMs[attempts];
  if (pauseMs === undefined || isHopeless) return { ...failed, step: { kind: "given_up" }, disable };
  // Up to a fifth more, so that what failed together does not come back together.
  const jitteredMs = Math.ceil(pauseMs * (1 + random() / 5));
  const dueAtMs = nowMs + Math.max(jitteredMs, (result.retryAfterSeconds ?? 0) * 1_000);
  return { ...failed, step: { kind: "again", dueAtMs, isSpent: true }, disable };
}
