/** When to look again though nothing happens: the counter's alarm for the merge. */
import { readDueMs } from "./read-due.ts";
import { owedRows } from "./start.ts";
import type { ListingReplica, MergeState, MergeWindows } from "./state.ts";
import { truthOf } from "./truth.ts";

/**
 * The next moment (epoch ms, Infinity: none) at which time alone changes what `wants` says or what housekeeping drops.
 * Apply a `tick` then. A moment already past means that `wants` has something to start now; start it, or do not arm
 * the alarm for it again at once.
 */
export function nextTickMs(state: MergeState, windows: MergeWindows): number {
  let nextMs = Number.POSITIVE_INFINITY;
  for (const listing of state.listings.values()) {
    for (const spare of listing.spares) nextMs = Math.min(nextMs, spare.expiresMs);
    for (const hint of listing.hints.values()) {
      if (hint.left === 0) nextMs = Math.min(nextMs, hint.seenMs + windows.hintTtlMs);
    }
    nextMs = Math.min(nextMs, nextStartMs(listing, windows));
  }
  return Math.min(nextMs, nextRetryMs(state));
}

/** While a push is open, its answer, not time, allows the next read. */
function nextStartMs(listing: ListingReplica, windows: MergeWindows): number {
  if (listing.read !== null) return listing.read.startedMs + windows.readTimeoutMs;
  return listing.open.size > 0 ? Number.POSITIVE_INFINITY : readDueMs(listing, windows);
}

/** After a failed push only: what is owed without a pause is wanted at once. */
function nextRetryMs(state: MergeState): number {
  let nextMs = Number.POSITIVE_INFINITY;
  for (const [listingId, listing] of state.listings) {
    if (listing.noPushBeforeMs === 0 || listing.read !== null) continue;
    if (owedRows(state, listingId, truthOf(state)).length > 0) nextMs = Math.min(nextMs, listing.noPushBeforeMs);
  }
  return nextMs;
}
