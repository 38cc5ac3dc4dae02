/**
 * Levels at a past moment, from what is kept for ever: movements, and the daily balances that the oldest are folded into.
 * The sum may run from the balances forward to the moment, or from the moment to the present and be taken off it: both say
 * the same, and the shorter way is taken. Pure; the counter adds up the rows, a bounded number at a time.
 */
import type { LocationId } from "../ids.ts";
import type { State } from "./own-book.ts";

/** Of one location: Σ of all movements, and the states of our own units. Shopify's committed is measured, and not in it. */
export type PastLevels = Readonly<Record<State, number>> & { readonly ledger: number };
export type LevelsByLocation = ReadonlyMap<LocationId, PastLevels>;

const NOTHING: PastLevels = { ledger: 0, reserved: 0, committed: 0, damaged: 0, safetyStock: 0 };

export const plus = (a: LevelsByLocation, b: LevelsByLocation): LevelsByLocation => combined(a, b, 1);
export const minus = (a: LevelsByLocation, b: LevelsByLocation): LevelsByLocation => combined(a, b, -1);

function combined(a: LevelsByLocation, b: LevelsByLocation, sign: 1 | -1): LevelsByLocation {
  const sum = new Map(a);
  for (const [location, levels] of b) {
    const known = sum.get(location) ?? NOTHING;
    sum.set(location, {
      ledger: known.ledger + sign * levels.ledger,
      reserved: known.reserved + sign * levels.reserved,
      committed: known.committed + sign * levels.committed,
      damaged: known.damaged + sign * levels.damaged,
      safetyStock: known.safetyStock + sign * levels.safetyStock,
    });
  }
  return sum;
}

/** How far a counter's rows reach. */
export type HistoryReach = {
  /** Number and time of the newest movement that was folded into balances; 0 and null: none was. */
  readonly foldedSeq: number;
  readonly foldedMs: number | null;
  /** Number of the newest movement. */
  readonly seq: number;
};

/** A sum under way: what a caller gives back to go on. */
export type HistorySum = {
  readonly from: "balances" | "moment";
  /** Number of the newest movement at or before the moment. */
  readonly momentSeq: number;
  /** Rows up to this number are added up. */
  readonly doneSeq: number;
  readonly sums: readonly (readonly [LocationId, PastLevels])[];
};

export type HistoryPlan =
  /** The rows of that day are folded: what is known is how it began. */
  | { readonly kind: "day"; readonly beforeDay: string; readonly atMs: number }
  | { readonly kind: "sum"; readonly sum: HistorySum };

/**
 * @param momentSeq  number of the newest kept movement at or before the moment; 0: none is kept
 * @param under  a sum under way
 */
export function planHistory(
  atMs: number,
  momentSeq: number,
  reach: HistoryReach,
  under: HistorySum | null,
): HistoryPlan {
  if (reach.foldedMs !== null && atMs < reach.foldedMs) {
    const beforeDay = new Date(atMs).toISOString().slice(0, 10);
    return { kind: "day", beforeDay, atMs: Date.parse(beforeDay) };
  }
  // What was pruned meanwhile may have been counted already: it is counted again, from the start.
  if (under !== null && under.doneSeq >= reach.foldedSeq) return { kind: "sum", sum: under };
  const moment = Math.max(momentSeq, reach.foldedSeq);
  const isNear = reach.seq - moment < moment - reach.foldedSeq;
  const doneSeq = isNear ? moment : reach.foldedSeq;
  const from = isNear ? "moment" : "balances";
  return { kind: "sum", sum: { from, momentSeq: moment, doneSeq, sums: [] } };
}
