/**
 * Parts a listing from its counter and keeps what it supplied: its shop was disconnected, or its item deleted. The stock is
 * ours from then on; whoever brings the same units again mirrors them. Pure.
 */
import type { CorrelationId, ListingId } from "../ids.ts";
import { applyEvents } from "../replica/merge.ts";
import { applyBatch, type BatchResult, type Booked, type CounterConfig } from "./apply-batch.ts";
import { bookSettlement } from "./book-settlement.ts";
import type { CounterEvent } from "./counter-event.ts";
import type { CounterState } from "./counter-state.ts";
import { differ, levelsOf } from "./levels.ts";

export type Parted = Pick<BatchResult, "state" | "booked" | "attributions">;

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
  const shown = levelsOf(between);
  const version = differ(state.shown, shown) ? state.version + 1 : state.version;
  return { state: { ...between, shown, version }, booked, attributions: parted.attributions };
}

/** A batch right after a parting, as one with it: holds may be over by now, and counts be ready. */
export function applyAfter(
  parted: Parted,
  events: readonly CounterEvent[],
  before: Booked,
  config: CounterConfig,
  nowMs: number,
): BatchResult {
  const result = applyBatch(parted.state, events, before, config, nowMs);
  const attributions = [...parted.attributions, ...result.attributions];
  return { ...result, booked: [...parted.booked, ...result.booked], attributions };
}

/** A listing that is not connected changes nothing. */
export function disconnectListing(
  state: CounterState,
  listingId: ListingId,
  correlationId: CorrelationId,
  before: Booked,
  config: CounterConfig,
  nowMs: number,
): BatchResult {
  return applyAfter(partListing(state, listingId, correlationId, config, nowMs), [], before, config, nowMs);
}
