/** When a listing should be read next: an audit, a doubt, or a hint that has waited long enough. */
import type { ListingReplica, MergeWindows } from "./state.ts";

/** Epoch ms; Infinity when nothing asks for a read. One pass over the hints. */
export function readDueMs(listing: ListingReplica, windows: MergeWindows): number {
  let askedMs = Math.min(listing.auditAtMs, listing.doubtAtMs);
  for (const hint of listing.hints.values()) {
    askedMs = Math.min(askedMs, hint.seenMs + (hint.left !== 0 ? windows.graceMs : windows.verifyMs));
  }
  return Math.max(listing.noReadBeforeMs, askedMs);
}
