/** Shipments that Shopify tells of: its committed units go down, once per line of a fulfilment. */
import { fromStore, type MovementKey } from "../ids.ts";
import type { NewMovement } from "./book-draft.ts";
import type { CounterEvent, EventOutcome } from "./counter-event.ts";
import type { CounterState } from "./counter-state.ts";
import type { Find } from "./decide-hold.ts";
import type { CommittedMove } from "./shopify-books.ts";

type Shipped = CounterEvent & { readonly kind: "shipped" };

export const shippedKey = ({ listingId, id }: Pick<Shipped, "listingId" | "id">): MovementKey =>
  fromStore<MovementKey>(`shipped/${listingId}/${id}`);

export type ShippedDecision = {
  readonly moves: readonly CommittedMove[];
  readonly movements: readonly NewMovement[];
  /** By index of the event. */
  readonly outcomes: ReadonlyMap<number, EventOutcome>;
};

export function decideShipped(
  events: readonly CounterEvent[],
  books: CounterState["books"],
  find: Find,
): ShippedDecision {
  const moves: CommittedMove[] = [];
  const movements: NewMovement[] = [];
  const outcomes = new Map<number, EventOutcome>();
  const seen = new Set<MovementKey>();
  for (const [i, event] of events.entries()) {
    if (event.kind !== "shipped") continue;
    const key = shippedKey(event);
    const locationId = placeOf(event, books);
    if (locationId === null) outcomes.set(i, { kind: "unknown_listing" });
    else if (seen.has(key) || find(key) !== null) outcomes.set(i, { kind: "known" });
    else {
      seen.add(key);
      const { listingId, quantity, atMs: occurredAtMs, correlationId } = event;
      moves.push({ listingId, locationId, units: -quantity });
      const cause = {
        reason: "shipped by Shopify",
        reference: event.id,
        source: "shopify",
        actor: listingId,
        correlationId,
      };
      const moved = { committed: -quantity };
      movements.push({ key, kind: "shipment", locationId, delta: 0, moves: moved, cause, occurredAtMs, listingId });
      outcomes.set(i, { kind: "noted" });
    }
  }
  return { moves, movements, outcomes };
}

/** The level that it names, or the one with most committed; null: the listing has none. */
function placeOf({ listingId, locationId }: Shipped, books: CounterState["books"]) {
  const levels = books.get(listingId);
  if (levels === undefined) return null;
  if (locationId !== null && levels.has(locationId)) return locationId;
  const [most] = [...levels].toSorted(([, a], [, b]) => b.committed - a.committed);
  return most?.[0] ?? null;
}
