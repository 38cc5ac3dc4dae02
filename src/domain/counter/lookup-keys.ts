/** Keys that a batch looks up in the history whatever it decides: one statement finds them all. */
import type { MovementKey, ReservationId } from "../ids.ts";
import type { CounterEvent } from "./counter-event.ts";
import { holdKey } from "./decide-hold.ts";
import { shippedKey } from "./decide-shipped.ts";

/** Of what was booked in parts, the first part's: the others are asked for only where that one is found. */
export const lookupKeys = (events: readonly CounterEvent[]): readonly MovementKey[] => events.flatMap(keysOf);

function keysOf(event: CounterEvent): readonly MovementKey[] {
  switch (event.kind) {
    case "movement":
    case "count":
      return [event.request.key];
    case "shipped":
      return [shippedKey(event)];
    case "hold":
      return holdKeys(event.request.reservationId);
    case "end_hold":
      return holdKeys(event.end.reservationId);
    case "extend_hold":
      return holdKeys(event.reservationId);
    default:
      return [];
  }
}

const holdKeys = (reservationId: ReservationId): readonly MovementKey[] =>
  (["hold", "commit", "expiry", "release"] as const).map((word) => holdKey(word, reservationId, 0));
