/**
 * The call journal's heart: what one attempt's verdict means for its call and its pushes (rules 5 to 11, 14). Pure: the
 * store writes what comes out in one transaction. The one distinction that matters is `tainted`: once an attempt had no
 * definite reply, its request may still arrive at any time, so nothing but the exact same call may follow it.
 */
import { backoffSeconds } from "../backoff.ts";
import type { CallKey, ShopLocationId } from "../ids.ts";
import type { AdjustVerdict, RowFault } from "./judge-adjust.ts";
import { CALL_BACKOFF, CALL_EXPIRES_MS, RETRY_AFTER_SECONDS_MAX } from "./limits.ts";
import type { CallPush, LevelAfter, PushOutcome, Row } from "./push.ts";
import type { AdjustChange } from "./reply.ts";

export type OpenCall = {
  readonly callKey: CallKey;
  /** When its first attempt was stored: Shopify's retention of the key counts from here. */
  readonly firstAtMs: number;
  /** Attempts so far, the one being judged included. */
  readonly attempts: number;
  /** An attempt was stored and no definite reply to it is known. */
  readonly isTainted: boolean;
  readonly pushes: readonly CallPush[];
};

export type QueuedAgain = {
  readonly push: CallPush;
  /** Goes in a call of its own next time, so that an error that names no row still finds its push. */
  readonly isAlone: boolean;
  readonly notBeforeMs: number;
};

export type CallStep =
  | { readonly kind: "done"; readonly outcomes: readonly PushOutcome[] }
  /** Tainted: the same key and variables again, not before. */
  | { readonly kind: "frozen"; readonly nextTryMs: number; readonly code: string; readonly message: string }
  /** Tainted, and nothing more may be sent under its key: waits for its expiry and an operator. */
  | { readonly kind: "stuck"; readonly code: string; readonly message: string }
  /** The call is over and was not applied. */
  | {
      readonly kind: "released";
      readonly failed: readonly PushOutcome[];
      readonly queued: readonly QueuedAgain[];
      readonly code: string;
    };

export function afterAttempt(call: OpenCall, verdict: AdjustVerdict, nowMs: number, random: () => number): CallStep {
  switch (verdict.kind) {
    case "applied":
      return { kind: "done", outcomes: applied(call, verdict.atMs, verdict.changes) };
    case "previous_failed":
      return released(call, nowMs, random, { pauses: true, code: verdict.code });
    case "mismatch":
      return { kind: "stuck", code: verdict.code, message: verdict.message };
    case "unclear":
      return frozen(call, verdict, nowMs, random, verdict.retryAfterSeconds);
    case "rate_limited":
      if (call.isTainted) return frozen(call, verdict, nowMs, random, verdict.retryAfterSeconds);
      return released(call, nowMs, random, { pauses: false, code: verdict.code });
    case "throttled":
    case "unauthorized":
    case "shut":
    case "denied":
    case "refused":
      if (call.isTainted) return frozen(call, verdict, nowMs, random, null);
      // The budget, the token or the breaker make them wait; the pushes themselves are ready.
      return released(call, nowMs, random, { pauses: false, code: verdict.code });
    case "call_refused":
      if (call.isTainted) return frozen(call, verdict, nowMs, random, null);
      return released(call, nowMs, random, { pauses: true, code: verdict.code });
    case "rows_refused":
      if (call.isTainted) return frozen(call, verdict, nowMs, random, null);
      return parted(call, verdict, nowMs);
    case "too_large":
      if (call.isTainted) return frozen(call, verdict, nowMs, random, null);
      // A push is never split: one whose own rows are too many cannot be sent. A single row can never be too many.
      return call.pushes.length === 1 && rowsOf(call.pushes).length > 1
        ? parted(call, { ...verdict, rows: [], hasUnnamed: true }, nowMs)
        : released(call, nowMs, random, { pauses: false, code: verdict.code });
  }
}

/** Rule 14: after this no re-send is safe, because Shopify may have forgotten the key. */
export const isExpired = (call: Pick<OpenCall, "firstAtMs" | "isTainted">, nowMs: number): boolean =>
  call.isTainted && nowMs >= call.firstAtMs + CALL_EXPIRES_MS;

/** Rows in the order in which the call carries them: a userError names a row by its number here. */
export const rowsOf = (pushes: readonly Pick<CallPush, "rows">[]): readonly Row[] => pushes.flatMap(({ rows }) => rows);

function applied(call: OpenCall, atMs: number | null, changes: readonly AdjustChange[]): readonly PushOutcome[] {
  // A replay's answer is rebuilt from the present, so its quantities belong to no moment that we know (B2).
  const isFirst = call.attempts === 1 && !call.isTainted && atMs !== null;
  return call.pushes.map((push) => {
    const { pushKey, listingId } = push;
    return { kind: "applied", pushKey, listingId, atMs, after: isFirst ? levelsAfter(push.rows, changes) : [] };
  });
}

function levelsAfter(rows: readonly Row[], changes: readonly AdjustChange[]): readonly LevelAfter[] {
  return rows.flatMap(({ item, location, delta }) => {
    const change = changes.find(
      (each) => each.name === "available" && each.item === item && each.location === location && each.delta === delta,
    );
    const quantity = change?.quantityAfter ?? null;
    return quantity === null ? [] : [{ location, quantity }];
  });
}

function frozen(
  call: OpenCall,
  { code, message }: { readonly code: string; readonly message: string },
  nowMs: number,
  random: () => number,
  retryAfterSeconds: number | null,
): CallStep {
  const atLeast = Math.min(retryAfterSeconds ?? 0, RETRY_AFTER_SECONDS_MAX);
  const waitSeconds = backoffSeconds(call.attempts, CALL_BACKOFF, random, atLeast);
  return { kind: "frozen", nextTryMs: nowMs + waitSeconds * 1_000, code, message };
}

function released(
  call: OpenCall,
  nowMs: number,
  random: () => number,
  { pauses, code }: { readonly pauses: boolean; readonly code: string },
): CallStep {
  const queued = call.pushes.map((push) => ({
    push,
    isAlone: false,
    notBeforeMs: pauses ? nowMs + backoffSeconds(push.tries, CALL_BACKOFF, random) * 1_000 : nowMs,
  }));
  return { kind: "released", failed: [], queued, code };
}

/** Rule 9: pushes that own a named row failed; the others go again with the same deltas, and their counters hear nothing. */
function parted(
  call: OpenCall,
  verdict: { readonly rows: readonly RowFault[]; readonly hasUnnamed: boolean } & Pick<RowFault, "code" | "message">,
  nowMs: number,
): CallStep {
  const { rows, hasUnnamed, code, message } = verdict;
  const failed: PushOutcome[] = [];
  const queued: QueuedAgain[] = [];
  let first = 0;
  for (const push of call.pushes) {
    const { pushKey, listingId } = push;
    const own = rows.filter(({ row }) => row >= first && row < first + push.rows.length);
    const fault = own[0];
    if (fault !== undefined) {
      const park = new Set(
        own.flatMap(({ row }): readonly ShopLocationId[] => {
          const location = push.rows[row - first]?.location;
          return location === undefined ? [] : [location];
        }),
      );
      failed.push({ kind: "failed", pushKey, listingId, code: fault.code, message: fault.message, park: [...park] });
    } else if (hasUnnamed && call.pushes.length === 1) {
      // The error names no row, but there is only one push it can mean.
      const park = push.rows.map(({ location }) => location);
      failed.push({ kind: "failed", pushKey, listingId, code, message, park });
    } else {
      queued.push({ push, isAlone: hasUnnamed, notBeforeMs: nowMs });
    }
    first += push.rows.length;
  }
  return { kind: "released", failed, queued, code };
}
