/** What channels call our SKUs, in D1. */
import type { D1Database } from "@cloudflare/workers-types";
import { fromStore, type Sku, type SkuId } from "../domain/ids.ts";
import type { ChannelStore } from "../services/channels/channel-store.ts";

type ListingMethods = "listings" | "putListings" | "removeListings" | "listingCount" | "skuIds" | "knownLocations";

export const d1ChannelListings = (db: D1Database): Pick<ChannelStore, ListingMethods> => ({
  async listings(id, after, limit) {
    const page = `SELECT l.item_id, l.sku_id, s.sku FROM channel_listings l JOIN skus s USING (sku_id)
      WHERE l.channel = ? AND l.item_id > ? ORDER BY l.item_id LIMIT ?`;
    const { results } = await db
      .prepare(page)
      .bind(id, after ?? "", limit)
      .all<{ item_id: string; sku_id: string; sku: string }>();
    return results.map((row) => ({ itemId: row.item_id, sku: fromStore(row.sku), skuId: fromStore(row.sku_id) }));
  },
  async putListings(id, rows) {
    const upsert = `INSERT INTO channel_listings (channel, item_id, sku_id)
      SELECT ?1, value ->> 0, value ->> 1 FROM json_each(?2) WHERE EXISTS (SELECT 1 FROM channels WHERE id = ?1)
      ON CONFLICT (channel, item_id) DO UPDATE SET sku_id = excluded.sku_id`;
    const pairs = rows.map(({ itemId, skuId }) => [itemId, skuId]);
    await db.prepare(upsert).bind(id, JSON.stringify(pairs)).run();
  },
  async removeListings(id, items) {
    const some = "AND item_id IN (SELECT value FROM json_each(?2))";
    const remove = `DELETE FROM channel_listings WHERE channel = ?1 ${items === null ? "" : some} RETURNING item_id`;
    const bound = items === null ? [id] : [id, JSON.stringify(items)];
    const { results } = await db
      .prepare(remove)
      .bind(...bound)
      .all();
    return results.length;
  },
  async listingCount(id) {
    const count = "SELECT COUNT(*) AS n FROM channel_listings WHERE channel = ?";
    return (await db.prepare(count).bind(id).first<{ n: number }>())?.n ?? 0;
  },
  async skuIds(skus) {
    const known = "SELECT sku, sku_id FROM sku_aliases WHERE sku IN (SELECT value FROM json_each(?))";
    const { results } = await db.prepare(known).bind(JSON.stringify(skus)).all<{ sku: string; sku_id: string }>();
    return new Map(results.map((row) => [fromStore<Sku>(row.sku), fromStore<SkuId>(row.sku_id)]));
  },
  async knownLocations(ids) {
    const known = "SELECT location_id FROM locations WHERE location_id IN (SELECT value FROM json_each(?))";
    const { results } = await db.prepare(known).bind(JSON.stringify(ids)).all<{ location_id: string }>();
    return new Set(results.map((row) => row.location_id));
  },
});
