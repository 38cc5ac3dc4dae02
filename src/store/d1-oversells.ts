/** Oversells in D1. */
import type { D1Database } from "@cloudflare/workers-types";
import type { ShortSale } from "../domain/counter/short-sales.ts";
import { fromStore } from "../domain/ids.ts";
import type { Oversell, OversellFilter, OversellStore } from "../services/oversells.ts";
import { afterCursor, type Condition, equals, pageOf, whereOf } from "./page-cursor.ts";

type Row = {
  id: string;
  sku_id: string;
  sku: string;
  units: number;
  peak: number;
  sales: string;
  unexplained: number;
  correlation_id: string;
  since_ms: number;
  at_ms: number;
  resolved_at_ms: number | null;
};

const COLUMNS = "id, sku_id, sku, units, peak, sales, unexplained, correlation_id, since_ms, at_ms, resolved_at_ms";

/** Late and repeated reports meet a version that is as new, and change nothing. */
const PUT = `INSERT INTO oversells (id, sku_id, sku, since, version, units, peak, sales, unexplained, correlation_id, since_ms, at_ms,
    resolved_at_ms)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, IIF(?6 = 0, ?12, NULL))
  ON CONFLICT (id) DO UPDATE SET sku = excluded.sku, version = excluded.version, units = excluded.units, peak = excluded.peak,
    sales = excluded.sales, unexplained = excluded.unexplained, correlation_id = excluded.correlation_id, at_ms = excluded.at_ms,
    resolved_at_ms = excluded.resolved_at_ms
  WHERE excluded.version > oversells.version RETURNING id`;

export function d1Oversells(db: D1Database): OversellStore {
  return {
    async put(news) {
      if (news.length === 0) return [];
      const put = db.prepare(PUT);
      const results = await db.batch<{ id: string }>(
        news.map(({ id, skuId, sku, since, version, units, peak, sales, unexplained, correlationId, sinceMs, atMs }) =>
          put.bind(
            ...[id, skuId, sku, since, version, units, peak, JSON.stringify(sales), unexplained, correlationId],
            ...[sinceMs, atMs],
          ),
        ),
      );
      return results.map(({ results: rows }) => rows.length > 0);
    },
    list: (filter) => list(db, filter),
    async get(id) {
      const row = await db.prepare(`SELECT ${COLUMNS} FROM oversells WHERE id = ?`).bind(id).first<Row>();
      return row === null ? null : toOversell(row);
    },
    async counts() {
      const row = await db
        .prepare(
          `SELECT COUNT(*) FILTER (WHERE resolved_at_ms IS NULL) AS open, COALESCE(SUM(units), 0) AS units,
             COALESCE(SUM(peak), 0) AS ever FROM oversells`,
        )
        .first<{ open: number; units: number; ever: number }>();
      return { open: row?.open ?? 0, units: row?.units ?? 0, unitsEver: row?.ever ?? 0 };
    },
  };
}

async function list(db: D1Database, filter: OversellFilter): ReturnType<OversellStore["list"]> {
  const conditions = [...isOpen(filter.status), ...equals("sku", filter.sku), ...afterCursor(filter, "since_ms")];
  const { results } = await db
    .prepare(`SELECT ${COLUMNS} FROM oversells ${whereOf(conditions)} ORDER BY since_ms DESC, id DESC LIMIT ?`)
    .bind(...conditions.flatMap(({ values }) => values), filter.limit + 1)
    .all<Row>();
  const { rows, nextCursor } = pageOf(results, filter, (row) => row.since_ms);
  return { oversells: rows.map(toOversell), nextCursor };
}

const isOpen = (status: OversellFilter["status"]): readonly Condition[] =>
  status === undefined ? [] : [{ sql: `resolved_at_ms IS ${status === "open" ? "" : "NOT "}NULL`, values: [] }];

const toOversell = (row: Row): Oversell => ({
  id: row.id,
  skuId: fromStore(row.sku_id),
  sku: fromStore(row.sku),
  units: row.units,
  peak: row.peak,
  sales: JSON.parse(row.sales) as readonly ShortSale[],
  unexplained: row.unexplained,
  correlationId: fromStore(row.correlation_id),
  sinceMs: row.since_ms,
  atMs: row.at_ms,
  resolvedAtMs: row.resolved_at_ms,
});
