/** Documents of channels, and what is known of the orders behind them, in D1. */
import type { D1Database, D1PreparedStatement } from "@cloudflare/workers-types";
import type { FulfilmentFacts } from "../domain/channel/fulfilment.ts";
import { fromStore } from "../domain/ids.ts";
import { NOT_CALLED } from "../domain/reply-beginning.ts";
import type {
  ChannelDocument,
  DocumentAttempt,
  DocumentState,
  DocumentStore,
  DocumentType,
  FulfilmentStore,
  NewDocument,
} from "../services/channels/channel-documents.ts";
import { afterCursor, equals, pageOf, whereOf } from "./page-cursor.ts";

type Row = {
  id: string;
  channel: string;
  type: DocumentType;
  subject: string;
  order_id: string | null;
  version: number;
  state: DocumentState;
  data: string;
  attempts: string;
  correlation_id: string;
  created_at_ms: number;
  updated_at_ms: number;
};

const ATTEMPTS_MAX = 20;

export const d1ChannelDocuments = (db: D1Database): DocumentStore & { prune(beforeMs: number): Promise<void> } => ({
  async get(id) {
    const row = await db.prepare("SELECT * FROM channel_documents WHERE id = ?").bind(id).first<Row>();
    return row === null ? null : documentOf(row);
  },
  async list(query) {
    const { channel, orderId, state, limit } = query;
    const conditions = [
      ...equals("channel", channel),
      ...equals("order_id", orderId),
      ...equals("state", state),
      ...afterCursor(query, "updated_at_ms"),
    ];
    const { results } = await db
      .prepare(`SELECT * FROM channel_documents ${whereOf(conditions)} ORDER BY updated_at_ms DESC, id DESC LIMIT ?`)
      .bind(...conditions.flatMap(({ values }) => values), limit + 1)
      .all<Row>();
    const { rows, nextCursor } = pageOf(results, query, (row) => row.updated_at_ms);
    return { documents: rows.map(documentOf), nextCursor };
  },
  async put(id, document, nowMs) {
    await putStatement(db, id, document, nowMs).run();
  },
  async waitingSince(beforeMs, limit, nowMs) {
    const { results } = await db
      .prepare(
        `UPDATE channel_documents SET updated_at_ms = ?3 WHERE id IN (SELECT id FROM channel_documents
           WHERE state = 'waiting' AND updated_at_ms < ?1 AND channel IN (SELECT id FROM channels
             WHERE state = 'active' AND direction <> 'in' AND endpoint IS NOT NULL) ORDER BY updated_at_ms LIMIT ?2) RETURNING *`,
      )
      .bind(beforeMs, limit, nowMs)
      .all<Row>();
    return results.map(documentOf);
  },
  async reopen(id, channel, nowMs) {
    const row = await db
      .prepare(
        "UPDATE channel_documents SET state = 'waiting', updated_at_ms = ? WHERE id = ? AND channel = ? RETURNING *",
      )
      .bind(nowMs, id, channel)
      .first<Row>();
    return row === null ? null : documentOf(row);
  },
  async attempted(id, version, state, attempt) {
    await db
      .prepare(
        `UPDATE channel_documents SET state = CASE version WHEN ?2 THEN ?3 ELSE state END, updated_at_ms = ?4,
           attempts = (SELECT json_group_array(json(value)) FROM (SELECT value FROM (
             SELECT -1 AS place, ?5 AS value UNION ALL SELECT key, value FROM json_each(attempts)) ORDER BY place LIMIT ?6))
         WHERE id = ?1`,
      )
      .bind(id, version, state, attempt.atMs, JSON.stringify(attempt), ATTEMPTS_MAX)
      .run();
  },
  async prune(beforeMs) {
    await db.batch([
      db.prepare("DELETE FROM channel_documents WHERE updated_at_ms < ? AND state <> 'waiting'").bind(beforeMs),
      db.prepare("DELETE FROM channel_fulfilments WHERE updated_at_ms < ?").bind(beforeMs),
    ]);
  },
});

export const d1Fulfilments = (db: D1Database): FulfilmentStore => ({
  async read({ channel, orderChannel, orderId }) {
    const row = await db
      .prepare(
        "SELECT version, facts FROM channel_fulfilments WHERE channel = ? AND order_channel = ? AND order_id = ?",
      )
      .bind(channel, orderChannel, orderId)
      .first<{ version: number; facts: string }>();
    return row === null ? null : { version: row.version, facts: JSON.parse(row.facts) as FulfilmentFacts };
  },
  async write({ channel, orderChannel, orderId }, { version, facts }, written, nowMs) {
    const upsert = `INSERT INTO channel_fulfilments (channel, order_channel, order_id, version, facts, updated_at_ms)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6)
      ON CONFLICT (channel, order_channel, order_id) DO UPDATE SET version = excluded.version, facts = excluded.facts,
        updated_at_ms = excluded.updated_at_ms WHERE version = excluded.version - 1 RETURNING version`;
    const own = db.prepare(upsert).bind(channel, orderChannel, orderId, version, JSON.stringify(facts), nowMs);
    // Its version must be the one that was just written: of two who write at once the slower has changed nothing.
    const its = `EXISTS (SELECT 1 FROM channel_fulfilments WHERE channel = ?2 AND order_channel || '/' || order_id = ?4
      AND version = ?6 AND updated_at_ms = ?10)`;
    const documents = written === null ? [] : [putStatement(db, written.id, written.document, nowMs, its)];
    const [first] = await db.batch([own, ...documents]);
    return (first?.results.length ?? 0) > 0;
  },
});

function putStatement(
  db: D1Database,
  id: string,
  { channel, type, subject, orderId, version, data, correlationId }: NewDocument,
  nowMs: number,
  condition = "true",
): D1PreparedStatement {
  return db
    .prepare(
      `INSERT INTO channel_documents (id, channel, type, subject, order_id, version, state, data, attempts, correlation_id,
         created_at_ms, updated_at_ms)
       SELECT ?1, ?2, ?3, ?4, ?5, ?6, 'waiting', ?7, '[]', ?8, ?9, ?10 WHERE ${condition}
       ON CONFLICT (id) DO UPDATE SET version = excluded.version, state = 'waiting', data = excluded.data,
         correlation_id = excluded.correlation_id, updated_at_ms = excluded.updated_at_ms
         WHERE excluded.version > version`,
    )
    .bind(id, channel, type, subject, orderId, version, JSON.stringify(data), correlationId, nowMs, nowMs);
}

const attemptsOf = ({ attempts }: Row): readonly DocumentAttempt[] =>
  (JSON.parse(attempts) as readonly DocumentAttempt[]).map((attempt) => ({ ...NOT_CALLED, ...attempt }));

const documentOf = (row: Row): ChannelDocument => ({
  ...{ id: row.id, channel: fromStore(row.channel), type: row.type, subject: row.subject, orderId: row.order_id },
  ...{ version: row.version, state: row.state, data: JSON.parse(row.data), attempts: attemptsOf(row) },
  ...{ correlationId: fromStore(row.correlation_id), createdAtMs: row.created_at_ms, updatedAtMs: row.updated_at_ms },
});
