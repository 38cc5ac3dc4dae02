/** The catalogue as the services need it: which counter a shop's line or level belongs to. */
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

/** Why a listing that we know has no counter. Its import reports it; importing again after a mend connects it. */
export type Unmapped = "untracked" | "gift_card" | "bundle_parent" | "blank_sku" | "duplicate_sku";

export type Listing =
  | { readonly kind: "active"; readonly skuId: SkuId; readonly sku: Sku; readonly listingId: ListingId }
  | { readonly kind: "unmapped"; readonly reason: Unmapped };

/** What to look up in one go. */
export type CatalogueQuery = {
  readonly shop: ShopDomain;
  readonly variants: ReadonlySet<VariantId>;
  readonly items: ReadonlySet<InventoryItemId>;
  /** For lines whose variant is not known: by the SKU that they carry. */
  readonly skus: ReadonlySet<Sku>;
};

/** What was not found is absent. */
export type CatalogueAnswer = {
  readonly variants: ReadonlyMap<VariantId, Listing>;
  readonly items: ReadonlyMap<InventoryItemId, Listing>;
  readonly skus: ReadonlyMap<Sku, Listing>;
};

export interface Catalogue {
  /** Throws when D1 is away and the isolate does not know. */
  resolve(query: CatalogueQuery): Promise<CatalogueAnswer>;
  locationsOf(shop: ShopDomain): Promise<ReadonlyMap<ShopLocationId, LocationId>>;
  /** By present or former SKU. */
  skuIds(skus: readonly Sku[]): Promise<ReadonlyMap<Sku, SkuId>>;
}
