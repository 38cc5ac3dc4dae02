/** How much of each line a commit takes. A line of a bundle takes each of its components that many times. */
import type { LocationId, Sku } from "../ids.ts";
import { err, ok, type Result } from "../result.ts";
import type { Reservation, Taken } from "./reservation.ts";

/** Units of the lines with this SKU (and location, where one is named), in their order. */
export type LineToCommit = { readonly sku: Sku; readonly quantity: number; readonly locationId: LocationId | null };

/** `held`: what could have been committed of it at most. */
export type NotHeld = { readonly kind: "not_held"; readonly index: number; readonly held: number };

export const allOf = ({ lines }: Reservation): Taken => lines.map(({ quantity }) => quantity);

export function takenOf({ lines }: Reservation, asked: readonly LineToCommit[]): Result<Taken, NotHeld> {
  const left = lines.map(({ quantity }) => quantity);
  for (const [index, { sku, quantity, locationId }] of asked.entries()) {
    let wanted = quantity;
    for (const [line, { sku: its, locationId: place }] of lines.entries()) {
      if (its !== sku || (locationId !== null && place !== locationId)) continue;
      const units = Math.min(wanted, left[line] ?? 0);
      left[line] = (left[line] ?? 0) - units;
      wanted -= units;
    }
    if (wanted > 0) return err({ kind: "not_held", index, held: quantity - wanted });
  }
  return ok(lines.map(({ quantity }, line) => quantity - (left[line] ?? 0)));
}

export const sameTaken = (a: Taken, b: Taken): boolean => a.every((units, line) => units === b[line]);
