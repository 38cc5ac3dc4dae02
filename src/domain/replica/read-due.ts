/** When a listing should be read next: an audit, a doubt, or a hint that has waited long enough. */
import { busyLocations } from "./busy.ts";
import type { ListingReplica, MergeWindows } from "./state.ts";

/** Epoch ms; Infinity when nothing asks for a read. One pass over the hints. */
export function readDueMs(listing: ListingReplica, windows: MergeWindows): number {
  let askedMs = hasReadableDoubt(listing) ? Math.min(listing.auditAtMs, listing.doubtAtMs) : listing.auditAtMs;
  for (const hint of listing.hints.values()) {
    askedMs = Math.min(askedMs, hint.seenMs + (hint.left !== 0 ? windows.graceMs : windows.verifyMs));
  }
  return Math.max(listing.noReadBeforeMs, askedMs);
}

/** A level with a push in flight waits for the answer, which ends most doubts; the other levels go on meanwhile. */
function hasReadableDoubt(listing: ListingReplica): boolean {
  const busy = busyLocations(listing.open);
  for (const [locationId, level] of listing.levels) if (level.pending.length > 0 && !busy.has(locationId)) return true;
  return false;
}
