/** A small shop with honest defaults: two locations, and items whose stock the test names. */
import { afterEach } from "vitest";
import type { Location, Variant } from "../../../../dev/shopify-simulator/model/shop-model.ts";
import type { NewVariant } from "../../../../dev/shopify-simulator/model/shop-store.ts";
import { type ShopifySimulator, startShopifySimulator } from "../../../../dev/shopify-simulator/simulator.ts";
import type { SimulatorOptions } from "../../../../dev/shopify-simulator/simulator-options.ts";

const ADDRESS = {
  address1: "1 Test Street",
  city: "Toronto",
  zip: "M4K 3J1",
  province: "Ontario",
  provinceCode: "ON",
  country: "Canada",
  countryCode: "CA",
};

const running: ShopifySimulator[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((simulator) => simulator.close()));
});

/** A simulator that is closed after the test. Deliveries are quick to retry and levels merge within 10 ms. */
export async function startShop(options: SimulatorOptions = {}): Promise<ShopifySimulator> {
  const simulator = await startShopifySimulator({
    seed: 42,
    levelWindowMs: 10,
    bulkDelayMs: 1,
    ...options,
    courier: { retryScale: 1e-6, ...options.courier },
  });
  running.push(simulator);
  return simulator;
}

export type SmallShop = {
  readonly simulator: ShopifySimulator;
  readonly near: Location;
  readonly far: Location;
  /** Adds an item with this `available` at [near, far]; null: not stocked there. */
  readonly addItem: (
    sku: string | null,
    stock: readonly [number | null, number | null],
    more?: Partial<NewVariant>,
  ) => Variant;
};

export async function startSmallShop(options: SimulatorOptions = {}): Promise<SmallShop> {
  const simulator = await startShop(options);
  const near = simulator.addLocation({ name: "Shop location", address: ADDRESS });
  const far = simulator.addLocation({ name: "My Custom Location", address: ADDRESS });
  const addItem: SmallShop["addItem"] = (sku, stock, more = {}) => {
    const product = simulator.addProduct({ title: `Product ${sku}`, variants: [{ sku, priceCents: 1_000, ...more }] });
    const [variant] = product.variants;
    if (variant === undefined) throw new Error("no variant");
    for (const [index, available] of stock.entries()) {
      const location = index === 0 ? near : far;
      if (available === null) continue;
      const level = simulator.store.connect(variant.item, location);
      simulator.store.change(level, "available", available, { kind: "seed", reference: null });
    }
    return variant;
  };
  return { simulator, near, far, addItem };
}
