/** Shops in D1. Every statement may be repeated. */
import type { D1Database } from "@cloudflare/workers-types";
import { fromStore, type InventoryItemId, type ShopDomain, type SkuId } from "../domain/ids.ts";
import type { CountedListing, LocationNews, ShopConnection, ShopLocation, ShopStore } from "../services/shop-store.ts";
import { putLocationOn } from "./d1-catalogue-writer.ts";

/** Of a location that was deleted: nothing is newer. */
const FOR_EVER_MS = Number.MAX_SAFE_INTEGER;

export function d1Shops(db: D1Database): ShopStore {
  return {
    connection: (shop) => db.prepare("SELECT mode, state FROM shops WHERE shop = ?").bind(shop).first<ShopConnection>(),
    async setConnection(shop, { mode, state }, nowMs) {
      const upsert = `INSERT INTO shops (shop, mode, state, changed_at_ms) VALUES (?, ?, ?, ?)
        ON CONFLICT (shop) DO UPDATE SET mode = excluded.mode, state = excluded.state, changed_at_ms = excluded.changed_at_ms`;
      await db.prepare(upsert).bind(shop, mode, state, nowMs).run();
    },
    async ourLocations() {
      const { results } = await db
        .prepare("SELECT location_id, name FROM locations ORDER BY position")
        .all<{ location_id: string; name: string }>();
      return results.map((row) => ({ locationId: fromStore(row.location_id), name: row.name }));
    },
    locations: (shop) => locationsOf(db, shop),
    async mapLocations(shop, mappings) {
      const map = db.prepare(
        `INSERT INTO shop_locations (shop, shop_location_id, location_id, is_active) VALUES (?1, ?2, ?3, 1)
         ON CONFLICT (shop, shop_location_id) DO UPDATE SET location_id = excluded.location_id`,
      );
      await db.batch(mappings.map(({ shopLocationId, locationId }) => map.bind(shop, shopLocationId, locationId)));
    },
    noteLocation: (shop, news, mayAdd) => noteLocation(db, shop, news, mayAdd),
    async hasCounted(shop) {
      const one = "SELECT 1 AS found FROM listings WHERE shop = ? AND status = 'active' LIMIT 1";
      return (await db.prepare(one).bind(shop).first()) !== null;
    },
    counted: (shop, after, limit) => counted(db, shop, after, limit),
    async markDisconnected(shop, items) {
      const mark = `UPDATE listings SET status = 'disconnected'
        WHERE shop = ?1 AND status = 'active' AND inventory_item_id IN (SELECT value FROM json_each(?2))`;
      await db.prepare(mark).bind(shop, JSON.stringify(items)).run();
    },
    retire: (shop, item) => retire(db, shop, item),
    async itemsOfProduct(shop, productId) {
      const { results } = await db
        .prepare(
          "SELECT DISTINCT inventory_item_id FROM listings WHERE shop = ? AND product_id = ? AND status <> 'retired'",
        )
        .bind(shop, productId)
        .all<{ inventory_item_id: string }>();
      return results.map((row) => fromStore<InventoryItemId>(row.inventory_item_id));
    },
    async putFindings(shop, subjects, findings, nowMs) {
      const forget = "DELETE FROM shop_findings WHERE shop = ?1 AND subject IN (SELECT value FROM json_each(?2))";
      const put = `INSERT INTO shop_findings (shop, subject, kind, sku, detail, seen_at_ms)
        SELECT ?1, value ->> 0, value ->> 1, value ->> 2, value ->> 3, ?3 FROM json_each(?2) WHERE true
        ON CONFLICT (shop, subject, kind) DO UPDATE SET detail = excluded.detail, seen_at_ms = excluded.seen_at_ms`;
      const rows = findings.map(({ subject, kind, sku, detail }) => [subject, kind, sku, detail]);
      await db.batch([
        db.prepare(forget).bind(shop, JSON.stringify(subjects)),
        db.prepare(put).bind(shop, JSON.stringify(rows), nowMs),
      ]);
    },
    async reported(shop, subjects) {
      const { results } = await db
        .prepare(
          "SELECT DISTINCT subject FROM shop_findings WHERE shop = ? AND subject IN (SELECT value FROM json_each(?))",
        )
        .bind(shop, JSON.stringify(subjects))
        .all<{ subject: string }>();
      return new Set(results.map(({ subject }) => subject));
    },
    async findings(shop, limit) {
      const { results } = await db
        .prepare(
          `SELECT subject, kind, sku, detail, seen_at_ms AS seenAtMs FROM shop_findings WHERE shop = ?
           ORDER BY seen_at_ms DESC, subject LIMIT ?`,
        )
        .bind(shop, limit)
        .all<Awaited<ReturnType<ShopStore["findings"]>>[number]>();
      return results;
    },
  };
}

async function locationsOf(db: D1Database, shop: ShopDomain): Promise<readonly ShopLocation[]> {
  const { results } = await db
    .prepare(
      `SELECT s.shop_location_id, s.location_id, s.name, s.is_active FROM shop_locations s JOIN locations l USING (location_id)
       WHERE s.shop = ? ORDER BY l.position, s.shop_location_id`,
    )
    .bind(shop)
    .all<{ shop_location_id: string; location_id: string; name: string; is_active: number }>();
  return results.map((row) => ({
    shopLocationId: fromStore(row.shop_location_id),
    locationId: fromStore(row.location_id),
    name: row.name,
    isActive: row.is_active === 1,
  }));
}

async function noteLocation(db: D1Database, shop: ShopDomain, news: LocationNews, mayAdd: boolean): Promise<void> {
  const { id, atMs } = news;
  const known = (await locationsOf(db, shop)).find(({ shopLocationId }) => shopLocationId === id);
  if (known === undefined && !mayAdd) return;
  const name = news.name ?? known?.name ?? "";
  const isActive = news.isActive ?? known?.isActive ?? true;
  const told = { id, name, isActive, changedAtMs: atMs ?? FOR_EVER_MS };
  await db.batch([...putLocationOn(db, shop, told)]);
}

async function counted(
  db: D1Database,
  shop: ShopDomain,
  after: InventoryItemId | null,
  limit: number,
): Promise<readonly CountedListing[]> {
  const { results } = await db
    .prepare(
      `SELECT inventory_item_id, sku_id, MAX(sku_text) AS sku_text FROM listings
       WHERE shop = ? AND status IN ('active', 'disconnected') AND sku_id IS NOT NULL AND inventory_item_id > ?
       GROUP BY inventory_item_id, sku_id ORDER BY inventory_item_id LIMIT ?`,
    )
    .bind(shop, after ?? "", limit)
    .all<{ inventory_item_id: string; sku_id: string; sku_text: string }>();
  return results.map((row) => ({
    item: fromStore(row.inventory_item_id),
    skuId: fromStore(row.sku_id),
    sku: fromStore(row.sku_text),
  }));
}

async function retire(db: D1Database, shop: ShopDomain, item: InventoryItemId): Promise<SkuId | null> {
  const { results } = await db
    .prepare(`UPDATE listings SET status = 'retired' WHERE shop = ? AND inventory_item_id = ? RETURNING sku_id`)
    .bind(shop, item)
    .all<{ sku_id: string | null }>();
  const skuId = results.find((row) => row.sku_id !== null)?.sku_id ?? null;
  return skuId === null ? null : fromStore<SkuId>(skuId);
}
