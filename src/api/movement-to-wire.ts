/** How a movement looks on the wire: causes flat, times as ISO 8601. */
import type { Movement } from "../domain/counter/movement.ts";
import { type Moves, STATES } from "../domain/counter/own-book.ts";
import type { MovementPart } from "../services/counter-contract.ts";

export function movementToWire(movement: Movement & { readonly explainedBy?: readonly MovementPart[] }) {
  const { seq, key, kind, locationId, delta, before, after, cause, listingId, explainedBy = [] } = movement;
  const { moves, channel, statesAfter = {} } = movement;
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
    ...statesToWire(moves, statesAfter),
    ...(channel === null ? {} : { channel }),
    ...cause,
    occurredAt: new Date(movement.occurredAtMs).toISOString(),
    recordedAt: new Date(movement.recordedAtMs).toISOString(),
    ...(kind === "shopify" ? { listingId, explainedBy, changedInShopify: delta - explained } : {}),
  };
}

/** Before and after of each state of our own units that it changed. */
function statesToWire(moves: Movement["moves"], statesAfter: Moves) {
  const states = STATES.flatMap((state) => {
    const after = statesAfter[state];
    return after === undefined ? [] : [[state, { before: after - moves[state], after }] as const];
  });
  return states.length === 0 ? {} : { states: Object.fromEntries(states) };
}
