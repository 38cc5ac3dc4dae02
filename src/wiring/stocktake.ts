/** CSV: levels out, stocktakes in. */
import { LIMITS } from "../config.ts";
import type { CountRow, RowError } from "../domain/csv/parse-counts.ts";
import type { CorrelationId, Sku } from "../domain/ids.ts";
import type { LevelsView } from "../domain/levels-view.ts";
import type { Catalogue } from "../services/catalogue.ts";
import type { Counters } from "../services/counter-contract.ts";
import { type ExportDeps, exportLevels } from "../services/export-levels.ts";
import { sha256Hex } from "../services/sha256.ts";
import { type PlannedRow, planCounts } from "../services/stocktake/plan-counts.ts";
import type { ImportPlan } from "../services/stocktake/plans.ts";
import { type CountsRun, runCounts } from "../services/stocktake/run-counts.ts";
import { reaching } from "../services/unavailable.ts";
import { d1ImportPlans } from "../store/d1-import-plans.ts";
import { d1SkuPages } from "../store/d1-sku-pages.ts";

type Parts = {
  readonly catalogue: Catalogue;
  readonly counters: Counters;
  readonly readLevels: ExportDeps["readLevels"];
  readonly mirror: (views: readonly LevelsView[]) => void;
  readonly nowMs: () => number;
  readonly newId: () => string;
};
type By = { readonly actor: string; readonly correlationId: CorrelationId };
export type RunAnswer =
  | { readonly kind: "unknown_plan" }
  | { readonly kind: "other_file" }
  | { readonly kind: "run"; readonly run: CountsRun };

export function stocktakeServices(env: Env, { catalogue, counters, readLevels, mirror, nowMs, newId }: Parts) {
  const plans = reaching("catalogue", d1ImportPlans(env.DB));
  const deps = { catalogue, counters, callsMax: LIMITS.importCallsMax };
  return {
    exportLevels: (after: Sku | null) =>
      exportLevels(after, {
        ...{ pages: reaching("catalogue", d1SkuPages(env.DB)), readLevels },
        ...{ pageSkus: LIMITS.skusPerReadMax, skusMax: LIMITS.skusPerExportMax },
      }),
    async planCounts(
      bytes: Uint8Array,
      rows: readonly CountRow[],
      faults: readonly RowError[],
      by: By,
    ): Promise<{ plan: ImportPlan | null; errors: readonly RowError[]; changes: readonly PlannedRow[] }> {
      const sha256 = await sha256Hex(bytes);
      const createdAtMs = nowMs();
      const { planned, errors } = await planCounts(rows, { ...by, sha256, createdAtMs, reference: null }, deps);
      const all = [...faults, ...errors].toSorted((a, b) => a.line - b.line);
      if (all.length > 0 || rows.length === 0) return { plan: null, errors: all, changes: planned };
      const plan = { id: `plan_${newId()}`, sha256, actor: by.actor, rows: rows.length, createdAtMs };
      await plans.prune(createdAtMs - LIMITS.importPlanMs);
      await plans.put(plan);
      return { plan, errors: all, changes: planned };
    },
    async runCounts(bytes: Uint8Array, rows: readonly CountRow[], planId: string, by: By): Promise<RunAnswer> {
      const plan = await plans.get(planId);
      if (plan === null || plan.createdAtMs < nowMs() - LIMITS.importPlanMs) return { kind: "unknown_plan" };
      if ((await sha256Hex(bytes)) !== plan.sha256) return { kind: "other_file" };
      const run = await runCounts(
        rows,
        { ...by, sha256: plan.sha256, createdAtMs: plan.createdAtMs, reference: planId },
        {
          ...{ ...deps, mirror, nowMs, random: Math.random, wait: (ms: number) => scheduler.wait(ms) },
          ...{ sliceRows: LIMITS.importSliceRows, msMax: LIMITS.importMsMax },
        },
      );
      return { kind: "run", run };
    },
  };
}
