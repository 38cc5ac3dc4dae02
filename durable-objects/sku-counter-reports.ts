/** What a counter must tell of an oversell: reports that wait for the queue, and the sales that each leaves short. */
import type { CounterState } from "../src/domain/counter/counter-state.ts";
import type { PendingReport, PendingReports } from "../src/domain/counter/report-outbox.ts";
import { type OpenSale, ownSales, type SaleMovement, shortfallOf } from "../src/domain/counter/short-sales.ts";
import { fromStore, type HintId, type ListingId, partsOfListing } from "../src/domain/ids.ts";
import type { OversellNotice } from "../src/queues/oversell-notice.ts";
import type { Sql } from "./object-storage.ts";

export function readReports(sql: Sql): PendingReports {
  const rows = sql.exec<{ seq: number; state: string }>("SELECT seq, state FROM reports ORDER BY seq").toArray();
  return new Map(rows.map((row) => [row.seq, JSON.parse(row.state) as PendingReport]));
}

export function writeReports(sql: Sql, before: PendingReports, after: PendingReports): void {
  if (before === after) return;
  for (const [since, entry] of after) {
    if (before.get(since) === entry) continue;
    sql.exec("INSERT OR REPLACE INTO reports (seq, state) VALUES (?, ?)", since, JSON.stringify(entry));
  }
  for (const since of before.keys()) if (!after.has(since)) sql.exec("DELETE FROM reports WHERE seq = ?", since);
}

/** How much is looked at, and told, to say whose units are missing. */
export type ShortfallLimits = { readonly namedMax: number; readonly movementsMax: number };

/** The sales are those of this moment: a report that is sent again names what falls short by then. */
export function noticeOf(
  sql: Sql,
  counter: CounterState,
  { report, correlationId }: PendingReport,
  limits: ShortfallLimits,
): OversellNotice {
  const { skuId, sku, seq } = counter;
  const { since, version, units, peak, sinceMs, atMs } = report;
  const sales = units === 0 ? [] : openSales(sql, counter, seq - limits.movementsMax);
  const { sales: short, unexplained } = shortfallOf(units, sales, limits.namedMax);
  return {
    ...{ v: 1, kind: "oversell", skuId, sku, since, version, units, peak, sinceMs, atMs },
    ...{ sales: short, unexplained, correlationId },
    certain: Math.max(0, -counter.shown.reduce((sum, { ledger }) => sum + ledger, 0)),
  };
}

/** @param afterSeq  older movements are not looked at */
function openSales(sql: Sql, counter: CounterState, afterSeq: number): readonly OpenSale[] {
  const own = sql
    .exec<SaleMovement & Record<string, string | number | null>>(
      `SELECT kind, key, reference, channel, delta, committed, occurred_at_ms AS atMs FROM movements
       WHERE seq > ? AND listing_id IS NULL AND kind IN ('sale', 'commit', 'cancellation', 'shipment') ORDER BY seq DESC`,
      afterSeq,
    )
    .toArray();
  const holds = Array.from(counter.holds.values(), (hold): OpenSale => {
    const { id, reservationId, channel, quantity } = hold;
    // When it was made is not kept: it is the youngest of claims, because nothing of it is sold yet.
    return { kind: "reservation", id, reference: reservationId, channel, units: quantity, atMs: hold.expiresAtMs };
  });
  return [...ownSales(own), ...holds, ...orderLines(sql, counter, afterSeq)];
}

/** Lines of Shopify orders: what no level has shown yet, what explains a level in doubt, and what settled changes are made of. */
function orderLines(sql: Sql, counter: CounterState, afterSeq: number): readonly OpenSale[] {
  const lines = new Map<string, OpenSale>();
  const add = (listingId: ListingId, hintId: HintId, units: number, atMs: number): void => {
    const order = /^order\/([^/]+)\//.exec(hintId)?.[1];
    if (order === undefined || units <= 0) return;
    const name = `${listingId} ${hintId}`;
    const known = lines.get(name);
    const channel = partsOfListing(listingId).shop;
    lines.set(name, {
      ...{ kind: "order", id: hintId, reference: order, channel },
      ...{ units: units + (known?.units ?? 0), atMs: known?.atMs ?? atMs },
    });
  };
  for (const [listingId, { hints, levels }] of counter.merge.listings) {
    for (const { id, left, atMs } of hints.values()) add(listingId, id, -left, atMs);
    for (const { explained, atMs } of levels.values())
      for (const { hintId, quantity } of explained) add(listingId, hintId, -quantity, hints.get(hintId)?.atMs ?? atMs);
  }
  const attributed = sql
    .exec<{ listing_id: string; hint_id: string; quantity: number; at_ms: number }>(
      `SELECT a.listing_id, a.hint_id, SUM(a.quantity) AS quantity, MAX(m.occurred_at_ms) AS at_ms
       FROM movements AS m JOIN attributions AS a ON a.listing_id = m.listing_id AND a.location_id = m.location_id
         AND a.settlement = CAST(substr(m.key, length('shopify/' || m.listing_id || '/' || m.location_id || '/') + 1) AS INTEGER)
       WHERE m.seq > ? AND m.kind = 'shopify' AND a.quantity < 0 GROUP BY 1, 2`,
      afterSeq,
    )
    .toArray();
  for (const row of attributed)
    add(fromStore<ListingId>(row.listing_id), fromStore<HintId>(row.hint_id), -row.quantity, row.at_ms);
  return [...lines.values()];
}
