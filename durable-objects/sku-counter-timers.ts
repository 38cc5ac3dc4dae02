/** Outbox and named timers of a counter, and the one alarm under them. */
import type { ChannelOutbox, Outbox, OutboxEntry } from "../src/domain/counter/outbox.ts";
import { type ChannelId, fromStore, type ShopDomain } from "../src/domain/ids.ts";
import type { Sql } from "./object-storage.ts";

export type TimerName = "merge" | "outbox" | "channels" | "reports" | "holds" | "prune" | "notices" | "watch" | "sales";
export type Timers = ReadonlyMap<TimerName, number>;

export function readTimers(sql: Sql): Timers {
  const rows = sql.exec<{ name: TimerName; at_ms: number }>("SELECT name, at_ms FROM timers").toArray();
  return new Map(rows.map((row) => [row.name, row.at_ms]));
}

/**
 * Set a timer. A later time than the stored one is not written: the alarm wakes the object once too early, finds nothing
 * to do and sets it right, which is cheaper than a row per batch.
 * @param atMs  Infinity: nothing is due
 */
export function setTimer(sql: Sql, timers: Timers, name: TimerName, atMs: number, nowMs: number): Timers {
  const stored = timers.get(name);
  if (stored === undefined && atMs === Number.POSITIVE_INFINITY) return timers;
  if (stored !== undefined && stored <= atMs && stored > nowMs) return timers;
  const next = new Map(timers);
  if (atMs === Number.POSITIVE_INFINITY) {
    sql.exec("DELETE FROM timers WHERE name = ?", name);
    next.delete(name);
  } else if (atMs !== stored) {
    sql.exec("INSERT OR REPLACE INTO timers (name, at_ms) VALUES (?, ?)", name, atMs);
    next.set(name, atMs);
  }
  return next;
}

/** When the alarm must ring: the earliest timer; null when there is none. */
export const earliest = (timers: Timers): number | null => (timers.size === 0 ? null : Math.min(...timers.values()));

type OutboxTable = "outbox" | "channel_outbox";

export const readOutbox = (sql: Sql): Outbox => readEntries<ShopDomain>(sql, "outbox");
export const readChannelOutbox = (sql: Sql): ChannelOutbox => readEntries<ChannelId>(sql, "channel_outbox");

/** A channel stands in the column `shop`, too. */
function readEntries<Key extends ShopDomain | ChannelId>(sql: Sql, table: OutboxTable): ReadonlyMap<Key, OutboxEntry> {
  type Row = { shop: string; phase: OutboxEntry["phase"]; tries: number; again_ms: number; correlation_id: string } & {
    received_ms: number | null;
    later_received_ms: number | null;
  };
  const rows = sql.exec<Row>(`SELECT * FROM ${table}`).toArray();
  return new Map(
    rows.map((row) => [
      row.shop as Key,
      {
        ...{ phase: row.phase, tries: row.tries, againMs: row.again_ms, correlationId: fromStore(row.correlation_id) },
        ...{ receivedAtMs: row.received_ms, laterReceivedAtMs: row.later_received_ms },
      },
    ]),
  );
}

export function writeOutbox<Key extends ShopDomain | ChannelId>(
  sql: Sql,
  table: OutboxTable,
  before: ReadonlyMap<Key, OutboxEntry>,
  after: ReadonlyMap<Key, OutboxEntry>,
): void {
  if (before === after) return;
  for (const [shop, entry] of after) {
    if (before.get(shop) === entry) continue;
    sql.exec(
      `INSERT OR REPLACE INTO ${table} (shop, phase, tries, again_ms, correlation_id, received_ms, later_received_ms)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
      shop,
      entry.phase,
      entry.tries,
      entry.againMs,
      entry.correlationId,
      entry.receivedAtMs,
      entry.laterReceivedAtMs,
    );
  }
  for (const shop of before.keys()) if (!after.has(shop)) sql.exec(`DELETE FROM ${table} WHERE shop = ?`, shop);
}
