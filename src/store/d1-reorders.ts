/** Requests for more stock in D1. */
import type { D1Database } from "@cloudflare/workers-types";
import type { Reorder } from "../domain/counter/reorder.ts";
import { fromStore, type LocationId } from "../domain/ids.ts";
import type { ReorderStore, StoredReorder } from "../services/reorders.ts";
import { afterCursor, equals, pageOf, whereOf } from "./page-cursor.ts";

type Row = {
  id: string;
  sku_id: string;
  sku: string;
  version: number;
  state: Reorder["state"];
  quantity: number;
  received: number;
  asked_by: Reorder["trigger"];
  reason: string;
  available: number;
  location_id: string | null;
  requested_at_ms: number;
  needed_by_ms: number | null;
  closed_at_ms: number | null;
  closed_reason: string | null;
  correlation_id: string;
  updated_at_ms: number;
};

const COLUMNS = `id, sku_id, sku, version, state, quantity, received, asked_by, reason, available, location_id, requested_at_ms,
  needed_by_ms, closed_at_ms, closed_reason, correlation_id, updated_at_ms`;

const PUT = `INSERT INTO reorders (${COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)
  ON CONFLICT (id) DO UPDATE SET sku = excluded.sku, version = excluded.version, state = excluded.state,
    received = excluded.received, closed_at_ms = excluded.closed_at_ms, closed_reason = excluded.closed_reason,
    correlation_id = excluded.correlation_id, updated_at_ms = excluded.updated_at_ms
  WHERE excluded.version > reorders.version`;

export function d1Reorders(db: D1Database): ReorderStore {
  return {
    async put(given) {
      const { id, skuId, sku, version, state, quantity, received, trigger, reason, available, locationId } = given;
      const { requestedAtMs, neededByMs, closedAtMs, closedReason, correlationId, updatedAtMs } = given;
      await db
        .prepare(PUT)
        .bind(
          ...[id, skuId, sku, version, state, quantity, received, trigger, reason, available, locationId],
          ...[requestedAtMs, neededByMs, closedAtMs, closedReason, correlationId, updatedAtMs],
        )
        .run();
    },
    async list(filter) {
      const conditions = [
        ...equals("state", filter.state),
        ...equals("sku", filter.sku),
        ...afterCursor(filter, "requested_at_ms"),
      ];
      const { results } = await db
        .prepare(
          `SELECT ${COLUMNS} FROM reorders ${whereOf(conditions)} ORDER BY requested_at_ms DESC, id DESC LIMIT ?`,
        )
        .bind(...conditions.flatMap(({ values }) => values), filter.limit + 1)
        .all<Row>();
      const { rows, nextCursor } = pageOf(results, filter, (row) => row.requested_at_ms);
      return { reorders: rows.map(reorderOf), nextCursor };
    },
    async get(id) {
      const row = await db.prepare(`SELECT ${COLUMNS} FROM reorders WHERE id = ?`).bind(id).first<Row>();
      return row === null ? null : reorderOf(row);
    },
  };
}

const reorderOf = (row: Row): StoredReorder => ({
  ...{ id: row.id, skuId: fromStore(row.sku_id), sku: fromStore(row.sku), version: row.version, state: row.state },
  ...{ quantity: row.quantity, received: row.received, trigger: row.asked_by, reason: row.reason },
  ...{ available: row.available, locationId: row.location_id === null ? null : fromStore<LocationId>(row.location_id) },
  ...{ requestedAtMs: row.requested_at_ms, neededByMs: row.needed_by_ms, closedAtMs: row.closed_at_ms },
  ...{ closedReason: row.closed_reason, correlationId: fromStore(row.correlation_id), updatedAtMs: row.updated_at_ms },
});
