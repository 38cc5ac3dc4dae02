/** When to look again though nothing happens: the counter's alarm for the merge. */
import { hintSums } from "./hint-sums.ts";
import { readDueMs, recallDueMs } from "./read-due.ts";
import type { ListingReplica, MergeState, MergeWindows } from "./state.ts";

/**
 * The next moment (epoch ms, Infinity: none) at which time alone changes what `wants` says or what housekeeping drops.
 * Apply a `tick` then. Housekeeping that is overdue (of a listing that nothing has touched since) is due at `nowMs`. What
 * can be started already is `wants`' to say, and hides nothing that is still to come: neither of its own listing nor of
 * another.
 */
export function nextTickMs(state: MergeState, windows: MergeWindows, nowMs: number): number {
  let nextMs = Number.POSITIVE_INFINITY;
  for (const listing of state.listings.values()) {
    nextMs = Math.min(nextMs, Math.max(housekeepingMs(listing, windows), nowMs));
    for (const atMs of startsMs(listing, windows)) if (atMs > nowMs) nextMs = Math.min(nextMs, atMs);
  }
  return nextMs;
}

/** When something is over: a spare, an explained hint, a read that nobody answers. */
function housekeepingMs(listing: ListingReplica, windows: MergeWindows): number {
  let nextMs = listing.read === null ? Number.POSITIVE_INFINITY : listing.read.startedMs + windows.readTimeoutMs;
  for (const spare of listing.spares) nextMs = Math.min(nextMs, spare.expiresMs);
  return Math.min(nextMs, hintSums(listing.hints).firstExplainedMs + windows.hintTtlMs);
}

/** When a push, a read, or the recall of a push may start that may not now; after a read under way, only its end tells. */
function startsMs(listing: ListingReplica, windows: MergeWindows): readonly number[] {
  const pushMs = [listing.noPushBeforeMs, listing.noReleaseBeforeMs];
  if (listing.read !== null) return pushMs;
  if (listing.open.size === 0) return [...pushMs, readDueMs(listing, windows)];
  return [...pushMs, Math.max(listing.noRecallBeforeMs, recallDueMs(listing, windows))];
}
