/** What a release changes in the catalogue. */
import { fromStore, type InventoryItemId, type ShopDomain, type Sku, type SkuId } from "../domain/ids.ts";
import type { HeldSku, ReleaseStore } from "../services/release-listing.ts";

export const d1Releases = (db: D1Database): ReleaseStore => ({
  find: (shop, item) => find(db, shop, item),
  async isFormerSku(sku, skuId) {
    return (await db.prepare(`SELECT 1 FROM sku_aliases WHERE ${FORMER}`).bind(sku, skuId).first()) !== null;
  },
  freeFormerSku: (sku, skuId) => freeFormerSku(db, sku, skuId),
  async retire(shop, item) {
    // Any status but active: it keeps its SKU id until its counter has let go.
    const retire =
      "UPDATE listings SET status = 'duplicate_sku' WHERE shop = ? AND inventory_item_id = ? AND sku_id IS NOT NULL";
    await db.prepare(retire).bind(shop, item).run();
  },
  async forget(shop, item) {
    const forget = "DELETE FROM listings WHERE shop = ? AND inventory_item_id = ? AND status <> 'active'";
    await db.prepare(forget).bind(shop, item).run();
  },
});

const FORMER = `sku = ?1 AND sku_id = ?2 AND NOT EXISTS (SELECT 1 FROM skus WHERE sku = ?1)
  AND NOT EXISTS (SELECT 1 FROM listings WHERE sku_id = ?2 AND sku_text = ?1 AND status = 'active')`;

async function find(db: D1Database, shop: ShopDomain, item: InventoryItemId): Promise<HeldSku | null> {
  const row = await db
    .prepare(
      `SELECT l.sku_id, l.sku_text, s.sku FROM listings l JOIN skus s USING (sku_id)
       WHERE l.shop = ? AND l.inventory_item_id = ?`,
    )
    .bind(shop, item)
    .first<{ sku_id: string; sku_text: string; sku: string }>();
  if (row === null) return null;
  return { skuId: fromStore(row.sku_id), names: [fromStore(row.sku), fromStore(row.sku_text)] };
}

async function freeFormerSku(db: D1Database, sku: Sku, skuId: SkuId): Promise<boolean> {
  const freed = await db.prepare(`DELETE FROM sku_aliases WHERE ${FORMER} RETURNING sku`).bind(sku, skuId).first();
  return freed !== null;
}
