/** SKUs that a channel sells, in D1, a page at a time. */
import type { D1Database } from "@cloudflare/workers-types";
import { fromStore, type Sku, type SkuId } from "../domain/ids.ts";
import type { PreviewDeps } from "../services/channels/preview-channel.ts";

export const d1ChannelPreview = (db: D1Database): PreviewDeps["pages"] => ({
  async page(channel, isMapped, after, limit) {
    const items = `(SELECT json_group_array(item_id) FROM (SELECT item_id FROM channel_listings
      WHERE channel = ?1 AND sku_id = s.sku_id ORDER BY item_id))`;
    const isSold = isMapped
      ? "EXISTS (SELECT 1 FROM channel_listings WHERE channel = ?1 AND sku_id = s.sku_id)"
      : "EXISTS (SELECT 1 FROM listings l WHERE l.sku_id = s.sku_id AND l.status = 'active')";
    const { results } = await db
      .prepare(
        `SELECT s.sku, s.sku_id, ${items} AS items FROM skus s WHERE s.sku > ?2 AND ${isSold} ORDER BY s.sku LIMIT ?3`,
      )
      .bind(channel, after ?? "", limit)
      .all<{ sku: string; sku_id: string; items: string }>();
    return results.map((row) => ({
      sku: fromStore<Sku>(row.sku),
      skuId: fromStore<SkuId>(row.sku_id),
      items: JSON.parse(row.items) as readonly string[],
    }));
  },
});
