/** News of a counter that wait for the queue, as rows, and as they are sent. */
import type { CounterState } from "../src/domain/counter/counter-state.ts";
import type { PendingNotice, PendingNotices } from "../src/domain/counter/notice-outbox.ts";
import type { CounterNotice } from "../src/services/counter-notices.ts";
import type { Sql } from "./object-storage.ts";

export function readNotices(sql: Sql): PendingNotices {
  const rows = sql.exec<{ id: string; state: string }>("SELECT id, state FROM notices ORDER BY id").toArray();
  return new Map(rows.map((row) => [row.id, JSON.parse(row.state) as PendingNotice]));
}

export function writeNotices(sql: Sql, before: PendingNotices, after: PendingNotices): void {
  if (before === after) return;
  for (const [id, entry] of after) {
    if (before.get(id) === entry) continue;
    sql.exec("INSERT OR REPLACE INTO notices (id, state) VALUES (?, ?)", id, JSON.stringify(entry));
  }
  for (const id of before.keys()) if (!after.has(id)) sql.exec("DELETE FROM notices WHERE id = ?", id);
}

export const toNotice = (
  id: string,
  { skuId, sku }: Pick<CounterState, "skuId" | "sku">,
  { news, correlationId }: PendingNotice,
): CounterNotice => ({ v: 1, kind: news.kind, id, skuId, sku, news, correlationId }) as CounterNotice;
