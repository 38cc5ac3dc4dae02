/** What reconciliations found lately, for the alerts. */
import type { D1Database } from "@cloudflare/workers-types";
import { NO_COUNTS, type RunCounts, type RunScope } from "../domain/reconcile/run.ts";
import type { ReconciledFacts } from "../services/alerts/alert-store.ts";

type RunRow = { id: string; scope: string; dry_run: number; counts: string };

/** Runs of an hour: four of what changed, one of everything, and what operators asked for. */
const RUNS_MAX = 20;
/** A run takes hours at most: what ended lately was begun within a day. */
const RUN_MS_MAX = 24 * 60 * 60 * 1_000;

export async function reconciledFacts(db: D1Database, shop: string, sinceMs: number): Promise<ReconciledFacts> {
  const { results } = await db
    .prepare(
      `SELECT id, scope, dry_run, counts FROM reconciliation_runs
       WHERE created_at_ms > ?2 AND shop = ?1 AND status = 'done' AND ended_at_ms > ?3
       ORDER BY created_at_ms DESC LIMIT ?4`,
    )
    .bind(shop, sinceMs - RUN_MS_MAX, sinceMs, RUNS_MAX)
    .all<RunRow>();
  if (results.length === 0) return { compared: null, subscriptions: null };
  const runs = results.map(({ id, scope, dry_run, counts }) => ({
    // A run of single SKUs looks at no subscription, and a dry one makes none.
    ...{ id, isAboutNews: dry_run === 0 && (JSON.parse(scope) as Partial<RunScope>).kind !== "skus" },
    counts: { ...NO_COUNTS, ...(JSON.parse(counts) as Partial<RunCounts>) },
  }));
  const compared = runs.reduce(
    (sum, { counts }) => ({ levels: sum.levels + counts.levels, mismatches: sum.mismatches + counts.mismatches }),
    { levels: 0, mismatches: 0 },
  );
  const newest = runs.find(({ isAboutNews }) => isAboutNews);
  return { compared, subscriptions: newest === undefined ? null : await subscriptionsOf(db, newest.id) };
}

async function subscriptionsOf(db: D1Database, runId: string): Promise<ReconciledFacts["subscriptions"]> {
  const row = await db
    .prepare(
      `SELECT COUNT(*) AS missing, COALESCE(SUM(healed), 0) AS mended FROM reconciliation_findings
       WHERE run_id = ? AND id LIKE 'webhook-%' AND state = 'found'`,
    )
    .bind(runId)
    .first<{ missing: number; mended: number }>();
  return row;
}
