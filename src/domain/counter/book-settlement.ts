/** A settled change of what Shopify itself did, as a movement of kind `shopify`. */
import { type CorrelationId, fromStore, type ListingId, type LocationId } from "../ids.ts";
import type { Settlement } from "../replica/events.ts";
import type { BookedMovement } from "./book-draft.ts";
import type { CounterEvent } from "./counter-event.ts";
import type { Movement } from "./movement.ts";

const REASONS: Record<Settlement["evidence"], string> = {
  adopted: "opening stock at Shopify",
  snapshot: "changed in Shopify, told by webhook",
  read: "changed in Shopify, found by reading",
  push: "changed in Shopify, told with the answer to a push",
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
  const reason = REASONS[settlement.evidence];
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
