/** What the simulator's own store says: of levels, of what moved them, and of which SKUs Onhand has to know. */
import type { ShopifySimulator } from "../shopify-simulator/simulator.ts";
import type { Account, LevelTable } from "./compare.ts";

/** SKUs with a stock of their own. The first item of a SKU is the one that Onhand syncs; the import reports its twins. */
export function syncedItems(simulator: ShopifySimulator): ReadonlyMap<string, string> {
  const items = new Map<string, string>();
  for (const { item, components, product } of simulator.store.variants) {
    const { sku, tracked, id } = item;
    if (sku === null || !tracked || components.length > 0 || product.isGiftCard) continue;
    if (!items.has(sku)) items.set(sku, id);
  }
  return items;
}

export function shopifyTable(simulator: ShopifySimulator): LevelTable {
  const found = new Map<string, Map<string, number>>();
  const items = syncedItems(simulator);
  for (const { sku, itemId, locationId, available } of simulator.levels()) {
    if (sku === null || items.get(sku) !== itemId) continue;
    found.set(sku, (found.get(sku) ?? new Map<string, number>()).set(locationId, available));
  }
  return found;
}

/** Units that orders took from the second location: routing had a choice to make. */
export function unitsFromSecondLocation(simulator: ShopifySimulator): number {
  const second = simulator.store.locations[1]?.id;
  return simulator
    .changes()
    .filter(({ cause, name, locationId }) => cause === "order" && name === "available" && locationId === second)
    .reduce((sum, { delta }) => sum - delta, 0);
}

/** @param taken  units that tills took, by SKU and location, as Onhand's answers told */
export function accountsOf(
  simulator: ShopifySimulator,
  taken: ReadonlyMap<string, ReadonlyMap<string, number>>,
): readonly Account[] {
  const sums = new Map<string, { opening: number; changed: number; pushed: number }>();
  const skuOf = new Map(Array.from(syncedItems(simulator), ([sku, itemId]) => [itemId, sku]));
  for (const { name, cause, itemId, delta } of simulator.changes()) {
    const sku = skuOf.get(itemId);
    if (name !== "available" || sku === undefined) continue;
    const sum = sums.get(sku) ?? { opening: 0, changed: 0, pushed: 0 };
    sums.set(sku, sum);
    if (cause === "seed") sum.opening += delta;
    else if (cause === "api") sum.pushed += delta;
    else sum.changed += delta;
  }
  const closing = shopifyTable(simulator);
  return Array.from(sums, ([sku, { opening, changed, pushed }]) => ({
    sku,
    opening,
    changedInShopify: changed,
    taken: sumOf(taken.get(sku)),
    pushed,
    closing: sumOf(closing.get(sku)),
  }));
}

const sumOf = (units: ReadonlyMap<string, number> | undefined): number =>
  [...(units?.values() ?? [])].reduce((total, n) => total + n, 0);
