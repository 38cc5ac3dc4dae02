/** Questions to a counter's history. Movements are numbered in the order in which they were recorded, so time is found by number. */
import type { LocationId } from "../src/domain/ids.ts";
import type { Sql } from "./object-storage.ts";

/** Number of the newest movement that was recorded at or before a moment (epoch ms); 0: none that is kept. */
export function seqAt(sql: Sql, atMs: number): number {
  const bounds = sql.exec<{ low: number | null; high: number | null }>(
    "SELECT MIN(seq) AS low, MAX(seq) AS high FROM movements",
  );
  let { low, high } = bounds.one();
  if (low === null || high === null) return 0;
  low -= 1;
  // No index on time: every insert would pay for it, and this asks twenty times in a million.
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    const at = recordedAt(sql, middle);
    if (at !== null && at <= atMs) low = middle;
    else high = middle - 1;
  }
  return recordedAt(sql, low) === null ? 0 : low;
}

const recordedAt = (sql: Sql, seq: number): number | null =>
  sql.exec<{ at: number }>("SELECT recorded_at_ms AS at FROM movements WHERE seq = ?", seq).toArray()[0]?.at ?? null;

/**
 * What all that happened at a location after a moment changed of what is on hand there: our own movements in all states;
 * of Shopify's the part that is neither a sale nor its cancellation, which only move units between available and committed.
 */
export function onHandSince(sql: Sql, locationId: LocationId, sinceMs: number): number {
  const row = sql
    .exec<{ units: number | null }>(
      `SELECT SUM(CASE
         WHEN listing_id IS NULL THEN delta + reserved + committed + damaged + safety_stock
         WHEN kind <> 'shopify' THEN committed
         ELSE delta - COALESCE((SELECT SUM(quantity) FROM attributions AS a
           WHERE a.listing_id = m.listing_id AND a.location_id = m.location_id AND a.commits = 1
             AND a.settlement = CAST(substr(m.key, length('shopify/' || m.listing_id || '/' || m.location_id || '/') + 1) AS INTEGER)), 0)
       END) AS units
       FROM movements AS m WHERE seq > ? AND location_id = ? AND occurred_at_ms > ?`,
      seqAt(sql, sinceMs),
      locationId,
      sinceMs,
    )
    .one();
  return row.units ?? 0;
}
