/** What a gate still knows of pushes, for a trace: settled ones as long as their tombstones stand, 48 hours. Reads alone. */
import { type CallKey, fromStore, type ShopLocationId } from "../src/domain/ids.ts";
import type { PushTrace, PushTraceQuery } from "../src/domain/journal/push-trace.ts";
import type { Sql } from "./object-storage.ts";

type Row = {
  push_key: string;
  sku_id: string;
  listing_id: string;
  correlation_id: string;
  kind: PushTrace["kind"];
  rows: string;
  state: PushTrace["state"];
  tries: number;
  submitted_ms: number;
  first_sent_ms: number | null;
  last_call_key: string | null;
  last_code: string | null;
  settled_ms: number | null;
  result: string | null;
  call_attempts: number | null;
  call_code: string | null;
};

const SELECT = `SELECT push.push_key, push.sku_id, push.listing_id, push.correlation_id, push.kind, push.rows, push.state,
    push.tries, push.submitted_ms, push.first_sent_ms, push.last_call_key, push.last_code, push.settled_ms, push.result,
    call.attempts AS call_attempts, call.code AS call_code
  FROM push LEFT JOIN call ON call.call_key = push.call_key`;

/** Pushes of a SKU that may carry what another cause changed: the first ones after it. */
const PER_SKU_MAX = 2;

/** Those of the cause itself, and of each SKU the first ones submitted in the span. The oldest first. */
export function pushTraces(sql: Sql, query: PushTraceQuery): readonly PushTrace[] {
  const { correlationId, skuIds, fromMs, toMs, limit } = query;
  const found = new Map<string, Row>();
  const add = (rows: Iterable<Row>): void => {
    for (const row of rows) if (found.size < limit) found.set(row.push_key, row);
  };
  add(
    sql.exec<Row>(`${SELECT} WHERE push.correlation_id = ? ORDER BY push.submitted_ms LIMIT ?`, correlationId, limit),
  );
  for (const skuId of skuIds) {
    add(
      sql.exec<Row>(
        `${SELECT} WHERE push.sku_id = ? AND push.submitted_ms >= ? AND push.submitted_ms < ?
         ORDER BY push.submitted_ms LIMIT ?`,
        ...[skuId, fromMs, toMs, PER_SKU_MAX],
      ),
    );
  }
  return [...found.values()].map(toTrace).sort((a, b) => a.submittedAtMs - b.submittedAtMs);
}

const toTrace = (row: Row): PushTrace => ({
  pushKey: fromStore(row.push_key),
  skuId: fromStore(row.sku_id),
  listingId: fromStore(row.listing_id),
  correlationId: fromStore(row.correlation_id),
  kind: row.kind,
  rows: (JSON.parse(row.rows) as readonly (readonly [string, string, number])[]).map(([, location, delta]) => ({
    location: fromStore<ShopLocationId>(location),
    delta,
  })),
  state: row.state,
  tries: row.tries,
  submittedAtMs: row.submitted_ms,
  firstSentAtMs: row.first_sent_ms,
  callKey: row.last_call_key === null ? null : fromStore<CallKey>(row.last_call_key),
  attempts: row.call_attempts,
  lastCode: row.call_code ?? row.last_code,
  settledAtMs: row.settled_ms,
  answer: row.result === null ? null : answerOf(row.result),
});

function answerOf(result: string): PushTrace["answer"] {
  const stored = JSON.parse(result) as { readonly kind: string; readonly atMs?: number | null; readonly code?: string };
  return stored.kind === "applied"
    ? { kind: "applied", shopifyAtMs: stored.atMs ?? null }
    : { kind: "failed", code: stored.code ?? "unknown" };
}
