/**
 * What a counter expects Shopify to show at each level of its listings, and what is still on its way there. Read off the
 * counter's state, and changes nothing.
 */
import type { CounterState } from "../counter/counter-state.ts";
import type { ListingId, LocationId, ShopLocationId, Sku } from "../ids.ts";
import { sentTotal } from "../replica/containment.ts";
import { hintSums } from "../replica/hint-sums.ts";
import { moveOf, withheldOf } from "../replica/owed.ts";
import type { LevelReplica, ListingReplica, Parking } from "../replica/state.ts";
import { targetsOf, truthOf } from "../replica/truth.ts";

export type LevelExpectation = {
  readonly locationId: LocationId;
  readonly shopLocationId: ShopLocationId;
  /** C + Q: what Shopify shows once all that was sent has arrived. */
  readonly shown: number;
  /** Of `shown`: pushes that were sent, or handed to the gate, and are not answered yet. */
  readonly inFlight: number;
  /** What the truth has changed by and is to be sent yet. */
  readonly owed: number;
  /** What the channel's rules (buffers, stop-sell) are to move away yet, negative, or to give back. */
  readonly toBuffer: number;
  /** Units that orders have taken there by early news; the level that shows it is still to come. */
  readonly anticipated: number;
  /** Most units that Shopify may have taken by news that does not prove it yet. 0: no doubt. */
  readonly doubt: number;
  /** Shopify's own committed units. */
  readonly committed: number;
  readonly parked: Parking | null;
  /** Stamp of the evidence for all this, Shopify's time. */
  readonly atMs: number;
};

export type ListingExpectation = {
  readonly listingId: ListingId;
  /** Reads started so far. */
  readonly reads: number;
  /** A read is asked for or under way: what is known will be measured anew. */
  readonly isReadDue: boolean;
  readonly levels: readonly LevelExpectation[];
};

export type CounterExpectation = { readonly sku: Sku; readonly listings: readonly ListingExpectation[] };

/** @param only  one listing, or all of them */
export function expectationOf(state: CounterState, only: ListingId | null): CounterExpectation {
  const truth = truthOf(state.merge);
  const listings: ListingExpectation[] = [];
  for (const [listingId, listing] of state.merge.listings) {
    if (only !== null && listingId !== only) continue;
    const targets = targetsOf(state.merge, listingId, truth);
    const withheld = withheldOf(listing, truth);
    const books = state.books.get(listingId);
    const levels = Array.from(listing.levels).flatMap(([locationId, level]): LevelExpectation[] => {
      const book = books?.get(locationId);
      if (book === undefined) return [];
      const sent = sentTotal(level);
      return [
        {
          locationId,
          shopLocationId: book.shopLocationId,
          shown: level.settled + sent,
          inFlight: inFlightAt(listing, locationId),
          owed: (targets.get(locationId) ?? sent - level.moved) - (sent - level.moved),
          toBuffer: moveOf(level, withheld.get(locationId) ?? 0),
          anticipated: hintSums(listing.hints).anticipated.get(locationId) ?? 0,
          doubt: level.settled - level.lowest,
          committed: book.committed + committedOnItsWay(listing, level, locationId),
          parked: level.parked,
          atMs: level.atMs,
        },
      ];
    });
    const isReadDue = listing.read !== null || listing.auditAtMs < Number.POSITIVE_INFINITY;
    listings.push({ listingId, reads: listing.reads, isReadDue, levels });
  }
  return { sku: state.sku, listings };
}

function inFlightAt({ open }: ListingReplica, locationId: LocationId): number {
  let units = 0;
  for (const { rows } of open.values()) units += rows.get(locationId) ?? 0;
  return units;
}

/** Sales that no level has shown yet, or one in doubt: Shopify counts them as committed already. */
function committedOnItsWay(listing: ListingReplica, level: LevelReplica, locationId: LocationId): number {
  let units = hintSums(listing.hints).committed.get(locationId) ?? 0;
  for (const part of level.explained) if (part.commits) units -= part.quantity;
  return units;
}
