/**
 * A second shop that sells some of the first one's shelf: connected as one that mirrors, after a dry run. Its buyers buy, and
 * at the end it must show what the counters have.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { mirrorAll } from "../channel-link/mirror-all.ts";
import type { OnhandClient } from "../cli/client.ts";
import { SeededRandom } from "../shopify-simulator/model/seeded-random.ts";
import type { ShopifySimulator } from "../shopify-simulator/simulator.ts";
import type { LevelTable } from "./compare.ts";
import { ordinarySkus } from "./demo-shop.ts";

/** Also what the marketplace and the till of the demo sell. */
export const SHARED_SKUS = 24;
const ORDERS = 60;

/** One location, the first one's SKUs, and whatever stock its last stocktake left. */
export function seedSecondShop(first: ShopifySimulator, second: ShopifySimulator): void {
  const [shelf] = first.store.locations;
  if (shelf === undefined) throw new Error("the first shop has no location");
  const location = second.addLocation({ name: `${shelf.name} (outlet)`, address: shelf.address });
  const random = new SeededRandom(5);
  for (const sku of ordinarySkus(first).slice(0, SHARED_SKUS)) {
    second.addProduct({ title: `Outlet ${sku}`, variants: [{ sku, priceCents: 1_900 }] });
    second.editLevel({ sku }, location.id, { available: random.between(0, 50) });
  }
}

/** @returns how many first pushes the dry run listed */
export async function connectSecondShop(
  client: OnhandClient,
  first: ShopifySimulator,
  second: ShopifySimulator,
): Promise<number> {
  const [ours, theirs] = [first.store.locations[0]?.id ?? "", second.store.locations[0]?.id ?? ""];
  await client.call("PUT", `/v1/shops/${second.shop}/locations`, {
    locations: [{ shopLocationId: theirs, locationId: ours }],
  });
  return mirrorAll(client, `/v1/shops/${second.shop}/import`);
}

/** Buyers of the second shop, spread over the demo. */
export async function playSecondShop(second: ShopifySimulator, durationMs: number, ended: AbortSignal): Promise<void> {
  const random = new SeededRandom(6);
  const skus = [...new Set(second.store.items.flatMap(({ sku }) => sku ?? []))];
  for (let i = 0; i < ORDERS && !ended.aborted; i += 1) {
    second.createOrder({ lines: [{ sku: random.pick(skus), quantity: random.between(1, 2) }] });
    await sleep(durationMs / ORDERS);
  }
}

/** Units that the second shop's buyers took, by SKU: on the first shop's books they are taken elsewhere. */
export function soldBySecond(second: ShopifySimulator): ReadonlyMap<string, number> {
  const sold = new Map<string, number>();
  const skuOf = new Map(second.store.items.map(({ id, sku }) => [id, sku ?? ""]));
  for (const { name, cause, itemId, delta } of second.changes()) {
    const sku = skuOf.get(itemId);
    if (name !== "available" || cause !== "order" || sku === undefined) continue;
    sold.set(sku, (sold.get(sku) ?? 0) - delta);
  }
  return sold;
}

/** SKUs of which the second shop shows something else than the counters have at its shelf. */
export function behindSecond(
  first: ShopifySimulator,
  second: ShopifySimulator,
  counters: LevelTable,
): readonly string[] {
  const shelf = first.store.locations[0]?.id ?? "";
  const skus = [...new Set(second.store.items.flatMap(({ sku }) => sku ?? []))];
  return skus.filter((sku) => second.availableOf(sku) !== counters.get(sku)?.get(shelf));
}
