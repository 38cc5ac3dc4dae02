/** What a person does in the admin, past every API rule: count a shelf, stock an item somewhere, close a location. */
import type { InventoryItem, Level, Location } from "./shop-model.ts";
import type { ShopStore } from "./shop-store.ts";

export type MerchantEdit = { readonly available: number } | { readonly delta: number };

/** Sets or shifts `available` of a level (which is stocked first when it was not). @returns the level after the edit */
export function editLevel(store: ShopStore, item: InventoryItem, location: Location, edit: MerchantEdit): Level {
  const level = store.connect(item, location);
  const delta = "delta" in edit ? edit.delta : edit.available - level.quantities.available;
  store.change(level, "available", delta, { kind: "merchant", reference: null });
  return level;
}

export function setLocationActive(store: ShopStore, location: Location, isActive: boolean): void {
  location.isActive = isActive;
  location.updatedAtMs = store.now();
  location.deactivatedAtMs = isActive ? null : location.updatedAtMs;
  store.events.locationChanged(location, isActive ? "locations/activate" : "locations/deactivate");
}

export function renameLocation(store: ShopStore, location: Location, name: string): void {
  location.name = name;
  location.updatedAtMs = store.now();
  store.events.locationChanged(location, "locations/update");
}

/** Stops stocking an item at a location. The quantities stay and come back on reactivation. Tells `disconnect`. */
export function deactivateLevel(store: ShopStore, level: Level): void {
  if (!level.isActive) return;
  level.isActive = false;
  level.updatedAtMs = store.now();
  store.events.levelDisconnected(level);
}

export function reactivateLevel(store: ShopStore, level: Level): void {
  if (level.isActive) return;
  level.isActive = true;
  level.updatedAtMs = store.now();
  store.events.levelConnected(level);
}
