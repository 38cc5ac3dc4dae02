/** What a counter sold lately: a look at its history that a rule of reordering asks for, about once an hour. */
import type { SalesRate } from "../src/domain/counter/reorder.ts";
import type { Sql } from "./object-storage.ts";
import { seqAt } from "./sku-counter-history.ts";

const DAY_MS = 86_400_000;

/**
 * Units that went out, less what was cancelled or came back: sales of our own, commits of holds, and what Shopify's levels
 * lost (its restocks, as far as they are known for such, count against it). Of a counter that sells more than `rowsMax`
 * movements in the window, only the newest are looked at, over the days that they take: the rate of late is the better one.
 * Days beyond the kept movements are known by their balances.
 */
export function salesIn(sql: Sql, windowDays: number, rowsMax: number, nowMs: number): SalesRate {
  const fromMs = nowMs - windowDays * DAY_MS;
  const { newest } = sql.exec<{ newest: number | null }>("SELECT MAX(seq) AS newest FROM movements").one();
  const inWindow = seqAt(sql, fromMs);
  const afterSeq = Math.max(inWindow, (newest ?? 0) - rowsMax);
  const kept = sql
    .exec<{ units: number | null; first: number | null }>(
      `SELECT SUM(${SOLD}) AS units, MIN(recorded_at_ms) AS first FROM movements AS m WHERE seq > ?`,
      afterSeq,
    )
    .one();
  const isCut = afterSeq > inWindow;
  const folded = isCut ? { units: 0, first: null } : foldedSales(sql, fromMs);
  const firstMs = Math.max(fromMs, folded.first ?? kept.first ?? nowMs);
  // A young counter is not yet known by the hour, a hot one is.
  const days = Math.max(isCut ? 1 / 24 : 1, (nowMs - firstMs) / DAY_MS);
  return { units: Math.max(0, (kept.units ?? 0) + folded.units), days, atMs: nowMs };
}

/** A restock that Shopify's level shows is attributed to the refund that was told; a plain increase is somebody's edit. */
const SOLD = `CASE m.kind
  WHEN 'sale' THEN -delta
  WHEN 'commit' THEN committed
  WHEN 'cancellation' THEN -delta
  WHEN 'return' THEN -delta
  WHEN 'shopify' THEN CASE WHEN delta < 0 THEN -delta ELSE -MIN(delta, COALESCE((
    SELECT SUM(quantity) FROM attributions AS a WHERE a.quantity > 0 AND a.listing_id = m.listing_id
      AND a.location_id = m.location_id
      AND a.settlement = CAST(substr(m.key, length('shopify/' || m.listing_id || '/' || m.location_id || '/') + 1) AS INTEGER)
    ), 0)) END
  ELSE 0 END`;

/** By day and kind; what explained Shopify's changes is gone by then, so that a day's net loss is what it sold. */
function foldedSales(sql: Sql, fromMs: number): { readonly units: number; readonly first: number | null } {
  const row = sql
    .exec<{ units: number | null; first: string | null }>(
      `SELECT SUM(CASE kind WHEN 'commit' THEN committed WHEN 'shopify' THEN MAX(0, -delta) ELSE -delta END) AS units,
         MIN(day) AS first
       FROM balances WHERE day >= ? AND kind IN ('sale', 'commit', 'cancellation', 'return', 'shopify')`,
      new Date(fromMs).toISOString().slice(0, 10),
    )
    .one();
  return { units: row.units ?? 0, first: row.first === null ? null : Date.parse(row.first) };
}
