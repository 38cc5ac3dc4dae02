/** What the warehouse of the demo keeps for a story of its own: goods that run low, that sell out, that are counted. All lie at one place. */
import type { ShopifySimulator } from "../../shopify-simulator/simulator.ts";

/** They sell steadily, run low on the way, and are bought again. */
export const RUNNING_LOW_SKUS = ["RUNS-LOW-01", "RUNS-LOW-02", "RUNS-LOW-03"] as const;
/** Sold out by the marketplace down to its buffer, then by tills to the last unit. */
export const SELL_OUT_SKU = "SELLS-OUT-01";
/** Two of it are gone, and a count finds out. */
export const COUNTED_SKU = "COUNTED-01";
/** Counted by somebody who slipped: the count must wait for a person. */
export const MISCOUNTED_SKU = "COUNTED-02";

/** `point`, `quantity`: when it is bought again, and how many. */
export const RUNNING_LOW = { opening: 26, sold: 20, shopifyOrders: 3, point: 6, quantity: 24 };
export const SELL_OUT = { opening: 14, buffer: 2 };
const COUNTED_OPENING = 50;
export const COUNTED_GONE = 2;
/** Beyond any threshold: a four that was read as a nine. */
export const MISREAD_BY = 40;

export const DAY_SKUS = [...RUNNING_LOW_SKUS, SELL_OUT_SKU, COUNTED_SKU, MISCOUNTED_SKU] as const;

/** Whose shelf only the warehouse and its own documents move: Onhand must count on hand what lies there. */
export const SHELF_SKUS = [...RUNNING_LOW_SKUS, COUNTED_SKU, MISCOUNTED_SKU] as const;

export function seedDaySkus(simulator: ShopifySimulator): void {
  const [warehouse] = simulator.store.locations;
  if (warehouse === undefined) throw new Error("the shop has no location");
  for (const sku of DAY_SKUS) {
    simulator.addProduct({ title: `Warehouse ${sku}`, variants: [{ sku, priceCents: 2_900 }] });
    simulator.editLevel({ sku }, warehouse.id, { available: openingOf(sku) });
  }
}

export function openingOf(sku: (typeof DAY_SKUS)[number]): number {
  if (sku === SELL_OUT_SKU) return SELL_OUT.opening;
  return sku === COUNTED_SKU || sku === MISCOUNTED_SKU ? COUNTED_OPENING : RUNNING_LOW.opening;
}
