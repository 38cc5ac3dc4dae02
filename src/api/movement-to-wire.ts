/** How a movement looks on the wire: causes flat, times as ISO 8601. */
import type { Movement } from "../domain/counter/movement.ts";
import type { MovementPart } from "../services/counter-contract.ts";

export function movementToWire(movement: Movement & { readonly explainedBy?: readonly MovementPart[] }) {
  const { seq, key, kind, locationId, delta, before, after, cause, listingId, explainedBy = [] } = movement;
  const { moves, channel } = movement;
  const explained = explainedBy.reduce((sum, part) => sum + part.quantity, 0);
  return {
    seq,
    key,
    kind,
    locationId,
    delta,
    ...Object.fromEntries(Object.entries(moves).filter(([, units]) => units !== 0)),
    before,
    after,
    ...(channel === null ? {} : { channel }),
    ...cause,
    occurredAt: new Date(movement.occurredAtMs).toISOString(),
    recordedAt: new Date(movement.recordedAtMs).toISOString(),
    ...(kind === "shopify" ? { listingId, explainedBy, changedInShopify: delta - explained } : {}),
  };
}
