/** A settled change of what Shopify, or a till that keeps its own stock, itself did: a movement of kind `shopify`. */
import {
  type CorrelationId,
  fromStore,
  type ListingId,
  type LocationId,
  parseShopDomain,
  partsOfListing,
} from "../ids.ts";
import type { Settlement } from "../replica/events.ts";
import type { BookedMovement } from "./book-draft.ts";
import type { CounterEvent } from "./counter-event.ts";
import type { Movement } from "./movement.ts";

/** For people. A till goes by its channel's name. */
const REASONS: Readonly<Record<Settlement["evidence"], (whom: string) => string>> = {
  adopted: (whom) => `opening stock at ${whom}`,
  snapshot: (whom) => `changed in ${whom}, told by webhook`,
  read: (whom) => `changed in ${whom}, found by reading`,
  push: (whom) => `changed in ${whom}, told with the answer to a push`,
};

/** @param ledgers  per location, as the movement before left it; moved on by this one */
export function bookSettlement(
  settlement: Settlement,
  seq: number,
  ledgers: Map<LocationId, number>,
  correlationId: CorrelationId,
  nowMs: number,
): BookedMovement {
  const { listingId, locationId, n } = settlement;
  const delta = settlement.after - settlement.before;
  const before = ledgers.get(locationId) ?? 0;
  ledgers.set(locationId, before + delta);
  const shop = partsOfListing(listingId).shop;
  const reason = REASONS[settlement.evidence](parseShopDomain(shop).ok ? "Shopify" : shop);
  const movement: Movement = {
    ...{ seq, key: fromStore(`shopify/${listingId}/${locationId}/${n}`), kind: "shopify", locationId, delta },
    ...{ moves: { reserved: 0, committed: 0, damaged: 0, safetyStock: 0 }, before, after: before + delta },
    ...{ channel: null, cause: { reason, reference: null, source: "shopify", actor: listingId, correlationId } },
    ...{ occurredAtMs: settlement.atMs, recordedAtMs: nowMs, listingId },
  };
  return { movement, fingerprint: "" };
}

/** The newest event of this listing in the batch brought the evidence. */
export function correlationOf(events: readonly CounterEvent[], listingId: ListingId): CorrelationId {
  for (const event of events.toReversed()) {
    if (!("listingId" in event) || event.listingId !== listingId) continue;
    if ("correlationId" in event) return event.correlationId;
    if ("key" in event) return fromStore(event.key);
  }
  return fromStore("timer");
}
