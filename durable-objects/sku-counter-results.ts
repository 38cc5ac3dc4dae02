/** What the gate reports, in the counter's words: the shop's locations become ours. */
import type { CounterEvent } from "../src/domain/counter/counter-event.ts";
import type { CounterState } from "../src/domain/counter/counter-state.ts";
import type { ListingId, LocationId, ShopLocationId } from "../src/domain/ids.ts";
import type { LastWords } from "../src/queues/dead-letter-message.ts";
import type { ParkedLevel } from "../src/queues/parked-level.ts";
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

/** Levels that Shopify refuses pushes for: a person must mend what is named, and let them go again. */
export function parkedBy(counter: CounterState, pushes: readonly PushResult[], atMs: number): readonly LastWords[] {
  return pushes.flatMap((result) => {
    if (result.kind !== "failed" || result.park.length === 0) return [];
    const { listingId, pushKey, code, message, park } = result;
    const locations = locationsOf(counter, listingId);
    const locationIds = park.flatMap((location) => locations.get(location) ?? []);
    const payload: ParkedLevel = { v: 1, kind: "parked_level", skuId: counter.skuId, listingId, locationIds };
    const subject = `${counter.sku}: level of ${listingId} at ${park.join(", ")}`;
    const queue = "onhand-shopify-sync";
    return { v: 1, kind: "last_words", queue, code, message, subject, attempts: 1, atMs, messageId: pushKey, payload };
  });
}

type Locations = ReadonlyMap<ShopLocationId, LocationId>;

const locationsOf = (counter: CounterState, listingId: ListingId): Locations =>
  new Map(Array.from(counter.books.get(listingId) ?? [], ([locationId, book]) => [book.shopLocationId, locationId]));

function ofPush(result: PushResult, locations: Locations): readonly CounterEvent[] {
  const { listingId, pushKey: key } = result;
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
