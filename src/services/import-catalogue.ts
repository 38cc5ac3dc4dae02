/**
 * Import of a shop's catalogue, a page a call: locations first, then inventory items with their variants and levels.
 * Whoever drives it passes the cursor on, so it can be stopped, resumed and repeated: known levels count as news of
 * Shopify's level, unknown ones are adopted as opening stock, and nothing is ever deleted.
 */
import type {
  CorrelationId,
  InventoryItemId,
  LocationId,
  ShopDomain,
  ShopLocationId,
  Sku,
  SkuId,
  VariantId,
} from "../domain/ids.ts";
import type { LevelsView } from "../domain/levels-view.ts";
import type { Unmapped } from "./catalogue.ts";
import { connectItems } from "./connect-items.ts";
import type { Counters } from "./counter-contract.ts";
import { placeItems, recordsOf } from "./place-items.ts";

export type SourceLocation = { readonly id: ShopLocationId; readonly name: string; readonly isActive: boolean };

export type SourceLevel = {
  readonly location: ShopLocationId;
  readonly available: number;
  readonly committed: number;
  readonly atMs: number;
};

export type SourceVariant = {
  readonly id: VariantId;
  readonly title: string;
  readonly isGiftCard: boolean;
  readonly isBundleParent: boolean;
};

export type SourceItem = {
  readonly id: InventoryItemId;
  readonly sku: string | null;
  readonly isTracked: boolean;
  readonly variants: readonly SourceVariant[];
  readonly levels: readonly SourceLevel[];
};

/** What Shopify said; `later`: it said nothing yet, ask again after that. */
export type SourceReply<Value> =
  | { readonly kind: "ok"; readonly value: Value }
  | { readonly kind: "later"; readonly afterMs: number; readonly reason: string }
  | { readonly kind: "refused"; readonly code: string; readonly message: string };

export interface CatalogueSource {
  locations(): Promise<SourceReply<readonly SourceLocation[]>>;
  items(
    cursor: string | null,
  ): Promise<SourceReply<{ readonly items: readonly SourceItem[]; readonly nextCursor: string | null }>>;
}

export type ListingRecord = {
  readonly variantId: VariantId;
  readonly item: InventoryItemId;
  readonly skuId: SkuId | null;
  readonly sku: string;
  readonly status: "active" | Unmapped;
  readonly title: string;
};

/** What a listing is known as already. */
export type KnownListing = { readonly item: InventoryItemId; readonly skuId: SkuId; readonly sku: Sku };

export type ActiveListings = {
  readonly bySku: ReadonlyMap<Sku, KnownListing>;
  readonly byItem: ReadonlyMap<InventoryItemId, KnownListing>;
};

export interface CatalogueWriter {
  /** Our ids of the shop's locations; new ones are appended in the order given. */
  putLocations(
    shop: ShopDomain,
    locations: readonly SourceLocation[],
  ): Promise<ReadonlyMap<ShopLocationId, LocationId>>;
  locationsOf(shop: ShopDomain): Promise<ReadonlyMap<ShopLocationId, LocationId>>;
  /** Ids of these SKUs; new ones are minted. */
  mint(skus: readonly Sku[], nowMs: number): Promise<ReadonlyMap<Sku, SkuId>>;
  /** Active listings of the shop that go, or went, by these SKUs, and those of these items. */
  activeListings(shop: ShopDomain, skus: readonly Sku[], items: readonly InventoryItemId[]): Promise<ActiveListings>;
  /** The SKU id goes by another SKU from now on; the old one stays its alias. False when the new one is taken. */
  rename(skuId: SkuId, to: Sku): Promise<boolean>;
  putListings(shop: ShopDomain, listings: readonly ListingRecord[], nowMs: number): Promise<void>;
}

/** What a person should know of an item: it is not counted, or not as it should be. */
export type ImportFinding = {
  readonly kind: Unmapped | "no_levels" | "unknown_location" | "foreign_level" | "sku_taken";
  readonly variantId: VariantId;
  readonly sku: string;
  readonly title: string;
  readonly detail: string;
};

export type ImportPage =
  | {
      readonly kind: "page";
      readonly nextCursor: string | null;
      readonly counts: {
        readonly locations: number;
        readonly items: number;
        readonly connected: number;
        readonly levels: number;
      };
      readonly findings: readonly ImportFinding[];
    }
  | Exclude<SourceReply<never>, { kind: "ok" }>;

export interface ImportDeps {
  readonly source: CatalogueSource;
  readonly writer: CatalogueWriter;
  readonly counters: Counters;
  mirror(views: readonly LevelsView[]): void;
  nowMs(): number;
}

/** @param cursor  null: from the start, locations first */
export async function importPage(
  shop: ShopDomain,
  cursor: string | null,
  correlationId: CorrelationId,
  deps: ImportDeps,
): Promise<ImportPage> {
  let places = 0;
  if (cursor === null) {
    const locations = await deps.source.locations();
    if (locations.kind !== "ok") return locations;
    await deps.writer.putLocations(shop, locations.value);
    places = locations.value.length;
  }
  const [page, at] = await Promise.all([deps.source.items(cursor), deps.writer.locationsOf(shop)]);
  if (page.kind !== "ok") return page;
  const { items, nextCursor } = page.value;
  const placed = await placeItems(shop, items, deps.writer, deps.nowMs());
  const connected = await connectItems(shop, placed, at, correlationId, deps.counters);
  await deps.writer.putListings(shop, placed.flatMap(recordsOf), deps.nowMs());
  if (connected.views.length > 0) deps.mirror(connected.views);
  const findings = [...placed.flatMap(({ findings }) => findings), ...connected.findings];
  const counts = {
    locations: places,
    items: items.length,
    connected: connected.views.length,
    levels: connected.levels,
  };
  return { kind: "page", nextCursor, counts, findings };
}
