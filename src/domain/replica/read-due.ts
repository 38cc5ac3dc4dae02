/** When a listing should be read next: an audit, a doubt, or a hint that has waited long enough. */
import { busyLocations } from "./busy.ts";
import { hintSums } from "./hint-sums.ts";
import type { ListingReplica, MergeWindows } from "./state.ts";

/** Epoch ms; Infinity when nothing asks for a read. */
export function readDueMs(listing: ListingReplica, windows: MergeWindows): number {
  return dueMs(listing, hasReadableDoubt(listing) ? listing.doubtAtMs : Number.POSITIVE_INFINITY, windows);
}

/**
 * When a listing wants its open pushes back: a read, also one for a doubt at a level with a push in flight, has waited
 * for them longer than answers take. Else a push that the gate holds would leave the listing unread for ever. Epoch ms,
 * Infinity: no push is open, or none stands in the way of a read.
 */
export function recallDueMs(listing: ListingReplica, windows: MergeWindows): number {
  if (listing.open.size === 0) return Number.POSITIVE_INFINITY;
  return dueMs(listing, listing.doubtAtMs, windows) + windows.recallMs;
}

function dueMs(listing: ListingReplica, doubtAtMs: number, windows: MergeWindows): number {
  const { firstOpenMs, firstExplainedMs } = hintSums(listing.hints);
  const hintMs = Math.min(firstOpenMs + windows.graceMs, firstExplainedMs + windows.verifyMs);
  return Math.max(listing.noReadBeforeMs, Math.min(listing.auditAtMs, doubtAtMs, hintMs));
}

/** A level with a push in flight waits for the answer, which ends most doubts; the other levels go on meanwhile. */
function hasReadableDoubt(listing: ListingReplica): boolean {
  const busy = busyLocations(listing.open);
  for (const [locationId, level] of listing.levels) if (level.pending.length > 0 && !busy.has(locationId)) return true;
  return false;
}
