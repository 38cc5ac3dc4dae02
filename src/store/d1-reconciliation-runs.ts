/** Reconciliation runs in D1. All that a step came to is one batch, and D1 runs a batch as one transaction. */
import type { D1Database, D1PreparedStatement } from "@cloudflare/workers-types";
import { chunksOf } from "../domain/chunks-of.ts";
import { fromStore, type ReconciliationId, type ShopDomain } from "../domain/ids.ts";
import {
  addCounts,
  NO_COUNTS,
  type Run,
  type RunCounts,
  type RunCursor,
  type RunScope,
  type RunStatus,
  type RunTrigger,
} from "../domain/reconcile/run.ts";
import type { Progress, RunFilter, RunPage, RunStore } from "../services/reconcile/reconcile-deps.ts";
import { findingStatements } from "./d1-reconciliation-findings.ts";
import { marksStatement } from "./d1-reconciliation-shops.ts";

type Row = {
  id: string;
  shop: string;
  scope: string;
  dry_run: number;
  trigger_kind: string;
  actor: string;
  correlation_id: string;
  status: string;
  cursor: string;
  counts: string;
  notes: string;
  wake_at_ms: number;
  created_at_ms: number;
  started_at_ms: number | null;
  ended_at_ms: number | null;
};

const COLUMNS = `id, shop, scope, dry_run, trigger_kind, actor, correlation_id, status, cursor, counts, notes, wake_at_ms,
  created_at_ms, started_at_ms, ended_at_ms`;

/** Enough to see what went wrong; a run that goes wrong in a thousand ways goes wrong in twenty. */
const NOTES_MAX = 20;

export function d1ReconciliationRuns(db: D1Database): RunStore {
  return {
    queue: (run) => queue(db, run),
    async open(shop) {
      const { results } = await db
        .prepare(
          `SELECT ${COLUMNS} FROM reconciliation_runs WHERE shop = ? AND status IN ('queued', 'running') ORDER BY created_at_ms`,
        )
        .bind(shop)
        .all<Row>();
      return results.map(toRun);
    },
    async startNext(shop, nowMs) {
      await db
        .prepare(
          `UPDATE reconciliation_runs SET status = 'running', started_at_ms = ?2
           WHERE id = (SELECT id FROM reconciliation_runs WHERE shop = ?1 AND status = 'queued' ORDER BY created_at_ms, id LIMIT 1)
             AND NOT EXISTS (SELECT 1 FROM reconciliation_runs WHERE shop = ?1 AND status = 'running')`,
        )
        .bind(shop, nowMs)
        .run();
    },
    async acquire(shop, lease, nowMs, untilMs) {
      const row = await db
        .prepare(
          `UPDATE reconciliation_runs SET lease = ?2, lease_until_ms = ?4
           WHERE shop = ?1 AND status = 'running' AND lease_until_ms <= ?3 RETURNING ${COLUMNS}`,
        )
        .bind(shop, lease, nowMs, untilMs)
        .first<Row>();
      return row === null ? null : toRun(row);
    },
    commit: (run, lease, progress, nowMs, untilMs) => commit(db, run, lease, progress, nowMs, untilMs),
    async postpone(run, lease, wakeAtMs, isFailure) {
      const row = await db
        .prepare(
          "UPDATE reconciliation_runs SET wake_at_ms = ?3, failures = failures + ?4 WHERE id = ?1 AND lease = ?2 RETURNING failures",
        )
        .bind(run.id, lease, wakeAtMs, isFailure ? 1 : 0)
        .first<{ failures: number }>();
      return row?.failures ?? 0;
    },
    async fail(run, lease, reason, nowMs) {
      const notes = JSON.stringify([...run.notes, reason].slice(-NOTES_MAX));
      await db
        .prepare(
          "UPDATE reconciliation_runs SET status = 'failed', notes = ?3, ended_at_ms = ?4 WHERE id = ?1 AND lease = ?2 AND status = 'running'",
        )
        .bind(run.id, lease, notes, nowMs)
        .run();
    },
    async release(run, lease) {
      await db
        .prepare("UPDATE reconciliation_runs SET lease = NULL, lease_until_ms = 0 WHERE id = ? AND lease = ?")
        .bind(run.id, lease)
        .run();
    },
    get: (id) => get(db, id),
    list: (filter) => list(db, filter),
    async cancel(id, nowMs) {
      await db
        .prepare(
          "UPDATE reconciliation_runs SET status = 'cancelled', ended_at_ms = ? WHERE id = ? AND status IN ('queued', 'running')",
        )
        .bind(nowMs, id)
        .run();
      return get(db, id);
    },
    async prune(beforeMs) {
      const old = "SELECT id FROM reconciliation_runs WHERE ended_at_ms < ?";
      await db.batch([
        db.prepare(`DELETE FROM reconciliation_findings WHERE run_id IN (${old})`).bind(beforeMs),
        db.prepare("DELETE FROM reconciliation_runs WHERE ended_at_ms < ?").bind(beforeMs),
      ]);
    },
  };
}

async function queue(db: D1Database, run: Run): Promise<void> {
  await db
    .prepare(
      `INSERT INTO reconciliation_runs (id, shop, scope, dry_run, trigger_kind, actor, correlation_id, status, cursor, counts,
         notes, created_at_ms) VALUES (?, ?, ?, ?, ?, ?, ?, 'queued', ?, ?, ?, ?)`,
    )
    .bind(
      ...[run.id, run.shop, JSON.stringify(run.scope), run.isDry ? 1 : 0, run.trigger, run.actor],
      ...[run.correlationId, JSON.stringify(run.cursor), JSON.stringify(run.counts), JSON.stringify(run.notes)],
      run.createdAtMs,
    )
    .run();
}

/** Statements of one transaction: D1 takes some thousands, and 100 kB each. */
const STATEMENTS_MAX = 1_000;

/**
 * Findings first, the run last: were a long step's findings written and its cursor not, the step is taken again and
 * writes the same rows.
 */
async function commit(
  db: D1Database,
  run: Run,
  lease: string,
  progress: Progress,
  nowMs: number,
  untilMs: number,
): Promise<Run | null> {
  const statements: D1PreparedStatement[] = findingStatements(db, run.id, progress, nowMs);
  if (progress.marks !== undefined) statements.push(marksStatement(db, run.shop, progress.marks));
  const isDone = progress.cursor === null;
  const update = db
    .prepare(
      `UPDATE reconciliation_runs SET status = ?3, cursor = ?4, counts = ?5, notes = ?6, wake_at_ms = ?7, lease_until_ms = ?8,
         ended_at_ms = ?9, failures = 0 WHERE id = ?1 AND lease = ?2 AND status = 'running' RETURNING ${COLUMNS}`,
    )
    .bind(
      ...[run.id, lease, isDone ? "done" : "running", JSON.stringify(progress.cursor ?? run.cursor)],
      JSON.stringify(addCounts(run.counts, progress.counts ?? {})),
      JSON.stringify([...run.notes, ...(progress.notes ?? [])].slice(-NOTES_MAX)),
      ...[progress.wakeAtMs ?? 0, untilMs, isDone ? nowMs : null],
    );
  const chunks = [...chunksOf([...statements, update], STATEMENTS_MAX)];
  let results: Awaited<ReturnType<typeof db.batch<Row>>> = [];
  for (const chunk of chunks) results = await db.batch<Row>([...chunk]);
  const row = results.at(-1)?.results[0];
  return row === undefined ? null : toRun(row);
}

async function get(db: D1Database, id: ReconciliationId): Promise<Run | null> {
  const row = await db.prepare(`SELECT ${COLUMNS} FROM reconciliation_runs WHERE id = ?`).bind(id).first<Row>();
  return row === null ? null : toRun(row);
}

async function list(db: D1Database, { shop, status, limit, cursor }: RunFilter): Promise<RunPage> {
  const conditions: string[] = [];
  const values: (string | number)[] = [];
  const where = (condition: string, ...given: (string | number)[]) => {
    conditions.push(condition);
    values.push(...given);
  };
  if (shop !== undefined) where("shop = ?", shop);
  if (status !== undefined) where("status = ?", status);
  const after = /^(\d{1,16})\.(.+)$/.exec(cursor ?? "");
  if (after?.[1] !== undefined && after[2] !== undefined)
    where("(created_at_ms, id) < (?, ?)", Number(after[1]), after[2]);
  const condition = conditions.length === 0 ? "" : `WHERE ${conditions.join(" AND ")}`;
  const { results } = await db
    .prepare(`SELECT ${COLUMNS} FROM reconciliation_runs ${condition} ORDER BY created_at_ms DESC, id DESC LIMIT ?`)
    .bind(...values, limit + 1)
    .all<Row>();
  const runs = results.slice(0, limit).map(toRun);
  const last = runs.at(-1);
  return { runs, nextCursor: results.length > limit && last !== undefined ? `${last.createdAtMs}.${last.id}` : null };
}

const toRun = (row: Row): Run => ({
  id: fromStore<ReconciliationId>(row.id),
  shop: fromStore<ShopDomain>(row.shop),
  scope: JSON.parse(row.scope) as RunScope,
  isDry: row.dry_run === 1,
  trigger: row.trigger_kind as RunTrigger,
  actor: row.actor,
  correlationId: fromStore(row.correlation_id),
  status: row.status as RunStatus,
  cursor: JSON.parse(row.cursor) as RunCursor,
  counts: { ...NO_COUNTS, ...(JSON.parse(row.counts) as Partial<RunCounts>) },
  notes: JSON.parse(row.notes) as readonly string[],
  createdAtMs: row.created_at_ms,
  startedAtMs: row.started_at_ms,
  endedAtMs: row.ended_at_ms,
  wakeAtMs: row.wake_at_ms,
});
