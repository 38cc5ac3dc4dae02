/** Runs and findings as the API shows them. */
import { mismatchRate, type Run } from "../domain/reconcile/run.ts";
import type { Finding, Overwritten } from "../services/reconcile/reconcile-deps.ts";

const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

export function runToWire(run: Run) {
  const { id, shop, scope, isDry, trigger, actor, correlationId, status, cursor, counts, notes } = run;
  const skus = scope.kind === "skus" ? scope.skus : scope.kind;
  return {
    ...{ id, shop, scope: { skus }, dryRun: isDry, trigger, actor, correlationId, status },
    phase: status === "running" || status === "queued" ? cursor.phase : null,
    ...{ counts, mismatchRate: mismatchRate(counts), notes },
    createdAt: iso(run.createdAtMs),
    startedAt: iso(run.startedAtMs),
    endedAt: iso(run.endedAtMs),
  };
}

export function findingToWire(finding: Finding) {
  const { id, cause, remedy, level, expected, found, difference, byShopify, detail, overwritten } = finding;
  return {
    ...{ id, cause, remedy, sku: level?.sku ?? null, listingId: level?.listingId ?? null },
    shopLocationId: level?.location ?? null,
    ...{ expected, found, difference, changedInShopify: byShopify, foundAt: iso(finding.foundAtMs), detail },
    ...{ healed: finding.isHealed, healedAt: iso(finding.healedAtMs) },
    overwritten: overwritten === null ? null : overwrittenToWire(overwritten),
    createdAt: iso(finding.createdAtMs),
  };
}

const overwrittenToWire = ({ atMs, ...rest }: Overwritten) => ({ at: iso(atMs), ...rest });
