/** Notifications and their deliveries in D1. */
import type { D1Database, D1PreparedStatement } from "@cloudflare/workers-types";
import type {
  NotificationFilterAsked,
  NotificationStore,
  OpenDelivery,
  StoredNews,
} from "../services/notifications/notification-store.ts";
import { auditStatement } from "./d1-audit-log.ts";
import {
  type DeliveryRow,
  type DestinationRow,
  deliveryOf,
  destinationOf,
  type NotificationRow,
  newsOf,
} from "./notification-row.ts";
import { afterCursor, equals, type PageFilter, pageOf, whereOf } from "./page-cursor.ts";

/** Attempts that a delivery shows. */
const HISTORY_MAX = 20;

const NEW_DELIVERY = `INSERT INTO deliveries
  (id, notification_id, destination_id, state, due_at_ms, queued_until_ms, digest_id, attempts, history, created_at_ms, settled_at_ms)
  SELECT value ->> 'id', ?1, value ->> 'destinationId', value ->> 'state', value ->> 'dueAtMs',
    CASE value ->> 'state' WHEN 'waiting' THEN ?3 ELSE 0 END, NULL, 0, '[]', ?4, NULL
  FROM json_each(?2) WHERE NOT EXISTS (SELECT 1 FROM notifications WHERE id = ?1) ON CONFLICT (id) DO NOTHING`;
const NEW_NEWS = `INSERT INTO notifications
  (id, kind, severity, subject, title, text, at_ms, sku, location_id, channel, correlation_id, data, stored_at_ms)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING RETURNING id`;

export function d1Notifications(db: D1Database): NotificationStore {
  return {
    put: (stored, queuedUntilMs, nowMs) => put(db, stored, queuedUntilMs, nowMs),
    open: (deliveryId) => open(db, deliveryId),
    settle: (...args) => settle(db, ...args),
    async takeDue(limit, queuedUntilMs, nowMs) {
      const take = `UPDATE deliveries SET queued_until_ms = ?2 WHERE id IN (SELECT id FROM deliveries
        WHERE state = 'waiting' AND due_at_ms <= ?3 AND queued_until_ms <= ?3 ORDER BY due_at_ms LIMIT ?1) RETURNING id`;
      const { results } = await db.prepare(take).bind(limit, queuedUntilMs, nowMs).all<{ id: string }>();
      return results.map(({ id }) => id);
    },
    formDigests: (itemsMax, newId, nowMs) => formDigests(db, itemsMax, newId, nowMs),
    async resend(deliveryId, audit, queuedUntilMs, nowMs) {
      const again = `UPDATE deliveries SET state = 'waiting', due_at_ms = ?2, queued_until_ms = ?3, attempts = 0, settled_at_ms = NULL
        WHERE id = ?1 AND state IN ('sent', 'given_up') RETURNING *`;
      const isSettled = "EXISTS (SELECT 1 FROM deliveries WHERE id = ? AND state IN ('sent', 'given_up'))";
      const [, updated] = await db.batch<DeliveryRow>([
        auditStatement(db, audit, isSettled, [deliveryId]),
        db.prepare(again).bind(deliveryId, nowMs, queuedUntilMs),
      ]);
      const [row] = updated?.results ?? [];
      return row === undefined ? null : deliveryOf(row);
    },
    list: (asked) => list(db, asked),
    async get(id) {
      const [news, deliveries] = await db.batch<unknown>([
        db.prepare("SELECT * FROM notifications WHERE id = ?").bind(id),
        db.prepare("SELECT * FROM deliveries WHERE notification_id = ? ORDER BY created_at_ms, id").bind(id),
      ]);
      const [row] = (news?.results ?? []) as NotificationRow[];
      if (row === undefined) return null;
      return { news: newsOf(row), deliveries: ((deliveries?.results ?? []) as DeliveryRow[]).map(deliveryOf) };
    },
    deliveriesOf: (destinationId, page) => deliveriesOf(db, destinationId, page),
    async prune(beforeMs) {
      await db.batch([
        db.prepare("DELETE FROM notifications WHERE at_ms < ?").bind(beforeMs),
        db.prepare("DELETE FROM deliveries WHERE created_at_ms < ?").bind(beforeMs),
      ]);
    },
  };
}

async function put(
  db: D1Database,
  stored: readonly StoredNews[],
  queuedUntilMs: number,
  nowMs: number,
): Promise<ReadonlySet<string>> {
  const statements = stored.flatMap(({ news, deliveries }): D1PreparedStatement[] => [
    db.prepare(NEW_DELIVERY).bind(news.id, JSON.stringify(deliveries), queuedUntilMs, nowMs),
    db
      .prepare(NEW_NEWS)
      .bind(
        ...[news.id, news.kind, news.severity, news.subject, news.title, news.text, news.atMs],
        ...[news.sku, news.locationId, news.channel, news.correlationId, JSON.stringify(news.data), nowMs],
      ),
  ]);
  const results = await db.batch<{ id: string }>(statements);
  return new Set(results.flatMap(({ results: rows }) => rows.map(({ id }) => id)));
}

async function open(db: D1Database, deliveryId: string): Promise<OpenDelivery | null> {
  const [deliveries, destinations, news] = await db.batch<unknown>([
    db.prepare("SELECT * FROM deliveries WHERE id = ?").bind(deliveryId),
    db
      .prepare("SELECT * FROM notify_destinations WHERE id = (SELECT destination_id FROM deliveries WHERE id = ?)")
      .bind(deliveryId),
    db
      .prepare(
        `SELECT n.* FROM notifications n WHERE n.id IN
           (SELECT notification_id FROM deliveries WHERE id = ?1 OR digest_id = ?1) ORDER BY n.at_ms, n.id`,
      )
      .bind(deliveryId),
  ]);
  const [delivery] = (deliveries?.results ?? []) as DeliveryRow[];
  const [destination] = (destinations?.results ?? []) as DestinationRow[];
  if (delivery === undefined || destination === undefined) return null;
  return {
    delivery: deliveryOf(delivery),
    destination: destinationOf(destination),
    news: ((news?.results ?? []) as NotificationRow[]).map(newsOf),
  };
}

async function settle(db: D1Database, ...[delivery, after, nowMs]: Parameters<NotificationStore["settle"]>) {
  const { state, dueAtMs, queuedUntilMs, attempt, failingSinceMs, failures, disable } = after;
  const isSettled = state !== "waiting";
  const own = `UPDATE deliveries SET state = ?2, due_at_ms = ?3, queued_until_ms = ?4, settled_at_ms = ?5,
      attempts = attempts + ?6,
      history = CASE WHEN ?7 IS NULL THEN history ELSE
        (SELECT json_group_array(json(value)) FROM (SELECT value, 0 AS at FROM json_each(json_array(json(?7)))
          UNION ALL SELECT value, key + 1 FROM json_each(history) WHERE key < ${HISTORY_MAX - 1} ORDER BY at)) END
    WHERE id = ?1 AND state = 'waiting' RETURNING id`;
  const items = `UPDATE deliveries SET state = ?2, settled_at_ms = ?3 WHERE digest_id = ?1 AND state = 'in_digest'`;
  const its = `UPDATE notify_destinations SET failing_since_ms = ?2, failures = ?3,
      state = CASE WHEN ?4 IS NULL THEN state ELSE 'disabled' END,
      state_reason = CASE WHEN ?4 IS NULL THEN state_reason ELSE ?4 END,
      state_at_ms = CASE WHEN ?4 IS NULL THEN state_at_ms ELSE ?5 END
    WHERE id = ?1 AND (failing_since_ms IS NOT ?2 OR failures <> ?3 OR ?4 IS NOT NULL)`;
  const [updated] = await db.batch<{ id: string }>([
    db
      .prepare(own)
      .bind(
        ...[delivery.id, state, dueAtMs, queuedUntilMs, isSettled ? nowMs : null, attempt === null ? 0 : 1],
        attempt === null ? null : JSON.stringify(attempt),
      ),
    ...(isSettled ? [db.prepare(items).bind(delivery.id, state, nowMs)] : []),
    db.prepare(its).bind(delivery.destinationId, failingSinceMs, failures, disable, nowMs),
  ]);
  return updated?.results.length === 1;
}

/** The digest and its items in one transaction: what is held goes with one, or waits for the next. */
async function formDigests(db: D1Database, itemsMax: number, newId: () => string, nowMs: number): Promise<number> {
  const { results } = await db
    .prepare("SELECT DISTINCT destination_id FROM deliveries WHERE state = 'held' AND due_at_ms <= ?")
    .bind(nowMs)
    .all<{ destination_id: string }>();
  const statements = results.flatMap(({ destination_id: destinationId }): D1PreparedStatement[] => {
    const id = `dlv_${newId().replaceAll("-", "")}`;
    return [
      db
        .prepare(
          `UPDATE deliveries SET state = 'in_digest', digest_id = ?1 WHERE id IN (SELECT id FROM deliveries
             WHERE destination_id = ?2 AND state = 'held' AND due_at_ms <= ?3 ORDER BY due_at_ms, created_at_ms LIMIT ?4)`,
        )
        .bind(id, destinationId, nowMs, itemsMax),
      db
        .prepare(
          `INSERT INTO deliveries (id, notification_id, destination_id, state, due_at_ms, queued_until_ms, digest_id, attempts,
             history, created_at_ms, settled_at_ms)
           SELECT ?1, NULL, ?2, 'waiting', ?3, 0, NULL, 0, '[]', ?3, NULL
           WHERE EXISTS (SELECT 1 FROM deliveries WHERE digest_id = ?1)`,
        )
        .bind(id, destinationId, nowMs),
    ];
  });
  if (statements.length > 0) await db.batch(statements);
  return results.length;
}

/** Newest first. */
async function list(db: D1Database, asked: NotificationFilterAsked): ReturnType<NotificationStore["list"]> {
  const { kind, severity, sku, fromMs, toMs, limit } = asked;
  const conditions = [
    ...equals("kind", kind),
    ...equals("severity", severity),
    ...equals("sku", sku),
    ...(fromMs === undefined ? [] : [{ sql: "at_ms >= ?", values: [fromMs] }]),
    ...(toMs === undefined ? [] : [{ sql: "at_ms < ?", values: [toMs] }]),
    ...afterCursor(asked, "at_ms"),
  ];
  const { results } = await db
    .prepare(`SELECT * FROM notifications ${whereOf(conditions)} ORDER BY at_ms DESC, id DESC LIMIT ?`)
    .bind(...conditions.flatMap(({ values }) => values), limit + 1)
    .all<NotificationRow>();
  const { rows, nextCursor } = pageOf(results, asked, (row) => row.at_ms);
  return { news: rows.map(newsOf), nextCursor };
}

/** Newest first. */
async function deliveriesOf(db: D1Database, destinationId: string, page: PageFilter) {
  const conditions = [...equals("destination_id", destinationId), ...afterCursor(page, "created_at_ms")];
  const { results } = await db
    .prepare(`SELECT * FROM deliveries ${whereOf(conditions)} ORDER BY created_at_ms DESC, id DESC LIMIT ?`)
    .bind(...conditions.flatMap(({ values }) => values), page.limit + 1)
    .all<DeliveryRow>();
  const { rows, nextCursor } = pageOf(results, page, (row) => row.created_at_ms);
  return { deliveries: rows.map(deliveryOf), nextCursor };
}
