/** Questions to a counter's history. Movements are numbered in the order in which they were recorded, so time is found by number. */
import type { CounterState } from "../src/domain/counter/counter-state.ts";
import {
  type HistoryReach,
  type HistorySum,
  type LevelsByLocation,
  minus,
  type PastLevels,
  planHistory,
  plus,
} from "../src/domain/counter/level-history.ts";
import { bookAt } from "../src/domain/counter/own-book.ts";
import { fromStore, type LocationId } from "../src/domain/ids.ts";
import type { LevelsAtReply } from "../src/services/counter-contract.ts";
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

/** Levels at a past moment, or as much of the sum as one call may add up. */
export function levelsAt(
  sql: Sql,
  counter: CounterState,
  atMs: number,
  under: HistorySum | null,
  rowsMax: number,
): LevelsAtReply {
  const plan = planHistory(atMs, seqAt(sql, atMs), reachOf(sql, counter), under);
  if (plan.kind === "day") return replyOf(counter, "day", plan.atMs, balancesBefore(sql, plan.beforeDay));
  const { from, momentSeq, doneSeq } = plan.sum;
  const isFresh = plan.sum !== under;
  const known: LevelsByLocation = isFresh && from === "balances" ? balancesBefore(sql, null) : new Map(plan.sum.sums);
  const endSeq = from === "balances" ? momentSeq : counter.seq;
  const throughSeq = Math.min(endSeq, doneSeq + rowsMax);
  const sums = plus(known, sumsBetween(sql, doneSeq, throughSeq));
  if (throughSeq < endSeq) {
    return { kind: "under_way", sum: { from, momentSeq, doneSeq: throughSeq, sums: [...sums] } };
  }
  return replyOf(counter, "exact", atMs, from === "balances" ? sums : minus(presentOf(counter), sums));
}

function replyOf(
  { sku, merge }: CounterState,
  precision: "exact" | "day",
  atMs: number,
  levels: LevelsByLocation,
): LevelsAtReply {
  const zero: PastLevels = { ledger: 0, reserved: 0, committed: 0, damaged: 0, safetyStock: 0 };
  const places = new Set([...merge.locations, ...levels.keys()]);
  const locations = Array.from(places, (locationId) => ({ locationId, ...(levels.get(locationId) ?? zero) }));
  return { kind: "levels", sku, precision, atMs, locations };
}

const presentOf = ({ shown, own }: CounterState): LevelsByLocation =>
  new Map(
    shown.map(({ locationId, ledger }) => {
      const { reserved, committed, damaged, safetyStock } = bookAt(own, locationId);
      return [locationId, { ledger, reserved, committed, damaged, safetyStock }];
    }),
  );

const FOLDED = "folded";

/** Remembered when movements are folded into balances: until this moment, history is known by the day. */
export function noteFolded(sql: Sql, recordedMs: number): void {
  sql.exec("INSERT OR REPLACE INTO facets (name, state) VALUES (?, ?)", FOLDED, JSON.stringify(recordedMs));
}

function reachOf(sql: Sql, { seq }: CounterState): HistoryReach {
  const { oldest } = sql.exec<{ oldest: number | null }>("SELECT MIN(seq) AS oldest FROM movements").one();
  const folded = sql.exec<{ state: string }>("SELECT state FROM facets WHERE name = ?", FOLDED).toArray()[0];
  return { foldedSeq: (oldest ?? seq + 1) - 1, foldedMs: folded === undefined ? null : Number(folded.state), seq };
}

type SumRow = {
  location_id: string;
  ledger: number;
  reserved: number;
  committed: number;
  damaged: number;
  safety_stock: number;
};

/** States of a listing's movements are Shopify's, and not summed with ours. */
function sumsBetween(sql: Sql, afterSeq: number, throughSeq: number): LevelsByLocation {
  const ours = (column: string): string => `SUM(IIF(listing_id IS NULL, ${column}, 0)) AS ${column}`;
  return sumsOf(
    sql.exec<SumRow>(
      `SELECT location_id, SUM(delta) AS ledger, ${["reserved", "committed", "damaged", "safety_stock"].map(ours).join(", ")}
       FROM movements WHERE seq > ? AND seq <= ? GROUP BY 1`,
      afterSeq,
      throughSeq,
    ),
  );
}

/** @param day  `YYYY-MM-DD`: the days before it; null: all */
function balancesBefore(sql: Sql, day: string | null): LevelsByLocation {
  return sumsOf(
    sql.exec<SumRow>(
      `SELECT location_id, SUM(delta) AS ledger, SUM(reserved) AS reserved, SUM(committed) AS committed,
         SUM(damaged) AS damaged, SUM(safety_stock) AS safety_stock FROM balances WHERE day < ? GROUP BY 1`,
      day ?? "~",
    ),
  );
}

const sumsOf = (rows: Iterable<SumRow>): LevelsByLocation =>
  new Map(
    Array.from(rows, ({ location_id, safety_stock, ...levels }) => [
      fromStore<LocationId>(location_id),
      { ...levels, safetyStock: safety_stock },
    ]),
  );
