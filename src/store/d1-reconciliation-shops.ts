/** What reconciliation remembers of a shop, and what it asks of the catalogue. */
import type { D1Database, D1PreparedStatement } from "@cloudflare/workers-types";
import { chunksOf } from "../domain/chunks-of.ts";
import { fromStore, listingIdOf, type ShopDomain, type Sku } from "../domain/ids.ts";
import type { ShopMarks } from "../domain/reconcile/schedule.ts";
import type { KnownListing, ListingStore, ShopMarksStore } from "../services/reconcile/reconcile-deps.ts";

type MarksRow = {
  all_at_ms: number | null;
  changed_at_ms: number | null;
  orders_since_ms: number | null;
  levels_since_ms: number | null;
  outage_ended_ms: number | null;
};

export function d1ReconciliationShops(db: D1Database): ShopMarksStore {
  return {
    async marks(shop) {
      const row = await db
        .prepare(
          `SELECT all_at_ms, changed_at_ms, orders_since_ms, levels_since_ms, outage_ended_ms FROM reconciliation_shops
           WHERE shop = ? AND all_at_ms IS NOT NULL`,
        )
        .bind(shop)
        .first<MarksRow>();
      if (row === null) return null;
      return {
        allAtMs: row.all_at_ms ?? 0,
        changedAtMs: row.changed_at_ms ?? 0,
        ordersSinceMs: row.orders_since_ms,
        levelsSinceMs: row.levels_since_ms,
        outageEndedMs: row.outage_ended_ms ?? 0,
      };
    },
    async putMarks(shop, { allAtMs, changedAtMs, outageEndedMs }) {
      // How far orders and levels are told is the runs' to say, which may end meanwhile.
      await marksStatement(db, shop, { allAtMs, changedAtMs, outageEndedMs }).run();
    },
    async callbackUri(shop) {
      const row = await db
        .prepare("SELECT callback_uri FROM reconciliation_shops WHERE shop = ?")
        .bind(shop)
        .first<{ callback_uri: string | null }>();
      return row?.callback_uri ?? null;
    },
    async putCallbackUri(shop, uri) {
      await db
        .prepare(
          `INSERT INTO reconciliation_shops (shop, callback_uri) VALUES (?1, ?2)
           ON CONFLICT (shop) DO UPDATE SET callback_uri = excluded.callback_uri`,
        )
        .bind(shop, uri)
        .run();
    },
  };
}

/** Marks only rise: what was told is not asked for again because of a run that ends late. */
export function marksStatement(db: D1Database, shop: ShopDomain, marks: Partial<ShopMarks>): D1PreparedStatement {
  const rise = (column: string): string =>
    `${column} = COALESCE(MAX(excluded.${column}, COALESCE(${column}, 0)), ${column})`;
  const columns = ["all_at_ms", "changed_at_ms", "orders_since_ms", "levels_since_ms", "outage_ended_ms"];
  return db
    .prepare(
      `INSERT INTO reconciliation_shops (shop, ${columns.join(", ")}) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (shop) DO UPDATE SET ${columns.map(rise).join(", ")}`,
    )
    .bind(
      ...[shop, marks.allAtMs ?? null, marks.changedAtMs ?? null, marks.ordersSinceMs ?? null],
      ...[marks.levelsSinceMs ?? null, marks.outageEndedMs ?? null],
    );
}

type ListingRow = { inventory_item_id: string; sku_id: string; sku: string };

/** D1 binds at most 100 parameters; shop, place and limit are three of them. */
const SKUS_PER_STATEMENT = 90;

export function d1ReconciliationListings(db: D1Database): ListingStore {
  return {
    page: (shop, skus, after, limit) =>
      skus === null ? pageOfAll(db, shop, after, limit) : pageOfSkus(db, shop, skus, after, limit),
    async locations(shop) {
      const { results } = await db
        .prepare(
          `SELECT s.shop_location_id FROM shop_locations s JOIN locations l USING (location_id)
           WHERE s.shop = ? ORDER BY l.position`,
        )
        .bind(shop)
        .all<{ shop_location_id: string }>();
      return results.map((row) => fromStore(row.shop_location_id));
    },
    async takesPart(shop) {
      const row = await db
        .prepare(
          `SELECT 1 AS one FROM listings WHERE shop = ?1 AND status = 'active'
             AND NOT EXISTS (SELECT 1 FROM shops WHERE shop = ?1 AND state <> 'connected') LIMIT 1`,
        )
        .bind(shop)
        .first<{ one: number }>();
      return row !== null;
    },
  };
}

const SELECT = `SELECT l.inventory_item_id, MIN(l.sku_id) AS sku_id, MIN(s.sku) AS sku FROM listings l JOIN skus s USING (sku_id)
  WHERE l.shop = ?1 AND l.status = 'active' AND l.inventory_item_id > ?2`;
/** Several variants may share an item. */
const ORDER = "GROUP BY l.inventory_item_id ORDER BY l.inventory_item_id LIMIT ?3";

async function pageOfAll(
  db: D1Database,
  shop: ShopDomain,
  after: string | null,
  limit: number,
): Promise<readonly KnownListing[]> {
  const { results } = await db
    .prepare(`${SELECT} ${ORDER}`)
    .bind(shop, after ?? "", limit)
    .all<ListingRow>();
  return results.map((row) => toListing(shop, row));
}

/** By present or former SKU. */
async function pageOfSkus(
  db: D1Database,
  shop: ShopDomain,
  skus: readonly Sku[],
  after: string | null,
  limit: number,
): Promise<readonly KnownListing[]> {
  const rows: ListingRow[] = [];
  for (const chunk of chunksOf(skus, SKUS_PER_STATEMENT)) {
    const marks = chunk.map((_, i) => `?${i + 4}`).join(", ");
    const { results } = await db
      .prepare(`${SELECT} AND l.sku_id IN (SELECT sku_id FROM sku_aliases WHERE sku IN (${marks})) ${ORDER}`)
      .bind(shop, after ?? "", limit, ...chunk)
      .all<ListingRow>();
    rows.push(...results);
  }
  const byItem = new Map(rows.map((row) => [row.inventory_item_id, row]));
  const inOrder = [...byItem.values()].sort((a, b) => (a.inventory_item_id < b.inventory_item_id ? -1 : 1));
  return inOrder.slice(0, limit).map((row) => toListing(shop, row));
}

const toListing = (shop: ShopDomain, row: ListingRow): KnownListing => {
  const item = fromStore<KnownListing["item"]>(row.inventory_item_id);
  return { skuId: fromStore(row.sku_id), sku: fromStore(row.sku), listingId: listingIdOf(shop, item), item };
};
