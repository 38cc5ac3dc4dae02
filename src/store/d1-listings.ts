/** A shop's listings in D1: the report of what is counted and what is not, and an item that is given to a counter. */
import type { D1Database } from "@cloudflare/workers-types";
import {
  fromStore,
  type InventoryItemId,
  type LocationId,
  type ShopDomain,
  type ShopLocationId,
  type Sku,
  type SkuId,
} from "../domain/ids.ts";
import type { AttachStore, CataloguedItem } from "../services/attach-listing.ts";
import type { ListingReport, ListingStatus, ListingStore } from "../services/list-listings.ts";

type Row = {
  variant_id: string;
  inventory_item_id: string;
  sku_text: string;
  status: ListingStatus;
  title: string;
  imported_at_ms: number;
  counted_as: string | null;
  goes_to: string;
};

export function d1Listings(db: D1Database): ListingStore & AttachStore {
  return {
    async page(shop, { statuses, after, limit }) {
      const { results } = await db
        .prepare(
          `SELECT l.variant_id, l.inventory_item_id, l.sku_text, l.status, l.title, l.imported_at_ms, s.sku AS counted_as,
             (SELECT json_group_array(DISTINCT o.inventory_item_id) FROM sku_aliases a JOIN listings o USING (sku_id)
              WHERE a.sku = l.sku_text AND o.shop = l.shop AND o.status = 'active'
                AND o.inventory_item_id <> l.inventory_item_id) AS goes_to
           FROM listings l LEFT JOIN skus s USING (sku_id)
           WHERE l.shop = ?1 AND l.variant_id > ?2 AND l.status IN (SELECT value FROM json_each(?3))
           ORDER BY l.variant_id LIMIT ?4`,
        )
        .bind(shop, after ?? "", JSON.stringify(statuses), limit)
        .all<Row>();
      return results.map(toReport);
    },
    async counts(shop) {
      const { results } = await db
        .prepare("SELECT status, COUNT(*) AS n FROM listings WHERE shop = ? GROUP BY status ORDER BY status")
        .bind(shop)
        .all<{ status: ListingStatus; n: number }>();
      return new Map(results.map(({ status, n }) => [status, n]));
    },
    find: (shop, item) => find(db, shop, item),
    async activate(shop, item, { skuId, sku }) {
      await db
        .prepare(
          `UPDATE listings SET status = 'active', sku_id = ?3, sku_text = CASE sku_text WHEN '' THEN ?4 ELSE sku_text END
           WHERE shop = ?1 AND inventory_item_id = ?2 AND sku_id IS NULL AND status IN ('blank_sku', 'duplicate_sku')`,
        )
        .bind(shop, item, skuId, sku)
        .run();
    },
    async locationsOf(shop) {
      const { results } = await db
        .prepare(
          `SELECT s.shop_location_id, s.location_id FROM shop_locations s JOIN locations l USING (location_id)
           WHERE s.shop = ? ORDER BY l.position`,
        )
        .bind(shop)
        .all<{ shop_location_id: string; location_id: string }>();
      return new Map(
        results.map((row) => [fromStore<ShopLocationId>(row.shop_location_id), fromStore<LocationId>(row.location_id)]),
      );
    },
  };
}

/** Variants may share an item; one that is counted speaks for all. */
async function find(db: D1Database, shop: ShopDomain, item: InventoryItemId): Promise<CataloguedItem | null> {
  const row = await db
    .prepare(
      `SELECT status, sku_id FROM listings WHERE shop = ? AND inventory_item_id = ?
       ORDER BY status = 'active' DESC, sku_id IS NOT NULL DESC LIMIT 1`,
    )
    .bind(shop, item)
    .first<{ status: ListingStatus; sku_id: string | null }>();
  if (row === null) return null;
  return { status: row.status, skuId: row.sku_id === null ? null : fromStore<SkuId>(row.sku_id) };
}

const toReport = (row: Row): ListingReport => ({
  variantId: fromStore(row.variant_id),
  item: fromStore(row.inventory_item_id),
  sku: row.sku_text,
  title: row.title,
  status: row.status,
  countedAs: row.counted_as === null ? null : fromStore<Sku>(row.counted_as),
  sharesSkuWith: JSON.parse(row.goes_to) as InventoryItemId[],
  importedAtMs: row.imported_at_ms,
});
