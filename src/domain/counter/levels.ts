/** The levels of a SKU as people and channels see them: the merge's truth plus the states of our own units. */
import type { LocationId } from "../ids.ts";
import type { LevelsView, LocationView } from "../levels-view.ts";
import { hintSums } from "../replica/hint-sums.ts";
import { truthOf } from "../replica/truth.ts";
import type { CounterState } from "./counter-state.ts";
import { bookAt } from "./own-book.ts";

/**
 * In order of import. `committed` is what Shopify's reads measured, moved since by the orders, cancellations and shipments
 * that were told, plus the sales that no level has shown yet, or only one in doubt: so `onHand` stands still while an order
 * travels. Added to it is what our own channels sold and did not ship.
 */
export function levelsOf({
  merge,
  books,
  own,
}: Pick<CounterState, "merge" | "books" | "own">): readonly LocationView[] {
  const committed = new Map<LocationId, number>();
  const add = (location: LocationId, units: number) => committed.set(location, (committed.get(location) ?? 0) + units);
  for (const levels of books.values()) for (const [location, book] of levels) add(location, book.committed);
  for (const listing of merge.listings.values()) {
    for (const [location, units] of hintSums(listing.hints).committed) add(location, units);
    for (const [location, { explained }] of listing.levels) {
      for (const part of explained) if (part.commits) add(location, -part.quantity);
    }
  }
  return truthOf(merge).map((truth) => {
    const book = bookAt(own, truth.locationId);
    const { reserved, damaged, safetyStock } = book;
    // Below zero while news of the end has come and news of the beginning has not: shown as none.
    const held = Math.max(0, (committed.get(truth.locationId) ?? 0) + book.committed);
    const onHand = truth.available + reserved + held + damaged + safetyStock;
    return { ...truth, reserved, committed: held, damaged, safetyStock, onHand };
  });
}

/** All that a location shows; a new field cannot be forgotten here. */
const SHOWN: Readonly<Record<keyof LocationView, true>> = {
  locationId: true,
  available: true,
  floor: true,
  reserved: true,
  committed: true,
  damaged: true,
  safetyStock: true,
  onHand: true,
  ledger: true,
  doubt: true,
  anticipated: true,
};
const FIELDS = Object.keys(SHOWN) as (keyof LocationView)[];

/** Whether two showings differ in anything: what `version` stands for. */
export function differ(before: readonly LocationView[], after: readonly LocationView[]): boolean {
  if (before.length !== after.length) return true;
  return after.some((now, i) => FIELDS.some((field) => now[field] !== before[i]?.[field]));
}

/** @param nowMs  when it is shown */
export function viewOf(state: CounterState, nowMs: number): LevelsView {
  const total = { available: 0, floor: 0, reserved: 0, committed: 0, damaged: 0, safetyStock: 0, onHand: 0 };
  for (const location of state.shown) {
    total.available += location.available;
    total.floor += location.floor;
    total.reserved += location.reserved;
    total.committed += location.committed;
    total.damaged += location.damaged;
    total.safetyStock += location.safetyStock;
    total.onHand += location.onHand;
  }
  const { sku, skuId, version, shown: locations } = state;
  return { sku, skuId, version, ...total, locations, asOf: new Date(nowMs).toISOString() };
}
