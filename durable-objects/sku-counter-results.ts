/** What the gate reports, in the counter's words: the shop's locations become ours. */
import type { CounterEvent } from "../src/domain/counter/counter-event.ts";
import type { CounterState } from "../src/domain/counter/counter-state.ts";
import type { ListingId, LocationId, ShopLocationId } from "../src/domain/ids.ts";
import type { PushResult, ReadResult } from "../src/services/gate-contract.ts";

export function eventsOfResults(
  counter: CounterState,
  results: { readonly pushes: readonly PushResult[]; readonly reads: readonly ReadResult[] },
): readonly CounterEvent[] {
  return [
    ...results.pushes.flatMap((result) => ofPush(result, locationsOf(counter, result.listingId))),
    ...results.reads.map((result) => ofRead(result, locationsOf(counter, result.listingId))),
  ];
}

type Locations = ReadonlyMap<ShopLocationId, LocationId>;

export const locationsOf = (counter: CounterState, listingId: ListingId): Locations =>
  new Map(Array.from(counter.books.get(listingId) ?? [], ([locationId, book]) => [book.shopLocationId, locationId]));

function ofPush(result: PushResult, locations: Locations): readonly CounterEvent[] {
  const { listingId, pushKey: key } = result;
  if (result.kind === "failed" && result.returned !== undefined) return [{ kind: "push_returned", listingId, key }];
  if (result.kind === "failed") {
    const park = result.park.flatMap((location) => locations.get(location) ?? []);
    const failed: CounterEvent = { kind: "push_failed", listingId, key, park };
    return result.readBack === true ? [failed, { kind: "audit", listingId }] : [failed];
  }
  const after = result.after.flatMap(({ location, quantity }) => {
    const locationId = locations.get(location);
    return locationId === undefined ? [] : { locationId, quantity };
  });
  return [{ kind: "push_applied", listingId, key, atMs: result.atMs, after }];
}

function ofRead(result: ReadResult, locations: Locations): CounterEvent {
  const { listingId, readKey: key } = result;
  if (result.kind === "failed") return { kind: "read_failed", listingId, key };
  const levels = result.levels.flatMap(({ location, ...level }) => {
    const locationId = locations.get(location);
    return locationId === undefined ? [] : { locationId, ...level };
  });
  return { kind: "read_answered", listingId, key, levels };
}
