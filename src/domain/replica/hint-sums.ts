/**
 * What the levels, and the alarm, need to know of all hints of a listing. A flash sale leaves thousands, and each call of a
 * counter asks several times, so it is counted once per map of hints: a batch that brings no hint costs no pass over them.
 */
import type { HintId, LocationId } from "../ids.ts";
import type { Hint } from "./state.ts";

export type HintSums = {
  /** Units that orders have taken and no level has shown, per predicted location; ≥ 0, locations without any are missing. */
  readonly anticipated: ReadonlyMap<LocationId, number>;
  /** Those of them that are committed. */
  readonly committed: ReadonlyMap<LocationId, number>;
  /** When the oldest hint that is not fully explained came, and the oldest that is; our clock, Infinity: none. */
  readonly firstOpenMs: number;
  readonly firstExplainedMs: number;
};

const counted = new WeakMap<ReadonlyMap<HintId, Hint>, HintSums>();

/** @param hints  of a listing between two batches: what is counted once must not change any more */
export function hintSums(hints: ReadonlyMap<HintId, Hint>): HintSums {
  const known = counted.get(hints);
  if (known !== undefined) return known;
  const sums = count(hints.values());
  counted.set(hints, sums);
  return sums;
}

function count(hints: Iterable<Hint>): HintSums {
  const anticipated = new Map<LocationId, number>();
  const committed = new Map<LocationId, number>();
  let firstOpenMs = Number.POSITIVE_INFINITY;
  let firstExplainedMs = Number.POSITIVE_INFINITY;
  for (const { left, predicted, seenMs, commits } of hints) {
    if (left === 0) firstExplainedMs = Math.min(firstExplainedMs, seenMs);
    else firstOpenMs = Math.min(firstOpenMs, seenMs);
    if (left >= 0) continue;
    anticipated.set(predicted, (anticipated.get(predicted) ?? 0) - left);
    if (commits) committed.set(predicted, (committed.get(predicted) ?? 0) - left);
  }
  return { anticipated, committed, firstOpenMs, firstExplainedMs };
}
