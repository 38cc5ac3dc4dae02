/**
 * What the snapshots of one level, taken together, prove. Either they settle Shopify's contribution, or they leave a
 * doubt: then `lowest` is the least that fits all of them, and `effective` lowers the settled value by the certain
 * part of a loss alone. A doubt never raises anything.
 */
import { newestContained, type Reading, readingAtItsTime, readingIfNewer } from "./containment.ts";
import type { LevelReplica, Snapshot } from "./state.ts";

/** A level with nothing left to conclude. Returns the same object where nothing changes. */
export function evaluateLevel(level: LevelReplica, tieMs: number): LevelReplica {
  const fresh = withoutOutdated(level, tieMs);
  const proven = settleFromPending(withoutOldNews(fresh, tieMs), tieMs);
  return forgetPushes(withDoubt(proven, tieMs), tieMs);
}

/** Snapshots without those that a newer one of the list makes irrelevant: levels are absolute. */
export function withoutSuperseded(snapshots: readonly Snapshot[], tieMs: number): readonly Snapshot[] {
  const newestMs = snapshots.reduce((newest, snapshot) => Math.max(newest, snapshot.atMs), Number.NEGATIVE_INFINITY);
  const kept = snapshots.filter((snapshot) => snapshot.atMs >= newestMs - tieMs);
  return kept.length === snapshots.length ? snapshots : kept;
}

function withoutOutdated(level: LevelReplica, tieMs: number): LevelReplica {
  const kept = withoutSuperseded(level.pending, tieMs).filter((snapshot) => snapshot.atMs >= level.atMs - tieMs);
  return kept.length === level.pending.length ? level : { ...level, pending: kept };
}

/**
 * A snapshot that may be as old as the base and says the same is no news, but it is evidence: the base moves up to it.
 * Were the base left behind, a swapped pair of edits (+3, −3) could settle on the first of them.
 */
function withoutOldNews(level: LevelReplica, tieMs: number): LevelReplica {
  let atMs = level.atMs;
  const kept = level.pending.filter((snapshot) => {
    const { lowest, highest } = readingIfNewer(level, snapshot, tieMs);
    if (snapshot.atMs > atMs + tieMs || lowest !== level.settled || highest !== level.settled) return true;
    atMs = Math.max(atMs, snapshot.atMs);
    return false;
  });
  return kept.length === level.pending.length ? level : { ...level, atMs, pending: kept };
}

function settleFromPending(level: LevelReplica, tieMs: number): LevelReplica {
  const [first] = level.pending;
  if (first === undefined) return level;
  const settled = readingIfNewer(level, first, tieMs).lowest;
  for (const snapshot of level.pending) {
    const { lowest, highest } = readingIfNewer(level, snapshot, tieMs);
    if (snapshot.atMs <= level.atMs + tieMs || lowest !== settled || highest !== settled) return level;
  }
  return {
    ...level,
    settled,
    atMs: Math.max(...level.pending.map((snapshot) => snapshot.atMs)),
    containedN: Math.max(...level.pending.map((snapshot) => newestContained(level, snapshot, tieMs))),
    pending: [],
  };
}

function withDoubt(level: LevelReplica, tieMs: number): LevelReplica {
  let { settled: effective, settled: lowest } = level;
  for (const snapshot of level.pending) {
    lowest = Math.min(lowest, readingIfNewer(level, snapshot, tieMs).lowest);
    effective = Math.min(effective, mostLeft(level, snapshot, tieMs));
  }
  return effective === level.effective && lowest === level.lowest ? level : { ...level, effective, lowest };
}

/**
 * The highest contribution that a snapshot leaves. One that may be older than the base may also lack pushes which the
 * base contains; without them our own push, seen from before, would look like a loss and be pushed to other shops.
 */
function mostLeft(level: LevelReplica, snapshot: Snapshot, tieMs: number): number {
  const newer: Reading = readingIfNewer(level, snapshot, tieMs);
  if (snapshot.atMs > level.atMs + tieMs) return newer.highest;
  return Math.max(newer.highest, readingAtItsTime(level, snapshot, tieMs).highest);
}

/**
 * Contained pushes are kept while a snapshot that lacks them may still come: it may be a tie older than the base, the
 * push a tie older than it, and a read may set the base a tie back. One of unknown time waits for its read.
 */
function forgetPushes(level: LevelReplica, tieMs: number): LevelReplica {
  let { forgotten } = level;
  let count = 0;
  for (const push of level.pushes) {
    if (push.n > level.containedN || push.atMs === null || push.atMs >= level.atMs - 3 * tieMs) break;
    forgotten += push.delta;
    count++;
  }
  return count === 0 ? level : { ...level, forgotten, pushes: level.pushes.slice(count) };
}
