/**
 * The catalogue's writer: what an import puts into D1. Every statement may be repeated. A page goes as one JSON parameter per
 * statement: D1 binds at most 100 parameters, and a statement per row costs more than the row.
 */
import type { D1Database, D1PreparedStatement } from "@cloudflare/workers-types";
import {
  fromStore,
  type InventoryItemId,
  type LocationId,
  type ShopDomain,
  type ShopLocationId,
  type Sku,
  type SkuId,
} from "../domain/ids.ts";
import type {
  ActiveListings,
  CatalogueWriter,
  KnownListing,
  ListingRecord,
  SourceLocation,
} from "../services/import-catalogue.ts";

export function d1CatalogueWriter(db: D1Database, newId: () => string): CatalogueWriter {
  return {
    putLocations: (shop, locations, nowMs) => putLocations(db, shop, locations, nowMs),
    locationsOf: (shop) => locationsOf(db, shop),
    skuIds: (skus) => knownSkuIds(db, skus),
    mint: (skus, nowMs) => mint(db, skus, nowMs, newId),
    activeListings: (shop, skus, items) => activeListings(db, shop, skus, items),
    rename: (skuId, to) => rename(db, skuId, to),
    putListings: (shop, listings, nowMs) => putListings(db, shop, listings, nowMs),
  };
}

/** A shop's location becomes a location of ours under the same number, after those that are there. */
async function putLocations(
  db: D1Database,
  shop: ShopDomain,
  locations: readonly SourceLocation[],
  nowMs: number,
): Promise<ReadonlyMap<ShopLocationId, LocationId>> {
  if (locations.length === 0) return locationsOf(db, shop);
  await db.batch(
    locations.flatMap(({ id, name, isActive }) =>
      putLocationOn(db, shop, { id, name, isActive, changedAtMs: toSeconds(nowMs) }),
    ),
  );
  return locationsOf(db, shop);
}

/** Shopify stamps whole seconds: what it tells of the same second is no older than this. */
const toSeconds = (ms: number): number => ms - (ms % 1_000);

export type ToldLocation = SourceLocation & { readonly changedAtMs: number };

/** One that an operator has mapped to a location of ours gets none of its own. What was told earlier changes nothing. */
export function putLocationOn(db: D1Database, shop: ShopDomain, told: ToldLocation): readonly D1PreparedStatement[] {
  const { id, name, isActive, changedAtMs } = told;
  const ours = db.prepare(
    `INSERT INTO locations (location_id, name, position)
     SELECT ?1, ?2, (SELECT COALESCE(MAX(position) + 1, 0) FROM locations)
     WHERE NOT EXISTS (SELECT 1 FROM shop_locations WHERE shop = ?3 AND shop_location_id = ?1 AND location_id <> ?1)
     ON CONFLICT (location_id) DO UPDATE SET name = excluded.name`,
  );
  const theirs = db.prepare(
    `INSERT INTO shop_locations (shop, shop_location_id, location_id, is_active, name, changed_at_ms)
     VALUES (?1, ?2, ?2, ?3, ?4, ?5) ON CONFLICT (shop, shop_location_id) DO UPDATE SET is_active = excluded.is_active,
       name = excluded.name, changed_at_ms = excluded.changed_at_ms WHERE excluded.changed_at_ms >= changed_at_ms`,
  );
  return [ours.bind(id, name, shop), theirs.bind(shop, id, isActive ? 1 : 0, name, changedAtMs)];
}

/** In order of priority. */
async function locationsOf(db: D1Database, shop: ShopDomain): Promise<ReadonlyMap<ShopLocationId, LocationId>> {
  const { results } = await db
    .prepare(
      `SELECT s.shop_location_id, s.location_id FROM shop_locations s JOIN locations l USING (location_id)
       WHERE s.shop = ? ORDER BY l.position`,
    )
    .bind(shop)
    .all<{ shop_location_id: string; location_id: string }>();
  return new Map(results.map((row) => [fromStore(row.shop_location_id), fromStore(row.location_id)]));
}

/** The first writer of a SKU wins, whoever else mints it at the same moment: both read back the same id. */
async function mint(
  db: D1Database,
  skus: readonly Sku[],
  nowMs: number,
  newId: () => string,
): Promise<ReadonlyMap<Sku, SkuId>> {
  if (skus.length === 0) return new Map();
  const wanted = JSON.stringify(skus.map((sku) => ({ sku, skuId: `sku_${newId()}` })));
  const ids = db
    .prepare(
      `INSERT INTO skus (sku_id, sku, created_at_ms) SELECT j.value ->> 'skuId', j.value ->> 'sku', ?2 FROM json_each(?1) j
       WHERE NOT EXISTS (SELECT 1 FROM sku_aliases a WHERE a.sku = j.value ->> 'sku') ON CONFLICT (sku) DO NOTHING`,
    )
    .bind(wanted, nowMs);
  const aliases = db
    .prepare(
      `INSERT INTO sku_aliases (sku, sku_id) SELECT s.sku, s.sku_id FROM json_each(?1) j JOIN skus s ON s.sku = j.value ->> 'sku'
       WHERE true ON CONFLICT (sku) DO NOTHING`,
    )
    .bind(wanted);
  await db.batch([ids, aliases]);
  return knownSkuIds(db, skus);
}

async function knownSkuIds(db: D1Database, skus: readonly Sku[]): Promise<ReadonlyMap<Sku, SkuId>> {
  if (skus.length === 0) return new Map();
  const { results } = await db
    .prepare("SELECT a.sku, a.sku_id FROM json_each(?1) j JOIN sku_aliases a ON a.sku = j.value")
    .bind(JSON.stringify(skus))
    .all<{ sku: string; sku_id: string }>();
  return new Map(results.map((row) => [fromStore(row.sku), fromStore(row.sku_id)]));
}

async function activeListings(
  db: D1Database,
  shop: ShopDomain,
  skus: readonly Sku[],
  items: readonly InventoryItemId[],
): Promise<ActiveListings> {
  const columns = "l.inventory_item_id, l.sku_id, l.sku_text";
  // A former SKU still leads to its counter.
  const bySku = db
    .prepare(
      `SELECT j.value AS sku, ${columns} FROM json_each(?2) j JOIN sku_aliases a ON a.sku = j.value
       JOIN listings l ON l.sku_id = a.sku_id WHERE l.shop = ?1 AND l.status = 'active'`,
    )
    .bind(shop, JSON.stringify(skus));
  // An item of a shop that was disconnected, and comes back, is still the same item.
  const byItem = db
    .prepare(
      `SELECT ${columns} FROM json_each(?2) j JOIN listings l ON l.shop = ?1 AND l.inventory_item_id = j.value
       WHERE l.status IN ('active', 'disconnected') AND l.sku_id IS NOT NULL`,
    )
    .bind(shop, JSON.stringify(items));
  const [ofSkus, ofItems] = await db.batch<ListingRow & { sku?: string }>([bySku, byItem]);
  return {
    bySku: new Map((ofSkus?.results ?? []).map((row) => [fromStore(row.sku ?? ""), toKnown(row)])),
    byItem: new Map((ofItems?.results ?? []).map((row) => [fromStore(row.inventory_item_id), toKnown(row)])),
  };
}

type ListingRow = { inventory_item_id: string; sku_id: string; sku_text: string };

const toKnown = (row: ListingRow): KnownListing => ({
  item: fromStore(row.inventory_item_id),
  skuId: fromStore(row.sku_id),
  sku: fromStore(row.sku_text),
});

async function rename(db: D1Database, skuId: SkuId, to: Sku): Promise<boolean> {
  const [, , owner] = await db.batch<{ sku_id: string }>([
    db.prepare("INSERT INTO sku_aliases (sku, sku_id) VALUES (?1, ?2) ON CONFLICT (sku) DO NOTHING").bind(to, skuId),
    db
      .prepare(
        "UPDATE skus SET sku = ?1 WHERE sku_id = ?2 AND EXISTS (SELECT 1 FROM sku_aliases WHERE sku = ?1 AND sku_id = ?2)",
      )
      .bind(to, skuId),
    db.prepare("SELECT sku_id FROM sku_aliases WHERE sku = ?").bind(to),
  ]);
  return owner?.results[0]?.sku_id === skuId;
}

async function putListings(
  db: D1Database,
  shop: ShopDomain,
  listings: readonly ListingRecord[],
  nowMs: number,
): Promise<void> {
  if (listings.length === 0) return;
  const rows = listings.map(({ variantId, item, skuId, sku, status, title, productId }) => {
    return [variantId, item, skuId, sku, status, title, productId ?? null];
  });
  await db
    .prepare(
      `INSERT INTO listings (shop, variant_id, inventory_item_id, sku_id, sku_text, status, title, product_id, imported_at_ms)
       SELECT ?1, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, ?3
       FROM json_each(?2) WHERE true
       ON CONFLICT (shop, variant_id) DO UPDATE SET inventory_item_id = excluded.inventory_item_id, sku_id = excluded.sku_id,
         sku_text = excluded.sku_text, status = excluded.status, title = excluded.title, product_id = excluded.product_id,
         imported_at_ms = excluded.imported_at_ms`,
    )
    .bind(shop, JSON.stringify(rows), nowMs)
    .run();
}
