/**
 * Parts a listing from its counter, so that another one may bring the same units. What it supplied leaves the count: were it
 * kept (as a plain disconnect keeps it), the next listing's opening stock would count the units of one shelf twice. Pure.
 */
import { fromStore, type ListingId, type LocationId, type MovementKey } from "../ids.ts";
import { applyEvents } from "../replica/merge.ts";
import { truthOf } from "../replica/truth.ts";
import { applyBatch, type BatchResult, type Booked, type CounterConfig } from "./apply-batch.ts";
import { bookSettlement } from "./book-settlement.ts";
import type { CounterEvent } from "./counter-event.ts";
import type { CounterState } from "./counter-state.ts";
import type { MovementCause } from "./movement.ts";

/** Withdrawals have keys of their own, and bring no news of Shopify. */
const NOTHING_BOOKED: Booked = { movement: () => null, explained: () => 0, onHandSince: () => 0 };

/** A listing that is not connected changes nothing. */
export function releaseListing(
  state: CounterState,
  listingId: ListingId,
  cause: MovementCause,
  config: CounterConfig,
  nowMs: number,
): BatchResult {
  const places = [...(state.merge.listings.get(listingId)?.levels.keys() ?? [])];
  const parted = applyEvents(state.merge, [{ kind: "disconnect", listingId }], nowMs, config.windows);
  const ledgers = new Map(state.shown.map((levels) => [levels.locationId, levels.ledger]));
  const settled = parted.settlements.map((settlement, i) =>
    bookSettlement(settlement, state.seq + i + 1, ledgers, cause.correlationId, nowMs),
  );
  const books = new Map(Array.from(state.books).filter(([id]) => id !== listingId));
  const between = { ...state, merge: parted.state, books, seq: state.seq + settled.length };
  const taken = places.flatMap((place) => withdrawal(between, listingId, place, cause, nowMs));
  const result = applyBatch(between, taken, NOTHING_BOOKED, config, nowMs);
  const attributions = [...parted.attributions, ...result.attributions];
  return { ...result, booked: [...settled, ...result.booked], attributions };
}

/** All that is left at a location which no other listing supplies: its level of 0 awaits the next one's opening stock. */
function withdrawal(
  state: CounterState,
  listingId: ListingId,
  locationId: LocationId,
  cause: MovementCause,
  nowMs: number,
): readonly CounterEvent[] {
  const ledger = truthOf(state.merge).find((truth) => truth.locationId === locationId)?.ledger ?? 0;
  const isShared = Array.from(state.merge.listings.values()).some(({ levels }) => levels.has(locationId));
  if (ledger === 0 || isShared) return [];
  const request = {
    key: fromStore<MovementKey>(`release/${listingId}/${locationId}/${state.seq}`),
    fingerprint: "",
    locationId,
    delta: -ledger,
    allowNegative: true,
    cause,
    occurredAtMs: nowMs,
  };
  return [{ kind: "movement", request }];
}
