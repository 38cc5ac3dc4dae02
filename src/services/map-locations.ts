/**
 * Which location of ours a shop's location is. A shop's locations become ours under their own numbers unless an operator maps
 * them first: two shops that sell one shelf name it differently.
 */
import type { LocationId, ShopDomain, ShopLocationId } from "../domain/ids.ts";
import type { CatalogueSource, SourceReply } from "./import-catalogue.ts";
import type { LocationMapping, OurLocation, ShopStore } from "./shop-store.ts";

/** `locationId` null: not mapped; an import makes a location of ours for it. */
export type ShopLocationView = {
  readonly shopLocationId: ShopLocationId;
  readonly locationId: LocationId | null;
  readonly name: string;
  readonly isActive: boolean;
};

export type ShopLocations = { readonly locations: readonly ShopLocationView[]; readonly ours: readonly OurLocation[] };

export interface MapLocationsDeps {
  readonly shops: ShopStore;
  readonly source: Pick<CatalogueSource, "locations">;
}

/** As Shopify tells them now, also of a shop that was never imported. */
export async function listLocations(shop: ShopDomain, deps: MapLocationsDeps): Promise<SourceReply<ShopLocations>> {
  const told = await deps.source.locations();
  if (told.kind !== "ok") return told;
  const [known, ours] = await Promise.all([deps.shops.locations(shop), deps.shops.ourLocations()]);
  const mapped = new Map(known.map(({ shopLocationId, locationId }) => [shopLocationId, locationId]));
  const locations = told.value.map(({ id, name, isActive }) => ({
    shopLocationId: id,
    locationId: mapped.get(id) ?? null,
    name,
    isActive,
  }));
  return { kind: "ok", value: { locations, ours } };
}

export type Mapped =
  | { readonly kind: "mapped" }
  | { readonly kind: "unknown_location"; readonly locationId: LocationId }
  /** Levels of it are connected under the old mapping. */
  | { readonly kind: "in_use" };

export async function mapLocations(
  shop: ShopDomain,
  mappings: readonly LocationMapping[],
  shops: ShopStore,
): Promise<Mapped> {
  const [ours, known] = await Promise.all([shops.ourLocations(), shops.locations(shop)]);
  const ids = new Set(ours.map(({ locationId }) => locationId));
  const unknown = mappings.find(({ locationId }) => !ids.has(locationId));
  if (unknown !== undefined) return { kind: "unknown_location", locationId: unknown.locationId };
  const before = new Map(known.map(({ shopLocationId, locationId }) => [shopLocationId, locationId]));
  const changed = mappings.filter(({ shopLocationId, locationId }) => before.get(shopLocationId) !== locationId);
  if (changed.some(({ shopLocationId }) => before.has(shopLocationId)) && (await shops.hasCounted(shop)))
    return { kind: "in_use" };
  if (changed.length > 0) await shops.mapLocations(shop, changed);
  return { kind: "mapped" };
}
