/**
 * Parts a listing from its counter and keeps what it supplied: its shop was disconnected, or its item deleted. The stock is
 * ours from then on; whoever brings the same units again mirrors them. Pure.
 */
import type { CorrelationId, ListingId } from "../ids.ts";
import { applyEvents } from "../replica/merge.ts";
import { applyBatch, type BatchResult, type Booked, type CounterConfig } from "./apply-batch.ts";
import { bookSettlement } from "./book-settlement.ts";
import type { CounterState } from "./counter-state.ts";

/** What a parting books has keys of its own, and brings no news of Shopify. */
export const NOTHING_BOOKED: Booked = { movement: () => null, explained: () => 0, onHandSince: () => 0 };

export type Parted = Pick<BatchResult, "state" | "booked" | "attributions">;

/** @returns a state whose `shown` and `version` are still those of before */
export function partListing(
  state: CounterState,
  listingId: ListingId,
  correlationId: CorrelationId,
  config: CounterConfig,
  nowMs: number,
): Parted {
  const parted = applyEvents(state.merge, [{ kind: "disconnect", listingId }], nowMs, config.windows);
  const ledgers = new Map(state.shown.map((levels) => [levels.locationId, levels.ledger]));
  const booked = parted.settlements.map((settlement, i) =>
    bookSettlement(settlement, state.seq + i + 1, ledgers, correlationId, nowMs),
  );
  const books = new Map(Array.from(state.books).filter(([id]) => id !== listingId));
  const between = { ...state, merge: parted.state, books, seq: state.seq + booked.length };
  return { state: between, booked, attributions: parted.attributions };
}

/** A listing that is not connected changes nothing. */
export function disconnectListing(
  state: CounterState,
  listingId: ListingId,
  correlationId: CorrelationId,
  config: CounterConfig,
  nowMs: number,
): BatchResult {
  const parted = partListing(state, listingId, correlationId, config, nowMs);
  return { ...applyBatch(parted.state, [], NOTHING_BOOKED, config, nowMs), ...parts(parted) };
}

const parts = ({ booked, attributions }: Parted) => ({ booked, attributions });
