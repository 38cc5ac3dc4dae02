/** Which holds a commit takes, and how many units of each. A line of a bundle takes each component that many times. */
import type { HoldId, LocationId, Sku } from "../ids.ts";
import { err, ok, type Result } from "../result.ts";
import type { HeldPart, Reservation, Taken } from "./reservation.ts";

/** Units of the lines with this SKU (and location, where one is named), in their order. */
export type LineToCommit = { readonly sku: Sku; readonly quantity: number; readonly locationId: LocationId | null };

/** `held`: what could have been committed of it at most. */
export type NotHeld = { readonly kind: "not_held"; readonly index: number; readonly held: number };

export const allOf = ({ members }: Reservation): Taken =>
  Object.fromEntries(members.flatMap(({ held }) => held.map(({ holdId, quantity }) => [holdId, quantity])));

export function takenOf(reservation: Reservation, asked: readonly LineToCommit[]): Result<Taken, NotHeld> {
  const left = reservation.lines.map(({ quantity }) => quantity);
  for (const [index, { sku, quantity, locationId }] of asked.entries()) {
    let wanted = quantity;
    for (const [line, { sku: its, locationId: place }] of reservation.lines.entries()) {
      if (its !== sku || (locationId !== null && place !== locationId)) continue;
      const units = Math.min(wanted, left[line] ?? 0);
      left[line] = (left[line] ?? 0) - units;
      wanted -= units;
    }
    if (wanted > 0) return err({ kind: "not_held", index, held: quantity - wanted });
  }
  const units = reservation.lines.map(({ quantity }, line) => quantity - (left[line] ?? 0));
  return ok(Object.fromEntries(reservation.members.flatMap(({ held }) => [...takeFrom(held, units)])));
}

/** @param units  to commit of each line */
function* takeFrom(held: readonly HeldPart[], units: readonly number[]): Iterable<readonly [HoldId, number]> {
  const wanted = new Map<number, number>();
  for (const { holdId, line, each, quantity } of held) {
    const still = wanted.get(line) ?? (units[line] ?? 0) * each;
    const taken = Math.min(still, quantity);
    wanted.set(line, still - taken);
    if (taken > 0) yield [holdId, taken];
  }
}

export function sameTaken(a: Taken, b: Taken): boolean {
  const holds = Object.keys(a) as HoldId[];
  return holds.length === Object.keys(b).length && holds.every((holdId) => a[holdId] === b[holdId]);
}
