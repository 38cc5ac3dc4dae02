/**
 * What the gate does next, from all that it knows: the one place where catches, pauses, connections, bucket and order of
 * precedence meet. Asked again after each step until it says wait. Order: token, urgent pushes, frozen calls, other pushes,
 * reads; a probe where none of them may go. (What leads a call of pushes: lane.ts. Imports ask for themselves, and come last.)
 */

import { type Breaker, stateOf } from "../breaker/breaker.ts";
import type { CallKey } from "../ids.ts";
import { admit, type Budget } from "./budget.ts";
import {
  MUTATIONS_IN_FLIGHT_MAX,
  PROBE_COST,
  READ_COLLECT_MS,
  READS_IN_FLIGHT_MAX,
  URGENT_BEFORE_FROZEN_MS_MAX,
} from "./limits.ts";

export type TokenState = "ready" | "ageing" | "missing";

export type GateView = {
  readonly nowMs: number;
  readonly readOnly: boolean;
  readonly stopped: boolean;
  /** A Shopify of which nothing is asked is probed all the same, so that the end of an outage is noticed. */
  readonly mayProbe: boolean;
  readonly token: TokenState;
  /** A token is being fetched. */
  readonly isTokenComing: boolean;
  readonly breaker: Breaker;
  readonly readBreaker: Breaker;
  readonly tokenBreaker: Breaker;
  readonly budget: Budget;
  readonly mutationCost: number;
  readonly inFlight: { readonly mutations: number; readonly reads: number; readonly others: number };
  /** Frozen calls that are not in flight. */
  readonly frozen: readonly { readonly callKey: CallKey; readonly nextTryMs: number }[];
  /** When the first push that nothing holds back may go; null if there is none. */
  readonly pushAtMs: number | null;
  /** One of those that may go now is urgent. */
  readonly hasUrgent: boolean;
  /** The chunk of reads that would go next. */
  readonly reads: { readonly oldestMs: number; readonly cost: number } | null;
};

export type GateStep =
  | { readonly kind: "fetch_token" }
  | { readonly kind: "send_again"; readonly callKey: CallKey }
  | { readonly kind: "send_call" }
  | { readonly kind: "send_read" }
  /** The least query there is: nothing else could tell whether Shopify is back. */
  | { readonly kind: "probe" }
  /** `untilMs` null: only news can change anything. `reason` null: nothing is held up. */
  | { readonly kind: "wait"; readonly untilMs: number | null; readonly reason: string | null };

export function planStep(view: GateView): GateStep {
  const { nowMs, breaker } = view;
  if (view.stopped) return { kind: "wait", untilMs: null, reason: "stopped" };
  if (breaker.kind === "isolated") return { kind: "wait", untilMs: null, reason: "isolated" };
  if (breaker.kind === "open" && nowMs < breaker.untilMs) {
    return { kind: "wait", untilMs: breaker.untilMs, reason: breaker.reason };
  }
  const isHalfOpen = stateOf(breaker, nowMs) === "half_open";
  if (!hasWork(view) && !(isHalfOpen && view.mayProbe)) return { kind: "wait", untilMs: null, reason: null };
  const token = planToken(view);
  if (token !== null) return token;
  const { mutations, reads, others } = view.inFlight;
  // Half open: one probe at a time says whether Shopify is back.
  if (isHalfOpen && mutations + reads + others > 0) {
    return { kind: "wait", untilMs: null, reason: breaker.kind === "closed" ? null : breaker.reason };
  }
  const push = planPush(view);
  if (push.kind !== "wait") return push;
  const read = planRead(view);
  if (read.kind !== "wait") return read;
  if (isHalfOpen && view.mayProbe) return planProbe(view);
  return { ...push, untilMs: earlier(push.untilMs, read.untilMs) };
}

/** Pushes wait that nothing but pace, bucket or connections holds back: reads then make room. */
export const pushesWait = ({ readOnly, frozen, pushAtMs, nowMs }: Omit<GateView, "reads" | "inFlight">): boolean =>
  !readOnly && (frozen.some(({ nextTryMs }) => nextTryMs <= nowMs) || (pushAtMs !== null && pushAtMs <= nowMs));

const hasWork = (view: GateView): boolean =>
  view.reads !== null || (!view.readOnly && (view.frozen.length > 0 || view.pushAtMs !== null));

/** @returns null where calls may go with the token at hand */
function planToken({ token, isTokenComing, tokenBreaker, nowMs }: GateView): GateStep | null {
  if (token === "ready") return null;
  if (!isTokenComing && stateOf(tokenBreaker, nowMs) !== "open") return { kind: "fetch_token" };
  if (token === "ageing") return null; // good for some minutes yet
  if (isTokenComing || tokenBreaker.kind === "closed") return { kind: "wait", untilMs: null, reason: "no_token" };
  return { kind: "wait", untilMs: untilOf(tokenBreaker), reason: tokenBreaker.reason };
}

function planPush(view: GateView): GateStep {
  const { nowMs, budget, frozen, pushAtMs } = view;
  if (view.readOnly) return { kind: "wait", untilMs: null, reason: "read_only" };
  const dueAtMs = [...frozen.map(({ nextTryMs }) => nextTryMs), ...(pushAtMs === null ? [] : [pushAtMs])];
  if (dueAtMs.length === 0) return { kind: "wait", untilMs: null, reason: null };
  if (view.inFlight.mutations >= MUTATIONS_IN_FLIGHT_MAX) return { kind: "wait", untilMs: null, reason: "pacing" };
  const firstMs = Math.min(...dueAtMs);
  if (firstMs > nowMs) return { kind: "wait", untilMs: firstMs, reason: null };
  const admission = admit(budget, { kind: "mutation", cost: view.mutationCost, pushesWait: true }, nowMs);
  if (admission.kind === "at") return { kind: "wait", untilMs: admission.atMs, reason: reasonOfWait(view) };
  // An unknown outcome holds its SKUs up, so it is resolved before anything new is begun; but a shop that shows too much
  // cannot wait for it, for a while.
  const again = frozen.find(({ nextTryMs }) => nextTryMs <= nowMs);
  const isPassed = again !== undefined && view.hasUrgent && nowMs < again.nextTryMs + URGENT_BEFORE_FROZEN_MS_MAX;
  return again === undefined || isPassed ? { kind: "send_call" } : { kind: "send_again", callKey: again.callKey };
}

function planRead(view: GateView): GateStep {
  const { nowMs, reads, readBreaker, budget } = view;
  const wait = (untilMs: number | null): GateStep => ({ kind: "wait", untilMs, reason: null });
  if (reads === null || view.inFlight.reads >= READS_IN_FLIGHT_MAX) return wait(null);
  if (readBreaker.kind === "open" && nowMs < readBreaker.untilMs) return wait(readBreaker.untilMs);
  const gatheredMs = reads.oldestMs + READ_COLLECT_MS;
  if (nowMs < gatheredMs) return wait(gatheredMs);
  const admission = admit(budget, { kind: "read", cost: reads.cost, pushesWait: pushesWait(view) }, nowMs);
  return admission.kind === "now" ? { kind: "send_read" } : wait(admission.atMs);
}

/** Whatever waits is not due for a while, or there is nothing: two answers close the breaker, and all may go. */
function planProbe({ budget, nowMs }: GateView): GateStep {
  const admission = admit(budget, { kind: "read", cost: PROBE_COST, pushesWait: false }, nowMs);
  return admission.kind === "now" ? { kind: "probe" } : { kind: "wait", untilMs: admission.atMs, reason: "throttled" };
}

const untilOf = (breaker: Breaker): number | null => (breaker.kind === "open" ? breaker.untilMs : null);

const reasonOfWait = ({ budget, nowMs }: GateView): string => (nowMs < budget.blockedUntilMs ? "throttled" : "pacing");

const earlier = (a: number | null, b: number | null): number | null =>
  a === null ? b : b === null ? a : Math.min(a, b);
