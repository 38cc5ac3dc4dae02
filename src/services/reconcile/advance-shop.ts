/**
 * Drives the running reconciliation of a shop in bounded steps. Each step ends in one write, so whoever is cut off
 * (eviction, deploy, the platform's time limit) leaves a run that the next minute takes up where it stood. A lease keeps two
 * drivers from the same run.
 */
import type { ShopDomain } from "../../domain/ids.ts";
import { mismatchRate, type Run } from "../../domain/reconcile/run.ts";
import { reasonOf } from "../../observability/log.ts";
import { stepLooks, stepSettling } from "./look-steps.ts";
import { stepOrders, stepSubscriptions } from "./news-steps.ts";
import type { ReconcileDeps, StepOutcome } from "./reconcile-deps.ts";
import { stepBulk, stepChanged, stepListings } from "./screen-steps.ts";

/** After a failed step, doubling per failure in a row … */
const FAILURE_PAUSE_MS = 2_000;
/** … up to this. */
const FAILURE_PAUSE_MS_MAX = 300_000;

/** @param budgetMs  no step begins after that; a step takes seconds at most */
export async function advanceShop(shop: ShopDomain, budgetMs: number, deps: ReconcileDeps): Promise<void> {
  const untilMs = deps.nowMs() + budgetMs;
  for (;;) {
    const run = await take(shop, deps);
    if (run === null) return;
    const isOver = await advanceRun(run.run, run.lease, untilMs, deps);
    if (!isOver || deps.nowMs() >= untilMs) return;
  }
}

type Taken = { readonly run: Run; readonly lease: string };

async function take(shop: ShopDomain, deps: ReconcileDeps): Promise<Taken | null> {
  const nowMs = deps.nowMs();
  await deps.runs.startNext(shop, nowMs);
  const lease = deps.newId();
  const run = await deps.runs.acquire(shop, lease, nowMs, nowMs + deps.policy.leaseMs);
  return run === null ? null : { run, lease };
}

/** @returns whether the run is over */
async function advanceRun(first: Run, lease: string, untilMs: number, deps: ReconcileDeps): Promise<boolean> {
  let run = first;
  try {
    for (;;) {
      const waitMs = run.wakeAtMs - deps.nowMs();
      if (deps.nowMs() >= untilMs || deps.nowMs() + waitMs >= untilMs) return false;
      if (waitMs > 0) await deps.wait(waitMs);
      const next = await advanceOnce(run, lease, deps);
      if (next === null) return false;
      if (next.status !== "running") {
        sayOver(next, deps);
        return true;
      }
      run = next;
    }
  } finally {
    await deps.runs.release(run, lease);
  }
}

/** @returns the run as it is then; null: not now, or not ours any more */
async function advanceOnce(run: Run, lease: string, deps: ReconcileDeps): Promise<Run | null> {
  const { runs, policy } = deps;
  const nowMs = deps.nowMs();
  if (nowMs - (run.startedAtMs ?? nowMs) > policy.runMsMax) {
    return failed(run, lease, `it is not over after ${Math.round(policy.runMsMax / 60_000)} minutes`, deps);
  }
  const outcome = await attempt(run, deps);
  if (outcome instanceof Error) {
    const failures = await runs.postpone(run, lease, nowMs, true);
    deps.log("warn", "reconciliation.step_failed", { shop: run.shop, reason: reasonOf(outcome), attempts: failures });
    if (failures >= policy.failuresMax) return failed(run, lease, reasonOf(outcome), deps);
    const pauseMs = Math.min(FAILURE_PAUSE_MS * 2 ** Math.min(failures, 20), FAILURE_PAUSE_MS_MAX);
    await runs.postpone(run, lease, nowMs + pauseMs, false);
    return null;
  }
  switch (outcome.kind) {
    case "progress":
      return runs.commit(run, lease, withMarks(run, outcome, deps), deps.nowMs(), deps.nowMs() + policy.leaseMs);
    case "later":
      await runs.postpone(run, lease, nowMs + outcome.afterMs, false);
      return null;
    case "failed":
      return failed(run, lease, outcome.reason, deps);
  }
}

async function failed(run: Run, lease: string, reason: string, deps: ReconcileDeps): Promise<Run> {
  await deps.runs.fail(run, lease, reason, deps.nowMs());
  deps.log("error", "reconciliation.failed", { shop: run.shop, correlationId: run.correlationId, reason });
  return { ...run, status: "failed" };
}

/** A part that is away throws; the step is taken again. */
async function attempt(run: Run, deps: ReconcileDeps): Promise<StepOutcome | Error> {
  try {
    return await step(run, deps);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function step(run: Run, deps: ReconcileDeps): Promise<StepOutcome> {
  const { cursor } = run;
  switch (cursor.phase) {
    case "subscriptions":
      return stepSubscriptions(run, deps);
    case "orders":
      return stepOrders(run, cursor, deps);
    case "changed":
      return stepChanged(run, cursor, deps);
    case "bulk":
      return stepBulk(run, cursor, deps);
    case "listings":
      return stepListings(run, cursor, deps);
    case "looks":
      return stepLooks(run, cursor, deps);
    case "settling":
      return stepSettling(run, cursor, deps);
  }
}

/** A run that saw all changes up to its start spares the next one these. */
function withMarks(run: Run, progress: StepOutcome & { kind: "progress" }, { policy }: ReconcileDeps) {
  if (progress.cursor !== null || run.isDry || run.scope.kind === "skus") return progress;
  const levelsSinceMs = (run.startedAtMs ?? run.createdAtMs) - policy.overlapMs;
  return { ...progress, marks: { ...progress.marks, levelsSinceMs } };
}

function sayOver({ shop, correlationId, status, counts, trigger }: Run, { log }: ReconcileDeps): void {
  log("info", "reconciliation.ended", { shop, correlationId, outcome: `${trigger}: ${status}`, counts: { ...counts } });
  const rate = mismatchRate(counts);
  if (rate !== null && rate > 0)
    log("warn", "reconciliation.mismatches", { shop, correlationId, units: counts.mismatches });
}
