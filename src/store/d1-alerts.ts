/** Alerts in D1. */
import type { D1Database, D1PreparedStatement } from "@cloudflare/workers-types";
import { isAlertName, type Severity, type ThresholdOverride } from "../domain/alerts/alert-table.ts";
import type { AlertChange } from "../domain/alerts/evaluate.ts";
import type { AlertMemory, AlertStore } from "../services/alerts/alert-store.ts";
import { reconciledFacts } from "./d1-alert-facts.ts";
import { auditStatement } from "./d1-audit-log.ts";

type MemoryRow = { at_ms: number; samples: string; topics: string; states: string };
type ChangeRow = {
  id: string;
  alert: string;
  subject: string;
  change: string;
  severity: string;
  value: number;
  threshold: number;
  unit: string;
  text: string;
  since_ms: number;
  at_ms: number;
};
type ThresholdRow = {
  alert: string;
  threshold: number;
  for_minutes: number | null;
  reason: string;
  actor: string;
  at_ms: number;
};

const CHANGE = "id, alert, subject, change, severity, value, threshold, unit, text, since_ms, at_ms";

/** Only upon the memory that was read: of two evaluations that read the same, one is dropped. */
const PUT_MEMORY = `INSERT INTO alert_memory (one, at_ms, writer, samples, topics, states) SELECT 1, ?1, ?2, ?3, ?4, ?5
  WHERE ?6 IS (SELECT at_ms FROM alert_memory)
  ON CONFLICT (one) DO UPDATE SET at_ms = excluded.at_ms, writer = excluded.writer, samples = excluded.samples,
    topics = excluded.topics, states = excluded.states`;
/** Only by the evaluation whose memory it is. */
const PUT_CHANGE = `INSERT INTO alert_changes (${CHANGE}) SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11
  WHERE (SELECT writer FROM alert_memory) = ?12 ON CONFLICT (id) DO NOTHING`;

export function d1Alerts(db: D1Database): AlertStore {
  return {
    async memory() {
      const row = await db.prepare("SELECT at_ms, samples, topics, states FROM alert_memory").first<MemoryRow>();
      return row === null ? null : memoryOf(row);
    },
    commit: (before, next, changes, writer) => commit(db, before, next, changes, writer),
    async overrides() {
      const { results } = await db
        .prepare("SELECT alert, threshold, for_minutes, reason, actor, at_ms FROM alert_thresholds")
        .all<ThresholdRow>();
      return results.flatMap(overrideOf);
    },
    async putOverride(override, audit) {
      await db.batch([putThreshold(db, override), auditStatement(db, audit)]);
    },
    async deleteOverride(alert, audit) {
      const isThere = "EXISTS (SELECT 1 FROM alert_thresholds WHERE alert = ?)";
      const [, deleted] = await db.batch([
        auditStatement(db, audit, isThere, [alert]),
        db.prepare("DELETE FROM alert_thresholds WHERE alert = ? RETURNING alert").bind(alert),
      ]);
      return (deleted?.results.length ?? 0) > 0;
    },
    async changes(limit) {
      const { results } = await db
        .prepare(`SELECT ${CHANGE} FROM alert_changes ORDER BY at_ms DESC, id DESC LIMIT ?`)
        .bind(limit)
        .all<ChangeRow>();
      return results.map(changeOf);
    },
    async unqueued(limit) {
      const { results } = await db
        .prepare(`SELECT ${CHANGE} FROM alert_changes WHERE queued_at_ms IS NULL ORDER BY at_ms LIMIT ?`)
        .bind(limit)
        .all<ChangeRow>();
      return results.map(changeOf);
    },
    async noteQueued(ids, atMs) {
      await db
        .prepare("UPDATE alert_changes SET queued_at_ms = ?2 WHERE id IN (SELECT value FROM json_each(?1))")
        .bind(JSON.stringify(ids), atMs)
        .run();
    },
    async told(changeId) {
      const { results } = await db
        .prepare("SELECT destination FROM alert_told WHERE change_id = ?")
        .bind(changeId)
        .all<{ destination: string }>();
      return new Set(results.map(({ destination }) => destination));
    },
    async noteTold(changeId, destination, atMs) {
      await db
        .prepare("INSERT INTO alert_told (change_id, destination, told_at_ms) VALUES (?, ?, ?) ON CONFLICT DO NOTHING")
        .bind(changeId, destination, atMs)
        .run();
    },
    reconciled: (shop, sinceMs) => reconciledFacts(db, shop, sinceMs),
    async prune(beforeMs) {
      await db.batch([
        db.prepare("DELETE FROM alert_changes WHERE at_ms < ?").bind(beforeMs),
        db.prepare("DELETE FROM alert_told WHERE told_at_ms < ?").bind(beforeMs),
      ]);
    },
  };
}

async function commit(
  db: D1Database,
  before: number | null,
  next: AlertMemory,
  changes: readonly AlertChange[],
  writer: string,
): Promise<boolean> {
  const { evaluatedAtMs, samples, topics, states } = next;
  const put = db
    .prepare(PUT_MEMORY)
    .bind(...[evaluatedAtMs, writer, JSON.stringify(samples), JSON.stringify(topics), JSON.stringify(states)], before);
  const wasOurs = db.prepare("SELECT writer FROM alert_memory");
  const results = await db.batch<{ writer?: string }>([
    put,
    ...changes.map((change) => putChange(db, change, writer)),
    wasOurs,
  ]);
  return results.at(-1)?.results[0]?.writer === writer;
}

function putChange(db: D1Database, change: AlertChange, writer: string): D1PreparedStatement {
  const { id, alert, subject, change: kind, severity, value, threshold, unit, text, sinceMs, atMs } = change;
  return db
    .prepare(PUT_CHANGE)
    .bind(id, alert, subject, kind, severity, value, threshold, unit, text, sinceMs, atMs, writer);
}

const putThreshold = (
  db: D1Database,
  { alert, threshold, forMinutes, reason, actor, atMs }: ThresholdOverride,
): D1PreparedStatement =>
  db
    .prepare(
      `INSERT INTO alert_thresholds (alert, threshold, for_minutes, reason, actor, at_ms) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (alert) DO UPDATE SET threshold = excluded.threshold, for_minutes = excluded.for_minutes,
         reason = excluded.reason, actor = excluded.actor, at_ms = excluded.at_ms`,
    )
    .bind(alert, threshold, forMinutes, reason, actor, atMs);

/** Written by us alone, by this version or one before: the shapes may only grow. */
const memoryOf = ({ at_ms, samples, topics, states }: MemoryRow): AlertMemory => ({
  evaluatedAtMs: at_ms,
  samples: JSON.parse(samples) as AlertMemory["samples"],
  topics: JSON.parse(topics) as AlertMemory["topics"],
  states: JSON.parse(states) as AlertMemory["states"],
});

/** Of an alert that this version does not know: none. */
function overrideOf({ alert, threshold, for_minutes, reason, actor, at_ms }: ThresholdRow): ThresholdOverride[] {
  if (!isAlertName(alert)) return [];
  return [{ alert, threshold, forMinutes: for_minutes, reason, actor, atMs: at_ms }];
}

const changeOf = (row: ChangeRow): AlertChange => ({
  id: row.id,
  alert: row.alert as AlertChange["alert"],
  subject: row.subject,
  change: row.change as AlertChange["change"],
  severity: row.severity as Severity,
  value: row.value,
  threshold: row.threshold,
  unit: row.unit,
  text: row.text,
  sinceMs: row.since_ms,
  atMs: row.at_ms,
});
