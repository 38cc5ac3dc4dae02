/** The audit log in D1. Its rows are only ever added, and pruned when they are old. */
import type { D1Database, D1PreparedStatement } from "@cloudflare/workers-types";
import { fromStore } from "../domain/ids.ts";
import type { AuditEntry, AuditFilter, AuditLog, StoredAuditEntry } from "../services/audit.ts";

type Row = {
  id: number;
  at_ms: number;
  actor: string;
  action: string;
  subject: string;
  correlation_id: string;
  detail: string;
};

/**
 * The entry as a statement, so that it is written in the transaction of what it tells of.
 * @param condition  SQL with `?` for each of `values`: written only if it holds
 */
export function auditStatement(
  db: D1Database,
  entry: AuditEntry,
  condition = "TRUE",
  values: readonly (string | number)[] = [],
): D1PreparedStatement {
  const { atMs, actor, action, subject, correlationId, detail } = entry;
  return db
    .prepare(
      `INSERT INTO audit_log (at_ms, actor, action, subject, correlation_id, detail) SELECT ?, ?, ?, ?, ?, ? WHERE ${condition}`,
    )
    .bind(atMs, actor, action, subject, correlationId, JSON.stringify(detail), ...values);
}

export function d1AuditLog(db: D1Database): AuditLog {
  return {
    async append(entry) {
      await auditStatement(db, entry).run();
    },
    list: (filter) => list(db, filter),
    async prune(beforeMs) {
      await db.prepare("DELETE FROM audit_log WHERE at_ms < ?").bind(beforeMs).run();
    },
  };
}

async function list(db: D1Database, filter: AuditFilter): ReturnType<AuditLog["list"]> {
  const { actor, action, subject, correlationId, fromMs, toMs, before, limit } = filter;
  const given: readonly (readonly [string, string | number | undefined])[] = [
    ["actor = ?", actor],
    ["action = ?", action],
    ["subject = ?", subject],
    ["correlation_id = ?", correlationId],
    ["at_ms >= ?", fromMs],
    ["at_ms < ?", toMs],
    ["id < ?", before],
  ];
  const asked = given.flatMap(([condition, value]) => (value === undefined ? [] : [{ condition, value }]));
  const where = asked.length === 0 ? "" : `WHERE ${asked.map(({ condition }) => condition).join(" AND ")}`;
  const { results } = await db
    .prepare(`SELECT * FROM audit_log ${where} ORDER BY id DESC LIMIT ?`)
    .bind(...asked.map(({ value }) => value), limit + 1)
    .all<Row>();
  const entries = results.slice(0, limit).map(
    (row): StoredAuditEntry => ({
      ...{ id: row.id, atMs: row.at_ms, actor: row.actor, action: row.action, subject: row.subject },
      correlationId: fromStore(row.correlation_id),
      detail: JSON.parse(row.detail) as StoredAuditEntry["detail"],
    }),
  );
  return { entries, next: results.length > limit ? (entries.at(-1)?.id ?? null) : null };
}
