/**
 * The one hard question of the merge: which of our pushes does a snapshot contain? Pushes to a level are sent one
 * after the other, so it contains a prefix of them. This file tells which prefixes are possible, and what Shopify's
 * own contribution then is. A prefix too few here is stock invented; one too many only costs a read.
 */
import type { LevelReplica, Snapshot } from "./state.ts";

/** The lowest and the highest contribution of Shopify that fits a snapshot. */
export type Reading = { readonly lowest: number; readonly highest: number };

/** Sum of all pushes ever sent to a level (Q). */
export function sentTotal(level: LevelReplica): number {
  return sumOfFirst(level, level.pushes.length);
}

/** What a snapshot says if it is newer than the base: it then contains at least what the base contains. */
export function readingIfNewer(level: LevelReplica, snapshot: Snapshot, tieMs: number): Reading {
  return readingFrom(level, snapshot, prefixIfNewer(level, snapshot, tieMs), tieMs);
}

/** What a snapshot says of its own moment, were it older than the base: pushes in the base may be missing from it. */
export function readingAtItsTime(level: LevelReplica, snapshot: Snapshot, tieMs: number): Reading {
  return readingFrom(level, snapshot, prefixByTime(level, snapshot, tieMs), tieMs);
}

/** Number of the newest push that a snapshot, newer than the base, certainly contains. */
export function newestContained(level: LevelReplica, snapshot: Snapshot, tieMs: number): number {
  const last = level.pushes[prefixIfNewer(level, snapshot, tieMs) - 1];
  return Math.max(level.containedN, last?.n ?? 0);
}

function readingFrom(level: LevelReplica, snapshot: Snapshot, certain: number, tieMs: number): Reading {
  let sum = sumOfFirst(level, certain);
  let lowest = snapshot.available - sum;
  let highest = lowest;
  for (let k = certain; k < level.pushes.length; k++) {
    const push = level.pushes[k];
    // It arrived before this push was sent, or it was stamped before this push was applied.
    if (push === undefined || push.n > snapshot.n) break;
    if (push.atMs !== null && push.atMs > snapshot.atMs + tieMs) break;
    sum += push.delta;
    lowest = Math.min(lowest, snapshot.available - sum);
    highest = Math.max(highest, snapshot.available - sum);
  }
  return { lowest, highest };
}

function prefixIfNewer(level: LevelReplica, snapshot: Snapshot, tieMs: number): number {
  const byTime = prefixByTime(level, snapshot, tieMs);
  let inBase = byTime;
  while ((level.pushes[inBase]?.n ?? Number.POSITIVE_INFINITY) <= level.containedN) inBase++;
  return inBase;
}

/** A push that is certainly contained carries all before it, also one whose time Shopify did not tell. */
function prefixByTime(level: LevelReplica, snapshot: Snapshot, tieMs: number): number {
  for (let k = level.pushes.length; k > 0; k--) {
    const atMs = level.pushes[k - 1]?.atMs ?? null;
    if (atMs !== null && atMs < snapshot.atMs - tieMs) return k;
  }
  return 0;
}

function sumOfFirst(level: LevelReplica, count: number): number {
  let sum = level.forgotten;
  for (let k = 0; k < count; k++) sum += level.pushes[k]?.delta ?? 0;
  return sum;
}
