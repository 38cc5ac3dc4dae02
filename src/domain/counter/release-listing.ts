/**
 * Parts a listing from its counter, so that another one may bring the same units. What it supplied leaves the count: were it
 * kept (as a plain disconnect keeps it), the next listing's opening stock would count the units of one shelf twice. Pure.
 */
import { fromStore, type ListingId, type LocationId, type MovementKey } from "../ids.ts";
import { truthOf } from "../replica/truth.ts";
import type { BatchResult, Booked, CounterConfig } from "./apply-batch.ts";
import type { CounterEvent } from "./counter-event.ts";
import type { CounterState } from "./counter-state.ts";
import { applyAfter, partListing } from "./disconnect-listing.ts";
import type { MovementCause } from "./movement.ts";

/** A listing that is not connected changes nothing. */
export function releaseListing(
  state: CounterState,
  listingId: ListingId,
  cause: MovementCause,
  before: Booked,
  config: CounterConfig,
  nowMs: number,
): BatchResult {
  const places = [...(state.merge.listings.get(listingId)?.levels.keys() ?? [])];
  const parted = partListing(state, listingId, cause.correlationId, config, nowMs);
  const taken = places.flatMap((place) => withdrawal(parted.state, listingId, place, cause, nowMs));
  return applyAfter(parted, taken, before, config, nowMs);
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
