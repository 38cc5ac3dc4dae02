/** Thresholds, reordering and counts, wired for the API. */
import type { Sku } from "../domain/ids.ts";
import type { LevelsView } from "../domain/levels-view.ts";
import type { AuditEntry } from "../services/audit.ts";
import { type CountDecision, decideCount } from "../services/decide-count.ts";
import { readStockSettings, type SkuPolicyDeps } from "../services/sku-policy.ts";
import { changeStockDefaults, readStockDefaults, type StockDefaultsChange } from "../services/stock-defaults.ts";
import { reaching } from "../services/unavailable.ts";
import { d1AuditLog } from "../store/d1-audit-log.ts";
import { d1CountFindings } from "../store/d1-count-findings.ts";
import { d1Reorders } from "../store/d1-reorders.ts";
import { d1StockDefaults } from "../store/d1-stock-defaults.ts";
import { wordDeps } from "./words.ts";

type Deps = SkuPolicyDeps & { mirror(views: readonly LevelsView[]): void };

export function stockServices(env: Env, { mirror, ...deps }: Deps) {
  const store = reaching("catalogue", d1StockDefaults(env.DB));
  const findings = reaching("stock", d1CountFindings(env.DB));
  const audit = reaching("stock", d1AuditLog(env.DB));
  return {
    stockSettings: (sku: Sku) => readStockSettings(sku, deps),
    stockDefaults: () => readStockDefaults(store, wordDeps(env, deps.counters).words),
    changeStockDefaults: (change: StockDefaultsChange) =>
      changeStockDefaults(change, { ...wordDeps(env, deps.counters), store }, Date.now()),
    reorders: reaching("stock", d1Reorders(env.DB)),
    counts: findings,
    decideCount: (asked: CountDecision) =>
      decideCount(asked, { findings, counters: deps.counters, audit, mirror }, Date.now()),
    noteStock: (entry: AuditEntry) => audit.append(entry),
  };
}
