/** The catalogue's SKUs in order, a page at a time. */
import type { D1Database } from "@cloudflare/workers-types";
import { fromStore, type Sku } from "../domain/ids.ts";
import type { SkuPages } from "../services/export-levels.ts";

export const d1SkuPages = (db: D1Database): SkuPages => ({
  async after(sku, limit) {
    const { results } = await db
      .prepare("SELECT sku FROM skus WHERE sku > ? ORDER BY sku LIMIT ?")
      .bind(sku ?? "", limit)
      .all<{ sku: string }>();
    return results.map((row) => fromStore<Sku>(row.sku));
  },
  async boundary(sku, count) {
    const { results } = await db
      .prepare("SELECT sku FROM skus WHERE sku > ? ORDER BY sku LIMIT 2 OFFSET ?")
      .bind(sku ?? "", count - 1)
      .all<{ sku: string }>();
    const [last, more] = results;
    return last === undefined || more === undefined ? null : fromStore<Sku>(last.sku);
  },
});
