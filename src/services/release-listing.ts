/**
 * An operator's word that a SKU is no longer an item's: the next import may give it to another item. A former name is only
 * taken off the counter; for the present one the item itself leaves it, and with it the stock that it supplied.
 */
import {
  type CorrelationId,
  type InventoryItemId,
  listingIdOf,
  type ShopDomain,
  type Sku,
  type SkuId,
} from "../domain/ids.ts";
import type { LevelsView } from "../domain/levels-view.ts";
import type { Counters } from "./counter-contract.ts";

export type HeldSku = {
  readonly skuId: SkuId;
  /** What its counter goes by, and what this listing is counted as: they differ when another shop renamed the SKU. */
  readonly names: readonly Sku[];
};

export interface ReleaseStore {
  /** Half-released ones, too: a release that broke off can be repeated. */
  find(shop: ShopDomain, item: InventoryItemId): Promise<HeldSku | null>;
  /** Whether it is a former name of this counter that no listing goes by any more. */
  isFormerSku(sku: Sku, skuId: SkuId): Promise<boolean>;
  /** False: it is none. */
  freeFormerSku(sku: Sku, skuId: SkuId): Promise<boolean>;
  /** No news connects it from now on. */
  retire(shop: ShopDomain, item: InventoryItemId): Promise<void>;
  /** As if it had never been imported. */
  forget(shop: ShopDomain, item: InventoryItemId): Promise<void>;
}

export interface ReleaseDeps {
  readonly store: ReleaseStore;
  readonly counters: Counters;
  mirror(views: readonly LevelsView[]): void;
}

export type Released =
  | { readonly kind: "former_sku" }
  /** `view` is null where the counter never knew the listing. */
  | { readonly kind: "listing"; readonly view: LevelsView | null }
  | { readonly kind: "unknown_listing" }
  | { readonly kind: "not_its_sku" };

/** @param options  a dry run answers what would be, and changes nothing */
export async function releaseListing(
  shop: ShopDomain,
  item: InventoryItemId,
  sku: Sku,
  correlationId: CorrelationId,
  { store, counters, mirror }: ReleaseDeps,
  { dryRun = false }: { readonly dryRun?: boolean } = {},
): Promise<Released> {
  const held = await store.find(shop, item);
  if (held === null) return { kind: "unknown_listing" };
  if (!held.names.includes(sku)) {
    const free = dryRun ? store.isFormerSku : store.freeFormerSku;
    return (await free(sku, held.skuId)) ? { kind: "former_sku" } : { kind: "not_its_sku" };
  }
  const counter = counters.of(held.skuId);
  if (dryRun) {
    const foreseen = await counter.release(listingIdOf(shop, item), correlationId, { dryRun });
    return { kind: "listing", view: foreseen.kind === "applied" ? foreseen.view : null };
  }
  // In this order: a level that is told in between must not connect it again.
  await store.retire(shop, item);
  const reply = await counter.release(listingIdOf(shop, item), correlationId);
  await store.forget(shop, item);
  const view = reply.kind === "applied" ? reply.view : null;
  if (view !== null) mirror([view]);
  return { kind: "listing", view };
}
