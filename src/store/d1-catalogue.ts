/**
 * The catalogue in D1, read through a cache of the isolate: a batch of known SKUs asks D1 nothing. What is not found is
 * not remembered, so that an import is seen at once.
 */
import {
  fromStore,
  type InventoryItemId,
  type LocationId,
  listingIdOf,
  parseSku,
  type ShopDomain,
  type ShopLocationId,
  type Sku,
  type SkuId,
  type VariantId,
} from "../domain/ids.ts";
import type { Catalogue, CatalogueAnswer, CatalogueQuery, Listing, Unmapped } from "../services/catalogue.ts";
import { ExpiringMap } from "./expiring-map.ts";

export type CatalogueCache = {
  /** By `variant:…`, `item:…`, `sku:…` of a shop. */
  readonly listings: ExpiringMap<string, Listing>;
  readonly locations: ExpiringMap<ShopDomain, ReadonlyMap<ShopLocationId, LocationId>>;
  readonly skuIds: ExpiringMap<Sku, SkuId>;
};

export const newCatalogueCache = (ttlMs: number, entriesMax: number): CatalogueCache => ({
  listings: new ExpiringMap(ttlMs, entriesMax),
  locations: new ExpiringMap(ttlMs, 1_000),
  skuIds: new ExpiringMap(ttlMs, entriesMax),
});

type ListingRow = {
  variant_id: string;
  inventory_item_id: string;
  sku_id: string | null;
  sku_text: string;
  status: string;
};

const COLUMNS = "variant_id, inventory_item_id, sku_id, sku_text, status";
const KEYS_PER_STATEMENT = 90; // D1 binds at most 100 parameters; the shop is one of them

export function d1Catalogue(db: D1Database, cache: CatalogueCache, nowMs: () => number): Catalogue {
  return {
    resolve: (query) => resolve(db, cache, query, nowMs()),
    locationsOf: (shop) => locationsOf(db, cache, shop, nowMs()),
    skuIds: (skus) => skuIdsOf(db, cache, skus, nowMs()),
  };
}

async function resolve(
  db: D1Database,
  cache: CatalogueCache,
  query: CatalogueQuery,
  nowMs: number,
): Promise<CatalogueAnswer> {
  const { shop } = query;
  const answer = {
    variants: new Map<VariantId, Listing>(),
    items: new Map<InventoryItemId, Listing>(),
    skus: new Map<Sku, Listing>(),
  };
  const missing = [
    ...take(cache, shop, "variant", query.variants, answer.variants, nowMs),
    ...take(cache, shop, "item", query.items, answer.items, nowMs),
    ...take(cache, shop, "sku", query.skus, answer.skus, nowMs),
  ];
  if (missing.length === 0) return answer;
  const columns = { variant: "variant_id", item: "inventory_item_id", sku: "sku_text" } as const;
  const statements = missing.map(({ by, keys }) =>
    db
      .prepare(
        `SELECT ${COLUMNS} FROM listings WHERE shop = ? AND ${columns[by]} IN (${keys.map(() => "?").join(", ")})`,
      )
      .bind(shop, ...keys),
  );
  const results = await db.batch<ListingRow>(statements);
  for (const row of results.flatMap((result) => result.results)) remember(cache, shop, row, nowMs);
  take(cache, shop, "variant", query.variants, answer.variants, nowMs);
  take(cache, shop, "item", query.items, answer.items, nowMs);
  take(cache, shop, "sku", query.skus, answer.skus, nowMs);
  return answer;
}

type By = "variant" | "item" | "sku";

/** What the cache knows goes into `found`; the rest comes back in chunks that fit a statement. */
function take<Key extends string>(
  cache: CatalogueCache,
  shop: ShopDomain,
  by: By,
  wanted: ReadonlySet<Key>,
  found: Map<Key, Listing>,
  nowMs: number,
): readonly { readonly by: By; readonly keys: readonly Key[] }[] {
  const missing: Key[] = [];
  for (const key of wanted) {
    const listing = cache.listings.get(`${by}:${shop}:${key}`, nowMs);
    if (listing === undefined) missing.push(key);
    else found.set(key, listing);
  }
  const chunks = [];
  for (let i = 0; i < missing.length; i += KEYS_PER_STATEMENT)
    chunks.push({ by, keys: missing.slice(i, i + KEYS_PER_STATEMENT) });
  return chunks;
}

/** Of several variants that share an item or a SKU, one that is active speaks for it. */
function remember(cache: CatalogueCache, shop: ShopDomain, row: ListingRow, nowMs: number): void {
  const listing = toListing(shop, row);
  cache.listings.set(`variant:${shop}:${row.variant_id}`, listing, nowMs);
  for (const key of [`item:${shop}:${row.inventory_item_id}`, `sku:${shop}:${row.sku_text}`]) {
    if (listing.kind === "active" || cache.listings.get(key, nowMs)?.kind !== "active")
      cache.listings.set(key, listing, nowMs);
  }
}

function toListing(shop: ShopDomain, row: ListingRow): Listing {
  if (row.status !== "active" || row.sku_id === null) return { kind: "unmapped", reason: row.status as Unmapped };
  const listingId = listingIdOf(shop, fromStore(row.inventory_item_id));
  return { kind: "active", skuId: fromStore(row.sku_id), sku: fromStore(row.sku_text), listingId };
}

async function locationsOf(
  db: D1Database,
  cache: CatalogueCache,
  shop: ShopDomain,
  nowMs: number,
): Promise<ReadonlyMap<ShopLocationId, LocationId>> {
  const known = cache.locations.get(shop, nowMs);
  if (known !== undefined) return known;
  type Row = { shop_location_id: string; location_id: string };
  const { results } = await db
    .prepare("SELECT shop_location_id, location_id FROM shop_locations WHERE shop = ?")
    .bind(shop)
    .all<Row>();
  const locations = new Map<ShopLocationId, LocationId>(
    results.map((row) => [fromStore(row.shop_location_id), fromStore(row.location_id)]),
  );
  if (locations.size > 0) cache.locations.set(shop, locations, nowMs);
  return locations;
}

async function skuIdsOf(
  db: D1Database,
  cache: CatalogueCache,
  skus: readonly Sku[],
  nowMs: number,
): Promise<ReadonlyMap<Sku, SkuId>> {
  const found = new Map<Sku, SkuId>();
  const missing: Sku[] = [];
  for (const sku of skus) {
    const skuId = cache.skuIds.get(sku, nowMs);
    if (skuId === undefined) missing.push(sku);
    else found.set(sku, skuId);
  }
  if (missing.length === 0) return found;
  const statements = [];
  for (let i = 0; i < missing.length; i += KEYS_PER_STATEMENT) {
    const keys = missing.slice(i, i + KEYS_PER_STATEMENT);
    statements.push(
      db.prepare(`SELECT sku, sku_id FROM sku_aliases WHERE sku IN (${keys.map(() => "?").join(", ")})`).bind(...keys),
    );
  }
  for (const { results } of await db.batch<{ sku: string; sku_id: string }>(statements)) {
    for (const row of results) {
      const sku = parseSku(row.sku);
      if (!sku.ok) continue;
      cache.skuIds.set(sku.value, fromStore(row.sku_id), nowMs);
      found.set(sku.value, fromStore(row.sku_id));
    }
  }
  return found;
}
