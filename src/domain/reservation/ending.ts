/** How a reservation came to its end in one step, for the metrics; null: it did not. */
import type { Reservation } from "./reservation.ts";

export type Ending = "committed" | "released" | "expired";

export function endingBetween(before: Reservation | null, after: Reservation | null): Ending | null {
  const ending = endingOf(after);
  return ending === endingOf(before) && before?.holdKey === after?.holdKey ? null : ending;
}

/** A decision is the end: what is left is to carry it out. */
function endingOf(reservation: Reservation | null): Ending | null {
  switch (reservation?.phase.kind) {
    case "committing":
    case "committed":
      return "committed";
    case "releasing":
    case "released":
      return "released";
    case "expired":
      return "expired";
    default:
      return null;
  }
}
