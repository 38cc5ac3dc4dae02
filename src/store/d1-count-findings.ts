/** Counts that wait for a person, and what does not go together, in D1. */
import type { D1Database } from "@cloudflare/workers-types";
import { fromStore } from "../domain/ids.ts";
import type { CountFinding, CountFindingStore } from "../services/count-findings.ts";
import { afterCursor, equals, pageOf, whereOf } from "./page-cursor.ts";

type Row = {
  id: string;
  sku_id: string;
  sku: string;
  key: string;
  kind: CountFinding["kind"];
  state: CountFinding["state"];
  location_id: string;
  of_what: CountFinding["of"];
  counted: number;
  ours: number;
  counted_at_ms: number;
  actor: string;
  source: string;
  reference: string | null;
  decided_by: string | null;
  note: string | null;
  correlation_id: string;
  at_ms: number;
  decided_at_ms: number | null;
};

const COLUMNS = `id, sku_id, sku, key, kind, state, location_id, of_what, counted, ours, counted_at_ms, actor, source, reference,
  decided_by, note, correlation_id, at_ms, decided_at_ms`;

/** What is held may be decided, once. */
const PUT = `INSERT INTO count_findings (${COLUMNS})
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)
  ON CONFLICT (id) DO UPDATE SET state = excluded.state, decided_by = excluded.decided_by, note = excluded.note,
    decided_at_ms = excluded.decided_at_ms
  WHERE count_findings.state = 'held' AND excluded.state <> 'held'`;

export function d1CountFindings(db: D1Database): CountFindingStore {
  return {
    async put(given) {
      const { id, skuId, sku, key, kind, state, locationId, of, counted, ours, countedAtMs, actor, source } = given;
      const { reference, decidedBy, note, correlationId, atMs, decidedAtMs } = given;
      await db
        .prepare(PUT)
        .bind(
          ...[id, skuId, sku, key, kind, state, locationId, of, counted, ours, countedAtMs, actor, source, reference],
          ...[decidedBy, note, correlationId, atMs, decidedAtMs],
        )
        .run();
    },
    async list(filter) {
      const conditions = [
        ...equals("state", filter.state),
        ...equals("kind", filter.kind),
        ...equals("sku", filter.sku),
        ...afterCursor(filter, "at_ms"),
      ];
      const { results } = await db
        .prepare(`SELECT ${COLUMNS} FROM count_findings ${whereOf(conditions)} ORDER BY at_ms DESC, id DESC LIMIT ?`)
        .bind(...conditions.flatMap(({ values }) => values), filter.limit + 1)
        .all<Row>();
      const { rows, nextCursor } = pageOf(results, filter, (row) => row.at_ms);
      return { findings: rows.map(findingOfRow), nextCursor };
    },
    async get(id) {
      const row = await db.prepare(`SELECT ${COLUMNS} FROM count_findings WHERE id = ?`).bind(id).first<Row>();
      return row === null ? null : findingOfRow(row);
    },
  };
}

const findingOfRow = (row: Row): CountFinding => ({
  ...{ id: row.id, skuId: fromStore(row.sku_id), sku: fromStore(row.sku), key: fromStore(row.key) },
  ...{ kind: row.kind, state: row.state, locationId: fromStore(row.location_id), of: row.of_what },
  ...{ counted: row.counted, ours: row.ours, countedAtMs: row.counted_at_ms, actor: row.actor, source: row.source },
  ...{ reference: row.reference, decidedBy: row.decided_by, note: row.note, atMs: row.at_ms },
  ...{ correlationId: fromStore(row.correlation_id), decidedAtMs: row.decided_at_ms },
});
