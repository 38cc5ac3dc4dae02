/**
 * The catalogue as the services need it: which counter a shop's line or level belongs to. Nothing here throws when the
 * store is away: an answer then carries a fault, and what it lacks is not known to be unknown.
 */
import type { ConnectMode } from "../domain/counter/counter-event.ts";
import type {
  InventoryItemId,
  ListingId,
  LocationId,
  ShopDomain,
  ShopLocationId,
  Sku,
  SkuId,
  VariantId,
} from "../domain/ids.ts";

/** What an import finds that keeps an item from having a counter. It reports it; importing again after a mend connects it. */
export type NotCounted = "untracked" | "gift_card" | "bundle_parent" | "blank_sku" | "duplicate_sku";

/**
 * Why a listing that we know takes part no more, or never did. `retired`: its item was deleted at Shopify. `disconnected`:
 * its shop was.
 */
export type Unmapped = NotCounted | "retired" | "disconnected";

export type Listing =
  | { readonly kind: "active"; readonly skuId: SkuId; readonly sku: Sku; readonly listingId: ListingId }
  /** `skuText`: as the shop wrote it when it was last looked at. */
  | { readonly kind: "unmapped"; readonly reason: Unmapped; readonly skuText?: string };

/** What to look up in one go. */
export type CatalogueQuery = {
  readonly shop: ShopDomain;
  readonly variants: ReadonlySet<VariantId>;
  readonly items: ReadonlySet<InventoryItemId>;
  /** For lines whose variant is not known: by the SKU that they carry. */
  readonly skus: ReadonlySet<Sku>;
};

/** Why something could not be asked. Null: all was, and what is absent is unknown. */
export type CatalogueFault = string | null;

export type CatalogueAnswer = {
  readonly variants: ReadonlyMap<VariantId, Listing>;
  readonly items: ReadonlyMap<InventoryItemId, Listing>;
  readonly skus: ReadonlyMap<Sku, Listing>;
  readonly fault: CatalogueFault;
};

export type LocationsAnswer = {
  readonly locations: ReadonlyMap<ShopLocationId, LocationId>;
  readonly fault: CatalogueFault;
};

export type SkuIdsAnswer = { readonly skuIds: ReadonlyMap<Sku, SkuId>; readonly fault: CatalogueFault };

export type Connectable = { readonly sku: Sku; readonly mode: ConnectMode };

export interface Catalogue {
  resolve(query: CatalogueQuery): Promise<CatalogueAnswer>;
  /** What the isolate knows without asking anybody, however old. */
  remembered(query: CatalogueQuery): CatalogueAnswer;
  /** @param wanted  those that must be known, or known to be unknown */
  locationsOf(shop: ShopDomain, wanted: ReadonlySet<ShopLocationId>): Promise<LocationsAnswer>;
  /**
   * The SKU that a listing's counter goes by, if this is its counter, and how its shop is connected. Never from memory, because it may have been released
   * just now: the one question that rejects when the store is away.
   */
  connectable(listing: ListingId, skuId: SkuId): Promise<Connectable | null>;
  /** By present or former SKU. */
  skuIds(skus: readonly Sku[]): Promise<SkuIdsAnswer>;
}
