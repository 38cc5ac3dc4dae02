/** The report of a shop's listings: what is counted, and what is not, and why. */
import type { InventoryItemId, ShopDomain, Sku, VariantId } from "../domain/ids.ts";
import type { Unmapped } from "./catalogue.ts";

export type ListingStatus = "active" | Unmapped;

const UNMAPPED: Readonly<Record<Unmapped, true>> = {
  untracked: true,
  gift_card: true,
  bundle_parent: true,
  blank_sku: true,
  duplicate_sku: true,
  retired: true,
  disconnected: true,
};

export type ListingReport = {
  readonly variantId: VariantId;
  readonly item: InventoryItemId;
  /** As the shop writes it; "" for none. */
  readonly sku: string;
  readonly title: string;
  readonly status: ListingStatus;
  /** The SKU that its counter goes by; null: it is not counted. */
  readonly countedAs: Sku | null;
  /** Other items of the shop that are counted under this SKU. */
  readonly sharesSkuWith: readonly InventoryItemId[];
  readonly importedAtMs: number;
};

export type ListingQuery = {
  readonly statuses: readonly ListingStatus[];
  /** Pages on: after this variant, in order of id. */
  readonly after: VariantId | null;
  readonly limit: number;
};

export interface ListingStore {
  page(shop: ShopDomain, query: ListingQuery): Promise<readonly ListingReport[]>;
  counts(shop: ShopDomain): Promise<ReadonlyMap<ListingStatus, number>>;
}

/** What may be asked for: one status, `unmapped` (all that is not counted), or `all`. */
export const STATUS_FILTERS = ["all", "unmapped", "active", ...(Object.keys(UNMAPPED) as Unmapped[])] as const;
export type StatusFilter = (typeof STATUS_FILTERS)[number];

export type ListingsPage = {
  readonly listings: readonly ListingReport[];
  /** Null: this was the last page. */
  readonly next: VariantId | null;
  /** Of the whole shop. */
  readonly counts: Readonly<Record<string, number>>;
};

export async function listListings(
  shop: ShopDomain,
  { filter, after, limit }: { readonly filter: StatusFilter; readonly after: VariantId | null; readonly limit: number },
  store: ListingStore,
): Promise<ListingsPage> {
  const [found, counts] = await Promise.all([
    // One more than asked for tells whether there is a next page.
    store.page(shop, { statuses: statusesOf(filter), after, limit: limit + 1 }),
    store.counts(shop),
  ]);
  const listings = found.slice(0, limit);
  const next = found.length > limit ? (listings.at(-1)?.variantId ?? null) : null;
  return { listings, next, counts: Object.fromEntries(counts) };
}

function statusesOf(filter: StatusFilter): readonly ListingStatus[] {
  const unmapped = Object.keys(UNMAPPED) as Unmapped[];
  if (filter === "all") return ["active", ...unmapped];
  return filter === "unmapped" ? unmapped : [filter];
}
