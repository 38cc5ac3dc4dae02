/** A small catalogue, put in as an import would: SKU, listing, levels at two locations. */
import { env } from "cloudflare:workers";
import {
  fromStore,
  type InventoryItemId,
  listingIdOf,
  type Sku,
  type SkuId,
  type VariantId,
} from "../../../src/domain/ids.ts";
import type { SourceLocation } from "../../../src/services/import-catalogue.ts";
import { d1CatalogueWriter } from "../../../src/store/d1-catalogue-writer.ts";
import { counterOf, HERE, level, OPENED_MS, SHOP, THERE } from "./counters.ts";

let minted = 0;
const writer = d1CatalogueWriter(env.DB, () => `${++minted}-${Math.random().toString(36).slice(2)}`);

const LOCATIONS: readonly SourceLocation[] = [
  { id: fromStore(HERE), name: "Warehouse", isActive: true },
  { id: fromStore(THERE), name: "Shop", isActive: true },
];

export type Stocked = { readonly skuId: SkuId; readonly counter: ReturnType<typeof counterOf> };

/** @param number  variant and inventory item share it */
export async function stock(sku: string, number: string, here: number, there = 0): Promise<Stocked> {
  const { skuId, counter, connect } = await list(sku, number);
  await connect(here, there);
  return { skuId, counter };
}

/** In the catalogue, and not connected to its counter yet: as between two steps of an import. */
export async function list(sku: string, number: string) {
  await writer.putLocations(SHOP, LOCATIONS, OPENED_MS);
  const name = fromStore<Sku>(sku);
  const skuId = (await writer.mint([name], Date.now())).get(name);
  if (skuId === undefined) throw new Error("not minted");
  const item = fromStore<InventoryItemId>(number);
  const counter = counterOf(skuId);
  const listing = {
    variantId: fromStore<VariantId>(number),
    item,
    skuId,
    sku,
    status: "active",
    title: sku,
    productId: null,
  } as const;
  await writer.putListings(SHOP, [listing], Date.now());
  const connect = (here: number, there = 0) =>
    counter.connectListing({
      sku: name,
      listingId: listingIdOf(SHOP, item),
      levels: [level(HERE, here), level(THERE, there)],
      correlationId: fromStore("test-import"),
    });
  return { skuId, counter, connect };
}
