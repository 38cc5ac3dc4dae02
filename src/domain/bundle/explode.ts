/**
 * Lines as they are sold become parts of stocked SKUs. A bundle of several components is taken whole at one location: where
 * the line names none, the first that has all of them, with what the lines before it left.
 */
import type { LocationId, Sku, SkuId } from "../ids.ts";
import type { LevelsView } from "../levels-view.ts";
import type { Part, ReservationLine } from "../reservation/reservation.ts";
import type { FlatBundle } from "./bundle.ts";
import { unitsOfBundle } from "./bundle-levels.ts";

export type SoldAs =
  | { readonly kind: "stocked"; readonly skuId: SkuId }
  | { readonly kind: "bundle"; readonly bundle: FlatBundle };

export type Exploded = {
  readonly members: readonly { readonly skuId: SkuId; readonly sku: Sku; readonly parts: readonly Part[] }[];
  /** Lines of bundles whose components have no location in common: they can be sold nowhere. */
  readonly nowhere: readonly number[];
};

/**
 * A line that no location can bear is given to the one that could bear most: its counters refuse it, and say what is left.
 * @param soldAs  of every line's SKU
 * @param views   levels of the components whose location has to be chosen; what is missing is taken for none
 * @param closed  locations that are never chosen
 */
export function explode(
  lines: readonly ReservationLine[],
  soldAs: ReadonlyMap<Sku, SoldAs>,
  views: ReadonlyMap<SkuId, LevelsView>,
  closed: ReadonlySet<LocationId>,
): Exploded {
  const floors = new Map(
    Array.from(views, ({ 0: skuId, 1: { locations } }) => {
      const open = locations.filter(({ locationId }) => !closed.has(locationId));
      return [skuId, new Map(open.map(({ locationId, floor }) => [locationId, floor]))];
    }),
  );
  const members = new Map<SkuId, { skuId: SkuId; sku: Sku; parts: Part[] }>();
  const nowhere: number[] = [];
  for (const [line, { sku, quantity, locationId }] of lines.entries()) {
    const sold = soldAs.get(sku);
    if (sold === undefined) continue;
    const components = sold.kind === "stocked" ? [{ skuId: sold.skuId, sku, quantity: 1 }] : sold.bundle.components;
    const isWhole = components.length > 1; // one SKU's counter allocates by itself
    const place = locationId ?? (isWhole ? choosePlace(components, quantity, floors) : null);
    if (place === null && isWhole) {
      nowhere.push(line);
      continue;
    }
    for (const { skuId, sku: its, quantity: each } of components) {
      const member = members.get(skuId) ?? { skuId, sku: its, parts: [] };
      member.parts.push({ line, each, quantity: quantity * each, locationId: place });
      members.set(skuId, member);
      const there = floors.get(skuId);
      if (there !== undefined && place !== null) there.set(place, (there.get(place) ?? 0) - quantity * each);
    }
  }
  return { members: [...members.values()], nowhere };
}

type Floors = ReadonlyMap<SkuId, ReadonlyMap<LocationId, number>>;

/** Where all components are, `wanted` times; else where the most are. Null: they are nowhere together. */
function choosePlace(components: FlatBundle["components"], wanted: number, floors: Floors): LocationId | null {
  const parts = components.map(({ skuId, quantity }) => {
    const locations = floors.get(skuId) ?? new Map<LocationId, number>();
    return { quantity, units: { total: Number.MAX_SAFE_INTEGER, locations } };
  });
  const { locations } = unitsOfBundle(parts);
  const bearing = Array.from(locations).find(([, units]) => units >= wanted);
  if (bearing !== undefined) return bearing[0];
  const [most] = Array.from(locations).toSorted(([, a], [, b]) => b - a);
  return most?.[0] ?? null;
}

export type Located = { readonly skuId: SkuId; readonly sku: Sku };

/** Stocked SKUs whose levels are needed to choose a location, each once. */
export function toBeLocated(lines: readonly ReservationLine[], soldAs: ReadonlyMap<Sku, SoldAs>): readonly Located[] {
  const needed = new Map<SkuId, Located>();
  for (const { sku, locationId } of lines) {
    const sold = soldAs.get(sku);
    if (locationId !== null || sold?.kind !== "bundle" || sold.bundle.components.length < 2) continue;
    for (const component of sold.bundle.components) needed.set(component.skuId, component);
  }
  return [...needed.values()];
}
