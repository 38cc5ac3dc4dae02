/** Keys that a batch may have to look up in the history: one statement finds them all, before anything is decided. */
import type { MovementKey, ReservationId } from "../ids.ts";
import { partKey } from "./book-draft.ts";
import type { CounterEvent } from "./counter-event.ts";
import { holdKey } from "./decide-hold.ts";
import { shippedKey } from "./decide-shipped.ts";
import type { MovementRequest } from "./movement.ts";

/** @param places  locations of the counter: the most parts that a request can have */
export const lookupKeys = (events: readonly CounterEvent[], places: number): readonly MovementKey[] =>
  events.flatMap((event) => keysOf(event, places));

function keysOf(event: CounterEvent, places: number): readonly MovementKey[] {
  switch (event.kind) {
    case "movement":
      return Array.from({ length: partsMax(event.request, places) }, (_, n) => partKey(event.request.key, n));
    case "count":
      return [event.request.key];
    case "shipped":
      return [shippedKey(event)];
    case "hold":
      return holdKeys(event.request.reservationId, places);
    case "end_hold":
      return holdKeys(event.end.reservationId, places);
    case "extend_hold":
      return holdKeys(event.reservationId, places);
    default:
      return [];
  }
}

/** What names its place is booked at one; a hot counter looks up no more than it must. */
function partsMax({ locationId, toLocationId, delta }: MovementRequest, places: number): number {
  if (toLocationId !== undefined) return places + 1;
  return locationId === null && delta < 0 ? Math.max(1, places) : 1;
}

function holdKeys(reservationId: ReservationId, places: number): readonly MovementKey[] {
  const first = (["hold", "commit", "release"] as const).map((word) => holdKey(word, reservationId, 0));
  return [...first, ...Array.from({ length: Math.max(1, places) }, (_, n) => holdKey("expiry", reservationId, n))];
}
