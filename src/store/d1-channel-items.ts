/**
 * Channels' own names of our SKUs, read through a cache of the isolate as the catalogue is: unknown ones are asked for each
 * time, so that a new mapping is seen at once; while D1 is away, what was known goes on being known.
 */
import type { D1Database } from "@cloudflare/workers-types";
import { type ChannelId, fromStore } from "../domain/ids.ts";
import { reasonOf } from "../observability/log.ts";
import type { ChannelItem, ChannelItems } from "../services/channels/resolve-items.ts";
import { inTime } from "../services/with-deadline.ts";
import type { ExpiringMap } from "./expiring-map.ts";

/** By channel and item, a newline between: neither holds one. */
export type ChannelItemCache = ExpiringMap<string, ChannelItem>;

type Row = { readonly item_id: string; readonly sku_id: string; readonly sku: string };

const FIND = `SELECT l.item_id, l.sku_id, s.sku FROM channel_listings l JOIN skus s USING (sku_id)
  WHERE l.channel = ?1 AND l.item_id IN (SELECT value FROM json_each(?2))`;

/** @param timeoutMs  after which D1 counts as away */
export function d1ChannelItems(
  db: D1Database,
  cache: ChannelItemCache,
  timeoutMs: number,
  nowMs: () => number,
): ChannelItems {
  return {
    async find(channel, itemIds) {
      const items = new Map<string, ChannelItem>();
      const missing = take(itemIds, items, (id) => cache.get(keyOf(channel, id), nowMs()));
      if (missing.length === 0) return { items, fault: null };
      try {
        const asked = db.prepare(FIND).bind(channel, JSON.stringify(missing));
        const { results } = await inTime(timeoutMs, () => asked.all<Row>());
        for (const row of results) {
          const item: ChannelItem = { skuId: fromStore(row.sku_id), sku: fromStore(row.sku) };
          items.set(row.item_id, item);
          cache.set(keyOf(channel, row.item_id), item, nowMs());
        }
        for (const id of missing) if (!items.has(id)) cache.delete(keyOf(channel, id));
        return { items, fault: null };
      } catch (error) {
        const left = take(missing, items, (id) => cache.getExpired(keyOf(channel, id)));
        return { items, fault: left.length === 0 ? null : `catalogue: ${reasonOf(error)}` };
      }
    },
  };
}

const keyOf = (channel: ChannelId, itemId: string): string => `${channel}\n${itemId}`;

/** @returns those that are not known */
function take(
  itemIds: readonly string[],
  into: Map<string, ChannelItem>,
  recall: (id: string) => ChannelItem | undefined,
): readonly string[] {
  return itemIds.filter((id) => {
    const item = recall(id);
    if (item !== undefined) into.set(id, item);
    return item === undefined;
  });
}
