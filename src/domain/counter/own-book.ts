/**
 * What our own movements say of a location beside its ledger: units held, sold and not shipped, damaged, kept back. What
 * Shopify committed is measured per listing and stands in the listing's book.
 */
import type { LocationId } from "../ids.ts";

/** The states, beside available, that a unit of ours can be in. */
export const STATES = ["reserved", "committed", "damaged", "safetyStock"] as const;
export type State = (typeof STATES)[number];

/** Signed changes of the states, in units; what is left out does not change. */
export type Moves = { readonly [Each in State]?: number };

/** Units per state. `committed` is below zero while a shipment or cancellation is known and its sale is not. */
export type OwnBook = Readonly<Record<State, number>> & {
  /** When the newest count of what is on hand was taken (epoch ms): what happened before it is in it. */
  readonly countedAtMs: number | null;
};

export type OwnBooks = ReadonlyMap<LocationId, OwnBook>;

export const EMPTY_BOOK: OwnBook = { reserved: 0, committed: 0, damaged: 0, safetyStock: 0, countedAtMs: null };

export const bookAt = (books: OwnBooks, locationId: LocationId): OwnBook => books.get(locationId) ?? EMPTY_BOOK;

/** The same map when nothing moves. */
export function moved(books: OwnBooks, locationId: LocationId, moves: Moves): OwnBooks {
  if (!STATES.some((state) => (moves[state] ?? 0) !== 0)) return books;
  const book = bookAt(books, locationId);
  const next = { ...book };
  for (const state of STATES) next[state] += moves[state] ?? 0;
  return new Map(books).set(locationId, next);
}

export const counted = (books: OwnBooks, locationId: LocationId, atMs: number): OwnBooks =>
  new Map(books).set(locationId, { ...bookAt(books, locationId), countedAtMs: atMs });
