/** Which listings' levels were last asked to be read again when. */
import { fromStore, listingIdOf, partsOfListing } from "../domain/ids.ts";
import type { AuditDeps } from "../services/audit-levels.ts";

export function d1Audits(db: D1Database): Pick<AuditDeps, "due" | "markAudited"> {
  return {
    async due(beforeMs, limit) {
      const { results } = await db
        .prepare(
          `SELECT shop, inventory_item_id, sku_id FROM listings WHERE status = 'active' AND audited_at_ms < ?
           GROUP BY shop, inventory_item_id ORDER BY MIN(audited_at_ms) LIMIT ?`,
        )
        .bind(beforeMs, limit)
        .all<{ shop: string; inventory_item_id: string; sku_id: string }>();
      return results.map((row) => ({
        skuId: fromStore(row.sku_id),
        listingId: listingIdOf(fromStore(row.shop), fromStore(row.inventory_item_id)),
      }));
    },
    async markAudited(listings, nowMs) {
      const mark = db.prepare("UPDATE listings SET audited_at_ms = ? WHERE shop = ? AND inventory_item_id = ?");
      await db.batch(
        listings.map(({ listingId }) => {
          const { shop, item } = partsOfListing(listingId);
          return mark.bind(nowMs, shop, item);
        }),
      );
    },
  };
}
