/** What a channel calls a SKU. */
import type { D1Database } from "@cloudflare/workers-types";
import type { ChannelId, SkuId } from "../domain/ids.ts";

/** @returns null: it has no name of its own for it; of several the first */
export async function itemOf(db: D1Database, channel: ChannelId, skuId: SkuId): Promise<string | null> {
  const row = await db
    .prepare("SELECT MIN(item_id) AS item FROM channel_listings WHERE channel = ? AND sku_id = ?")
    .bind(channel, skuId)
    .first<{ item: string | null }>();
  return row?.item ?? null;
}
