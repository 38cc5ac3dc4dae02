/** When a shop is due for which reconciliation. Pure. */
import type { RunScope, RunTrigger } from "./run.ts";

/** What is remembered of a shop from one run to the next. Times are epoch ms. */
export type ShopMarks = {
  /** When its last run of this kind was asked for. */
  readonly allAtMs: number;
  readonly changedAtMs: number;
  /** Orders updated before were fetched, or told. Null: never. */
  readonly ordersSinceMs: number | null;
  /** Levels changed before were compared. Null: never. */
  readonly levelsSinceMs: number | null;
  /** The outage after which the last run was made ended then. */
  readonly outageEndedMs: number;
};

export type SchedulePolicy = { readonly changedEveryMs: number; readonly allEveryMs: number };

export type DueRun = { readonly scope: RunScope; readonly trigger: RunTrigger };

/**
 * A full run covers what a run of changes would. After an outage changes are enough: whatever happened at Shopify
 * meanwhile is stamped later than the last run.
 * @param outageEndedMs  when Shopify answered the gate again after the last outage; null: there was none
 */
export function dueRun(
  marks: ShopMarks,
  outageEndedMs: number | null,
  policy: SchedulePolicy,
  nowMs: number,
): DueRun | null {
  if (nowMs - marks.allAtMs >= policy.allEveryMs) return { scope: { kind: "all" }, trigger: "schedule" };
  if (outageEndedMs !== null && outageEndedMs > marks.outageEndedMs) {
    return { scope: { kind: "changed" }, trigger: "outage" };
  }
  if (nowMs - marks.changedAtMs >= policy.changedEveryMs) return { scope: { kind: "changed" }, trigger: "schedule" };
  return null;
}

/** Marks as they are once such a run was asked for. */
export function marksAfter(marks: ShopMarks, due: DueRun, outageEndedMs: number | null, nowMs: number): ShopMarks {
  return {
    ...marks,
    changedAtMs: nowMs,
    allAtMs: due.scope.kind === "all" ? nowMs : marks.allAtMs,
    outageEndedMs: Math.max(marks.outageEndedMs, outageEndedMs ?? 0),
  };
}
