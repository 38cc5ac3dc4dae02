/** Shopify's committed units, as the books keep them: moved by what a level change explained, set by what a read measured. */
import type { ListingId, LocationId } from "../ids.ts";
import type { Attribution, MergeEvent } from "../replica/events.ts";
import { applyEvents } from "../replica/merge.ts";
import type { MergeState, MergeWindows } from "../replica/state.ts";
import type { CounterEvent } from "./counter-event.ts";
import type { CounterState, LevelBook } from "./counter-state.ts";

type Books = CounterState["books"];

export type Measured = { readonly listingId: ListingId; readonly locationId: LocationId; readonly committed: number };

export type Answers = {
  readonly committed: readonly Measured[];
  /** Newer news has settled a level of these meanwhile: their orders are in the books already. */
  readonly overtaken: ReadonlySet<ListingId>;
  /** Listings whose read was answered. */
  readonly answered: ReadonlySet<ListingId>;
};

/**
 * What answers of reads tell of `committed`. Only where the level is as old as its answer: if newer news has settled it
 * meanwhile, orders that the answer does not know are in the books already.
 */
export function readCommitted(before: MergeState, after: MergeState, events: readonly CounterEvent[]): Answers {
  const committed: Measured[] = [];
  const overtaken = new Set<ListingId>();
  const answered = new Set<ListingId>();
  for (const event of events) {
    if (event.kind !== "read_answered") continue;
    const { listingId, key, levels } = event;
    if (before.listings.get(listingId)?.read?.key !== key) continue; // given up, or told twice
    answered.add(listingId);
    for (const told of levels) {
      const level = after.listings.get(listingId)?.levels.get(told.locationId);
      if (level === undefined || told.committed === null) continue;
      const { locationId } = told;
      if (level.atMs === told.atMs) committed.push({ listingId, locationId, committed: told.committed });
      else overtaken.add(listingId);
    }
  }
  return { committed, overtaken, answered };
}

/** Listings whose books a restock took below zero: its order is still on its way, or was lost. Only a read tells which. */
export function* belowZero(before: Books, after: Books): Iterable<ListingId> {
  if (before === after) return;
  for (const [listingId, levels] of after) {
    const isNew = levels !== before.get(listingId);
    if (isNew && Array.from(levels.values()).some(({ committed }) => committed < 0)) yield listingId;
  }
}

/**
 * Not at once: what overtook one read, a flash sale, would overtake the next, and a late order mends what an early restock
 * left below zero.
 */
export function readAgain(
  merge: MergeState,
  listings: ReadonlySet<ListingId>,
  nowMs: number,
  windows: MergeWindows,
): MergeState {
  if (listings.size === 0) return merge;
  const audits = Array.from(
    listings,
    (listingId): MergeEvent => ({ kind: "audit", listingId, inMs: windows.verifyMs }),
  );
  return applyEvents(merge, audits, nowMs, windows).state;
}

/** Shipped by Shopify: signed change of its committed units. */
export type CommittedMove = { readonly listingId: ListingId; readonly locationId: LocationId; readonly units: number };

export function keepBooks(
  books: Books,
  attributions: readonly Attribution[],
  moves: readonly CommittedMove[],
  measured: readonly Measured[],
): Books {
  const changes: { listingId: ListingId; locationId: LocationId; committed: (was: number) => number }[] = [];
  for (const { listingId, locationId, quantity, commits } of attributions) {
    if (commits) changes.push({ listingId, locationId, committed: (was) => was - quantity });
  }
  for (const { listingId, locationId, units } of moves)
    changes.push({ listingId, locationId, committed: (was) => was + units });
  for (const { listingId, locationId, committed } of measured)
    changes.push({ listingId, locationId, committed: () => committed });
  if (changes.length === 0) return books;
  const next = new Map(books);
  for (const { listingId, locationId, committed } of changes) {
    const book = next.get(listingId)?.get(locationId);
    if (book === undefined) continue;
    const value: LevelBook = { ...book, committed: committed(book.committed) };
    next.set(listingId, new Map(next.get(listingId)).set(locationId, value));
  }
  return next;
}
