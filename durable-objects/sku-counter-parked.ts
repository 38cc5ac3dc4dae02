/** Levels that take no pushes any more, as dead letters: a person must mend what is named, and let them go again. */
import type { CounterState } from "../src/domain/counter/counter-state.ts";
import type { CorrelationId, ListingId, LocationId } from "../src/domain/ids.ts";
import { sentTotal } from "../src/domain/replica/containment.ts";
import { targetsOf } from "../src/domain/replica/truth.ts";
import type { LastWords } from "../src/queues/dead-letter-message.ts";
import type { ParkedLevel } from "../src/queues/parked-level.ts";
import type { PushResult, ReadResult } from "../src/services/gate-contract.ts";
import { locationsOf } from "./sku-counter-results.ts";

const QUEUE = "onhand-shopify-sync";

/** Levels that Shopify refuses pushes for: a person must mend what is named, and let them go again. */
export function parkedBy(counter: CounterState, pushes: readonly PushResult[], atMs: number): readonly LastWords[] {
  return pushes.flatMap((result) => {
    if (result.kind !== "failed" || result.park.length === 0) return [];
    const { listingId, pushKey, code, message, park, correlationId } = result;
    const locations = locationsOf(counter, listingId);
    const locationIds = park.flatMap((location) => locations.get(location) ?? []);
    const subject = `${counter.sku}: level of ${listingId} at ${park.join(", ")}`;
    const payload = payloadOf(counter, correlationId, listingId, locationIds);
    return lastWords({ code, message, subject, atMs, messageId: pushKey, payload });
  });
}

/**
 * Levels that a read no longer finds though they are owed something: pushes to them wait until they are stocked again. A
 * level that is still missing is named again by the daily read, because what it is owed may be younger than the first.
 */
export function missedBy(counter: CounterState, reads: readonly ReadResult[], atMs: number): readonly LastWords[] {
  return reads.flatMap((result) => {
    const { listingId, readKey } = result;
    if (result.kind !== "answered" || counter.merge.listings.get(listingId)?.read?.key !== readKey) return [];
    const found = new Set<string>(result.levels.map(({ location }) => location));
    const owed = [...owedTo(counter, listingId)].filter(([, { shopLocation }]) => !found.has(shopLocation));
    if (owed.length === 0) return [];
    const places = owed.map(([, { shopLocation, units }]) => `${shopLocation} (${units})`).join(", ");
    const subject = `${counter.sku}: level of ${listingId} at ${owed.map(([, each]) => each.shopLocation).join(", ")}`;
    const message = `not stocked at Shopify any more, and owed units: ${places}; stock the item there again`;
    const payload = payloadOf(
      counter,
      undefined,
      listingId,
      owed.map(([locationId]) => locationId),
    );
    return lastWords({ code: "LEVEL_MISSING", message, subject, atMs, messageId: readKey, payload });
  });
}

type Owed = { readonly shopLocation: string; readonly units: number };

/** What pushes to the levels of a listing still lack; levels that an earlier letter names as refused are left out. */
function owedTo({ merge, books }: CounterState, listingId: ListingId): ReadonlyMap<LocationId, Owed> {
  const owed = new Map<LocationId, Owed>();
  for (const [locationId, target] of targetsOf(merge, listingId)) {
    const level = merge.listings.get(listingId)?.levels.get(locationId);
    const shopLocation = books.get(listingId)?.get(locationId)?.shopLocationId;
    if (level === undefined || shopLocation === undefined || level.parked === "refused" || level.since === null)
      continue;
    const units = target - (sentTotal(level) - level.moved);
    if (units !== 0) owed.set(locationId, { shopLocation, units });
  }
  return owed;
}

function payloadOf(
  { skuId }: CounterState,
  cause: CorrelationId | undefined,
  listingId: ListingId,
  locationIds: readonly LocationId[],
): ParkedLevel {
  const about = { v: 1, kind: "parked_level", skuId, listingId, locationIds } as const;
  return cause === undefined ? about : { ...about, correlationId: cause };
}

const lastWords = (said: Omit<LastWords, "v" | "kind" | "queue" | "attempts">): LastWords => ({
  v: 1,
  kind: "last_words",
  queue: QUEUE,
  attempts: 1,
  ...said,
});
