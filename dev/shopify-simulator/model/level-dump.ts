/** Levels as plain data, for tests and for the control API. */
import type { InventoryItem, Level } from "./shop-model.ts";
import { quantityOf, type ShopStore } from "./shop-store.ts";

export type LevelDump = {
  readonly itemId: string;
  readonly sku: string | null;
  readonly locationId: string;
  readonly isActive: boolean;
  readonly available: number;
  readonly committed: number;
  readonly reserved: number;
  readonly damaged: number;
  readonly safetyStock: number;
  readonly qualityControl: number;
  readonly incoming: number;
  readonly onHand: number;
  /** When `available` last changed, epoch ms. */
  readonly availableAtMs: number;
};

export function dumpLevel(level: Level): LevelDump {
  return {
    itemId: level.item.id,
    sku: level.item.sku,
    locationId: level.location.id,
    isActive: level.isActive,
    available: quantityOf(level, "available"),
    committed: quantityOf(level, "committed"),
    reserved: quantityOf(level, "reserved"),
    damaged: quantityOf(level, "damaged"),
    safetyStock: quantityOf(level, "safety_stock"),
    qualityControl: quantityOf(level, "quality_control"),
    incoming: quantityOf(level, "incoming"),
    onHand: quantityOf(level, "on_hand"),
    availableAtMs: level.availableAtMs,
  };
}

export function dumpItem(item: InventoryItem): LevelDump[] {
  return [...item.levels.values()].map(dumpLevel);
}

export function dumpLevels(store: ShopStore): LevelDump[] {
  return store.items.flatMap(dumpItem);
}

export function dumpLevelsBySku(store: ShopStore, sku: string): LevelDump[] {
  return store.itemsBySku(sku).flatMap(dumpItem);
}
