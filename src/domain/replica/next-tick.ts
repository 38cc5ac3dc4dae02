/** When to look again though nothing happens: the counter's alarm for the merge. */
import { readDueMs, recallDueMs } from "./read-due.ts";
import type { ListingReplica, MergeState, MergeWindows } from "./state.ts";

/**
 * The next moment (epoch ms, Infinity: none) at which time alone changes what `wants` says or what housekeeping drops.
 * Apply a `tick` then. After a tick, a moment that is already past means that `wants` has something to start now.
 */
export function nextTickMs(state: MergeState, windows: MergeWindows): number {
  let nextMs = Number.POSITIVE_INFINITY;
  for (const listing of state.listings.values()) {
    for (const spare of listing.spares) nextMs = Math.min(nextMs, spare.expiresMs);
    for (const hint of listing.hints.values()) {
      if (hint.left === 0) nextMs = Math.min(nextMs, hint.seenMs + windows.hintTtlMs);
    }
    if (listing.noPushBeforeMs > 0) nextMs = Math.min(nextMs, listing.noPushBeforeMs);
    nextMs = Math.min(nextMs, nextReadMs(listing, windows));
  }
  return nextMs;
}

/** While a push is open, its answer, not time, allows the next read; time only asks for it back. */
function nextReadMs(listing: ListingReplica, windows: MergeWindows): number {
  if (listing.read !== null) return listing.read.startedMs + windows.readTimeoutMs;
  if (listing.open.size === 0) return readDueMs(listing, windows);
  return Math.max(listing.noRecallBeforeMs, recallDueMs(listing, windows));
}
