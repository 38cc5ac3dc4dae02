/**
 * Shopify's cost bucket as we know it, and the pace we keep. Shopify's `throttleStatus` is the truth; in between the
 * bucket refills by the clock, and what is in flight is reserved. Two rules at once: the bucket must hold the points
 * (with a share kept for what matters more), and calls of a kind are spaced by cost ÷ rate, so that sustained work runs
 * evenly and gathers rows while it waits. The first call after idleness finds no spacing and goes at once.
 */
import { backoffSeconds } from "../backoff.ts";
import {
  OTHER_KEEPS_SHARE,
  OTHER_RATE_SHARE,
  RATE_LIMIT_BACKOFF,
  READ_KEEPS_SHARE,
  READ_RATE_SHARE,
  RETRY_AFTER_SECONDS_MAX,
} from "./limits.ts";
import type { QueryCost } from "./reply.ts";

export type CallKind = "mutation" | "read" | "other";

/** Points, and epoch milliseconds. Plain data: the gate stores it. */
export type Budget = {
  readonly maximum: number;
  readonly restorePerSecond: number;
  /** What the bucket held at `atMs`. */
  readonly available: number;
  readonly atMs: number;
  /** Points of calls in flight. */
  readonly reserved: number;
  /** Nothing goes before this: THROTTLED or 429 told us so. */
  readonly blockedUntilMs: number;
  /** Answers 429 in a row. */
  readonly limitedInRow: number;
  /** Where the next call of each kind is due. */
  readonly nextAtMs: Readonly<Record<CallKind, number>>;
};

/** Who else wants points just now: pushes then leave them their shares of the rate, and they keep to these. */
export type Request = {
  readonly kind: CallKind;
  readonly cost: number;
  readonly pushesWait: boolean;
  readonly readsWait?: boolean;
  readonly othersWait?: boolean;
};
/** What a call in flight has taken; handed back with its reply. */
export type Ticket = { readonly kind: CallKind; readonly cost: number; readonly msPerPoint: number };
export type Admission = { readonly kind: "now" } | { readonly kind: "at"; readonly atMs: number };

/** A shop on Shopify's smallest plan with a full bucket: the first reply corrects it. */
export const newBudget = (nowMs: number): Budget => ({
  maximum: 2_000,
  restorePerSecond: 100,
  available: 2_000,
  atMs: nowMs,
  reserved: 0,
  blockedUntilMs: 0,
  limitedInRow: 0,
  nextAtMs: { mutation: 0, read: 0, other: 0 },
});

/** After a restart nothing of ours is in flight any more, and a clock that went back must not freeze the shop. */
export const revivedBudget = (budget: Budget, nowMs: number): Budget => ({
  ...newBudget(nowMs),
  ...budget,
  reserved: 0,
  atMs: Math.min(budget.atMs, nowMs),
});

/** Points that are there now and that nobody in flight has taken; never below 0. */
export const pointsFree = (budget: Budget, nowMs: number): number =>
  Math.max(0, pointsAt(budget, nowMs) - budget.reserved);

/** Whether a call may go now, else when to ask again. */
export function admit(budget: Budget, request: Request, nowMs: number): Admission {
  // A call dearer than its share of the bucket would never pass: it then needs a full bucket.
  const needed = Math.min(request.cost + keptPoints(budget, request), budget.maximum);
  const missing = needed - (pointsAt(budget, nowMs) - budget.reserved);
  const filledAtMs = missing <= 0 ? nowMs : nowMs + Math.ceil((missing / budget.restorePerSecond) * 1_000);
  // Whole milliseconds, as clocks and tables have them.
  const atMs = Math.ceil(Math.max(filledAtMs, budget.nextAtMs[request.kind], budget.blockedUntilMs));
  return atMs <= nowMs ? { kind: "now" } : { kind: "at", atMs };
}

/** Take the points of a call that goes now. */
export function take(
  budget: Budget,
  request: Request,
  nowMs: number,
): { readonly budget: Budget; readonly ticket: Ticket } {
  const ticket = { kind: request.kind, cost: request.cost, msPerPoint: msPerPoint(budget, request) };
  const dueMs = Math.max(budget.nextAtMs[request.kind], nowMs) + request.cost * ticket.msPerPoint;
  return {
    budget: {
      ...budget,
      reserved: budget.reserved + request.cost,
      nextAtMs: { ...budget.nextAtMs, [request.kind]: dueMs },
    },
    ticket,
  };
}

/**
 * A call came back. Told costs replace our guess, in the bucket and in the spacing; without them (lost reply, 5xx) the
 * points count as spent.
 */
export function settle(budget: Budget, ticket: Ticket, told: QueryCost | null, nowMs: number): Budget {
  const reserved = Math.max(0, budget.reserved - ticket.cost);
  if (told === null) {
    return { ...budget, reserved, available: pointsAt(budget, nowMs) - ticket.cost, atMs: nowMs };
  }
  const unspent = ticket.cost - (told.actual ?? 0);
  const nextMs = budget.nextAtMs[ticket.kind] - unspent * ticket.msPerPoint;
  return {
    ...budget,
    maximum: told.maximum,
    restorePerSecond: told.restorePerSecond,
    available: told.available,
    atMs: nowMs,
    reserved,
    nextAtMs: { ...budget.nextAtMs, [ticket.kind]: nextMs },
  };
}

/** THROTTLED: wait until the bucket holds what was asked for, in whole seconds, at least one. */
export function throttled(budget: Budget, told: QueryCost | null, nowMs: number): Budget {
  const missing = told === null ? 0 : told.requested - told.available;
  const waitSeconds = told === null ? 1 : Math.max(1, Math.ceil(missing / told.restorePerSecond));
  return { ...budget, blockedUntilMs: Math.max(budget.blockedUntilMs, nowMs + waitSeconds * 1_000) };
}

/**
 * 429: the request was not looked at, and says nothing of the bucket. Wait as long as it says; where it says nothing, until
 * the bucket would have restored what was asked for, and longer with each repetition.
 * @param cost  points that were asked for
 */
export function rateLimited(
  budget: Budget,
  { retryAfterSeconds, cost }: { readonly retryAfterSeconds: number | null; readonly cost: number },
  nowMs: number,
  random: () => number,
): Budget {
  const limitedInRow = budget.limitedInRow + 1;
  const restoreSeconds = Math.ceil(cost / budget.restorePerSecond);
  const waitSeconds =
    retryAfterSeconds === null
      ? backoffSeconds(limitedInRow, RATE_LIMIT_BACKOFF, random, restoreSeconds)
      : Math.min(Math.max(1, Math.ceil(retryAfterSeconds)), RETRY_AFTER_SECONDS_MAX);
  return { ...budget, limitedInRow, blockedUntilMs: Math.max(budget.blockedUntilMs, nowMs + waitSeconds * 1_000) };
}

/** An answer that was no 429: whatever limited us does so no more. */
export const unlimited = (budget: Budget): Budget =>
  budget.limitedInRow === 0 ? budget : { ...budget, limitedInRow: 0 };

const pointsAt = (budget: Budget, nowMs: number): number => {
  const elapsedSeconds = Math.max(0, nowMs - budget.atMs) / 1_000;
  return Math.min(budget.maximum, budget.available + elapsedSeconds * budget.restorePerSecond);
};

function keptPoints(budget: Budget, { kind, pushesWait }: Request): number {
  switch (kind) {
    case "mutation":
      return 0;
    case "read":
      return pushesWait ? budget.maximum * READ_KEEPS_SHARE : 0;
    case "other":
      return budget.maximum * OTHER_KEEPS_SHARE;
  }
}

function msPerPoint(budget: Budget, request: Request): number {
  const { kind, pushesWait, readsWait = false, othersWait = false } = request;
  const whole = 1_000 / budget.restorePerSecond;
  // Else pushes without end would drain the bucket below what reads and imports leave in it, and shut them out.
  if (kind === "mutation") return whole / (1 - (readsWait ? READ_RATE_SHARE : 0) - (othersWait ? OTHER_RATE_SHARE : 0));
  if (pushesWait) return whole / READ_RATE_SHARE;
  // An import lives on what the bucket holds above the share it leaves: that paces it already.
  return kind === "read" ? whole : 0;
}
