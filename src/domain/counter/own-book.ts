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
  /** That count was a word of the operator's on `available`; left out: it was of what is on hand. */
  readonly countedOf?: "available";
  /** What that count changed; left out: unknown. */
  readonly countedDelta?: number;
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

export type CountedWhat = { readonly of: "on_hand" | "available"; readonly delta: number };

export function counted(books: OwnBooks, locationId: LocationId, atMs: number, what: CountedWhat): OwnBooks {
  const { countedOf: _, ...book } = bookAt(books, locationId);
  const kind = what.of === "available" ? { countedOf: what.of } : {};
  return new Map(books).set(locationId, { ...book, countedAtMs: atMs, countedDelta: what.delta, ...kind });
}

/** What a movement of ours changes of what is on hand: a sale nothing, its shipment all. */
export const onHandChange = ({ delta, moves }: { readonly delta: number; readonly moves: Moves }): number =>
  STATES.reduce((sum, state) => sum + (moves[state] ?? 0), delta);
