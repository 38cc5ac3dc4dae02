/**
 * Counts: absolute numbers that somebody found on a shelf, or an operator forces. A count is a movement of ours: what is
 * missing to the number (docs/design/replica-merge.md, "counts"). A count of what is on hand waits until nothing of its
 * location is in the air and Shopify's committed units were read after it.
 */
import type { ListingId, LocationId, MovementKey } from "../ids.ts";
import type { MergeState } from "../replica/state.ts";
import type { Approval } from "./held-count.ts";
import type { Expected, GuardRefusal, Movement, MovementCause } from "./movement.ts";

export type CountRequest = {
  readonly key: MovementKey;
  readonly fingerprint: string;
  readonly locationId: LocationId;
  /** Units found; `available` may be negative, `on_hand` not. */
  readonly counted: number;
  readonly of: "available" | "on_hand";
  /** When the shelf was looked at (epoch ms): what happened since is kept, what happened before is in it. */
  readonly countedAtMs: number;
  readonly expected?: Expected;
  readonly cause: MovementCause;
  /** One that differs from ours by more is held for a person; left out: none is. */
  readonly approval?: Approval;
  /** Who approved it, and why: it was held before. */
  readonly approved?: { readonly by: string; readonly note: string };
};

/** A count that waits. `unread`: listings to be read first, with the number of reads that had started when it came. */
export type WaitingCount = {
  readonly request: CountRequest;
  readonly unread: readonly { readonly listingId: ListingId; readonly reads: number }[];
};

export type CountOutcome =
  | { readonly kind: "counted"; readonly movement: Movement }
  | { readonly kind: "count_waits" }
  /** It differs by more than may be booked without a person. */
  | { readonly kind: "count_held"; readonly ours: number }
  /** Of a decision alone: no such count is held, or was. */
  | { readonly kind: "no_such_count" }
  | { readonly kind: "counted_already"; readonly movement: Movement }
  | { readonly kind: "count_key_reused" }
  | { readonly kind: "no_such_location"; readonly known: readonly LocationId[] }
  | { readonly kind: "out_of_range"; readonly level: number; readonly levelMax: number }
  /** Older than the history that tells what happened since. */
  | { readonly kind: "too_old"; readonly horizonMs: number }
  | GuardRefusal;

/** Listings that show the location, each to be read once more than it was. */
export function listingsToRead(merge: MergeState, locationId: LocationId): WaitingCount["unread"] {
  return Array.from(merge.listings).flatMap(([listingId, { levels, reads }]) =>
    levels.has(locationId) && levels.get(locationId)?.parked !== "missing" ? [{ listingId, reads }] : [],
  );
}

/** Nothing that concerns the location is on its way: its ledger is what it shows. */
export function isQuiet(merge: MergeState, locationId: LocationId): boolean {
  for (const { levels, hints, open } of merge.listings.values()) {
    const level = levels.get(locationId);
    if (level === undefined) continue;
    const isOpen = [...open.values()].some(({ rows }) => rows.has(locationId));
    // Restocks, too: whoever counted has seen the units that the level does not show yet.
    const isAnnounced = [...hints.values()].some(({ left, predicted }) => left !== 0 && predicted === locationId);
    if (level.pending.length > 0 || isOpen || isAnnounced) return false;
  }
  return true;
}
