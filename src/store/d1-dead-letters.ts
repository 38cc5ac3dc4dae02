/** Dead letters in D1: one row per event. Payloads are gzip of JSON: an order's projection shrinks to a tenth. */
import type { D1Database, D1PreparedStatement } from "@cloudflare/workers-types";
import { fromStore, type ShopDomain } from "../domain/ids.ts";
import type {
  DeadLetter,
  DeadLetterError,
  DeadLetterFilter,
  DeadLetterOrigin,
  DeadLetterStatus,
  DeadLetterStore,
  DeadLetterSummary,
} from "../services/dead-letters.ts";

type Row = {
  id: string;
  status: string;
  origin: string;
  topic: string;
  shop: string | null;
  correlation_id: string;
  event_id: string;
  subject: string | null;
  errors: string;
  attempts: number;
  deaths: number;
  replays: number;
  truncated: number;
  received_bytes: number | null;
  received_sha256: string | null;
  occurred_at_ms: number;
  created_at_ms: number;
  updated_at_ms: number;
  replayed_at_ms: number | null;
};

const SUMMARY = `id, status, origin, topic, shop, correlation_id, event_id, subject, errors, attempts, deaths, replays,
  truncated, received_bytes, received_sha256, occurred_at_ms, created_at_ms, updated_at_ms, replayed_at_ms`;

/** One letter may stand for several events of one level: what it is about is the newest of them, in whatever order they die. */
const newer = (column: string): string =>
  `${column} = CASE WHEN excluded.occurred_at_ms >= occurred_at_ms THEN excluded.${column} ELSE ${column} END`;

const PUT = `INSERT INTO dead_letters (id, status, origin, topic, shop, correlation_id, event_id, subject, code, errors, attempts,
    deaths, replays, payload, truncated, received_bytes, received_sha256, occurred_at_ms, created_at_ms, updated_at_ms)
  VALUES (?1, 'waiting', ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 1, 0, ?11, ?12, ?13, ?14, ?15, ?16, ?16)
  ON CONFLICT (id) DO UPDATE SET
    status = 'waiting', deaths = deaths + 1, code = excluded.code, attempts = excluded.attempts, updated_at_ms = excluded.updated_at_ms,
    ${["subject", "payload", "truncated", "event_id", "correlation_id", "occurred_at_ms"].map(newer).join(", ")},
    errors = (SELECT json_group_array(json(value)) FROM (
      SELECT value FROM json_each(excluded.errors) UNION ALL SELECT value FROM json_each(dead_letters.errors) LIMIT ?17))`;

export function d1DeadLetters(db: D1Database, errorsMax: number): DeadLetterStore {
  return {
    async put(letters, nowMs) {
      if (letters.length === 0) return;
      await db.batch(await Promise.all(letters.map((letter) => putStatement(db, letter, errorsMax, nowMs))));
    },
    list: (filter) => list(db, filter),
    async get(id) {
      const row = await db
        .prepare(`SELECT ${SUMMARY}, payload FROM dead_letters WHERE id = ?`)
        .bind(id)
        .first<Row & { payload: ArrayBuffer | number[] }>();
      return row === null ? null : { ...toSummary(row), payload: await gunzipJson(row.payload) };
    },
    async count(status) {
      const row = await db
        .prepare("SELECT COUNT(*) AS letters FROM dead_letters WHERE status = ?")
        .bind(status)
        .first<{ letters: number }>();
      return row?.letters ?? 0;
    },
    async markReplayed(id, deaths, nowMs) {
      const row = await db
        .prepare(
          `UPDATE dead_letters SET status = CASE WHEN deaths = ?2 THEN 'replayed' ELSE status END,
             replays = replays + 1, replayed_at_ms = ?3, updated_at_ms = ?3 WHERE id = ?1 RETURNING status`,
        )
        .bind(id, deaths, nowMs)
        .first<{ status: DeadLetterStatus }>();
      return row?.status ?? "replayed"; // pruned meanwhile: there is nothing left to wait
    },
    async prune(beforeMs) {
      const { meta } = await db
        .prepare("DELETE FROM dead_letters WHERE status <> 'waiting' AND updated_at_ms < ?")
        .bind(beforeMs)
        .run();
      return meta.changes;
    },
  };
}

async function putStatement(
  db: D1Database,
  letter: DeadLetter,
  errorsMax: number,
  nowMs: number,
): Promise<D1PreparedStatement> {
  return db
    .prepare(PUT)
    .bind(
      letter.id,
      letter.origin,
      letter.topic,
      letter.shop,
      letter.correlationId,
      letter.eventId,
      letter.subject,
      letter.errors[0]?.code ?? "unknown",
      JSON.stringify(letter.errors.slice(0, errorsMax)),
      letter.attempts,
      await gzipJson(letter.payload),
      letter.truncated ? 1 : 0,
      letter.received?.bytes ?? null,
      letter.received?.sha256 ?? null,
      letter.occurredAtMs,
      nowMs,
      errorsMax,
    );
}

async function list(db: D1Database, filter: DeadLetterFilter): ReturnType<DeadLetterStore["list"]> {
  const conditions: string[] = [];
  const values: (string | number)[] = [];
  const where = (condition: string, ...given: (string | number)[]) => {
    conditions.push(condition);
    values.push(...given);
  };
  if (filter.status !== undefined) where("status = ?", filter.status);
  if (filter.origin !== undefined) where("origin = ?", filter.origin);
  if (filter.code !== undefined) where("code = ?", filter.code);
  if (filter.shop !== undefined) where("shop = ?", filter.shop);
  if (filter.correlationId !== undefined) where("correlation_id = ?", filter.correlationId);
  const after = filter.cursor === undefined ? null : readCursor(filter.cursor);
  if (after !== null) where("(created_at_ms, id) < (?, ?)", after.createdAtMs, after.id);
  const condition = conditions.length === 0 ? "" : `WHERE ${conditions.join(" AND ")}`;
  const { results } = await db
    .prepare(`SELECT ${SUMMARY} FROM dead_letters ${condition} ORDER BY created_at_ms DESC, id DESC LIMIT ?`)
    .bind(...values, filter.limit + 1)
    .all<Row>();
  const letters = results.slice(0, filter.limit).map(toSummary);
  const last = letters.at(-1);
  const nextCursor = results.length > filter.limit && last !== undefined ? `${last.createdAtMs}.${last.id}` : null;
  return { letters, nextCursor };
}

function readCursor(cursor: string): { readonly createdAtMs: number; readonly id: string } | null {
  const match = /^(\d{1,16})\.(.+)$/.exec(cursor);
  return match?.[1] === undefined || match[2] === undefined ? null : { createdAtMs: Number(match[1]), id: match[2] };
}

function toSummary(row: Row): DeadLetterSummary {
  const { received_bytes: bytes, received_sha256: sha256 } = row;
  return {
    id: row.id,
    status: row.status as DeadLetterStatus,
    origin: row.origin as DeadLetterOrigin,
    topic: row.topic,
    shop: row.shop === null ? null : fromStore<ShopDomain>(row.shop),
    correlationId: fromStore(row.correlation_id),
    eventId: row.event_id,
    subject: row.subject,
    errors: JSON.parse(row.errors) as readonly DeadLetterError[],
    attempts: row.attempts,
    truncated: row.truncated === 1,
    received: bytes === null || sha256 === null ? null : { bytes, sha256 },
    occurredAtMs: row.occurred_at_ms,
    deaths: row.deaths,
    replays: row.replays,
    createdAtMs: row.created_at_ms,
    updatedAtMs: row.updated_at_ms,
    replayedAtMs: row.replayed_at_ms,
  };
}

async function gzipJson(value: unknown): Promise<ArrayBuffer> {
  const stream = new Blob([JSON.stringify(value)]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Response(stream).arrayBuffer();
}

/** D1 gives a BLOB back as an array of numbers. */
async function gunzipJson(blob: ArrayBuffer | number[]): Promise<unknown> {
  const stream = new Blob([new Uint8Array(blob)]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).json();
}
