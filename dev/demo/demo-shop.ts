/**
 * The shop of the demo: a few hundred SKUs at two locations; one that everybody wants, one whose last units tills fight for,
 * one that runs out at the first location, then at the second.
 */
import type { ShopifySimulator } from "../shopify-simulator/simulator.ts";

export const FLASH_SKU = "FLASH-SALE-01";
export const LAST_SKU = "LAST-UNITS-01";
export const TWO_PLACES_SKU = "TWO-PLACES-01";

const ORDINARY_SKUS = 318;
/** Ample: the sale is about rate, and every unit of it must be found again. */
const FLASH_STOCK = [1_500, 700] as const;
/** Forty units at the second location, for twice as many tills. */
const LAST_STOCK = [0, 40] as const;
/** Less than its orders want; no till sells it: two channels that sell a last unit at once would oversell it, rightly. */
const TWO_PLACES_STOCK = [40, 30] as const;

/** What goes wrong with webhooks during the demo: doubled, overtaken, lost. */
export const DEMO_FAULTS = {
  webhooks: {
    duplicateRate: 0.08,
    reorderRate: 0.13,
    reorderHoldMs: 1_000,
    dropRate: { "inventory_levels/update": 0.14 },
  },
};

export function seedDemoShop(simulator: ShopifySimulator): void {
  simulator.seedCatalogue({
    skus: ORDINARY_SKUS,
    locations: 2,
    stock: [40, 120],
    specials: { giftCard: true, untracked: true, blankSku: true, duplicateSku: true, bundle: true },
  });
  addProduct(simulator, "Flash sale sneaker", FLASH_SKU, FLASH_STOCK);
  addProduct(simulator, "Last units lamp", LAST_SKU, LAST_STOCK);
  addProduct(simulator, "Two places carafe", TWO_PLACES_SKU, TWO_PLACES_STOCK);
}

function addProduct(simulator: ShopifySimulator, title: string, sku: string, stock: readonly [number, number]): void {
  simulator.addProduct({ title, variants: [{ sku, priceCents: 4_900 }] });
  for (const [i, available] of stock.entries()) {
    const location = simulator.store.locations[i];
    if (location !== undefined) simulator.editLevel({ sku }, location.id, { available });
  }
}

/** What the plan draws from: neither the odd ones of the catalogue nor its stars, which the plan names itself. */
export function ordinarySkus(simulator: ShopifySimulator): readonly string[] {
  const skus = simulator.store.variants.flatMap(({ item, components }) =>
    item.tracked && components.length === 0 && /^[A-Z]{3}-[A-Z]{3}-\d{5}$/.test(item.sku ?? "") ? [item.sku ?? ""] : [],
  );
  return [...new Set(skus)];
}
