/** Runs and findings as the API shows them. */
import { mismatchRate, type Run } from "../domain/reconcile/run.ts";
import type { Finding, Overwritten } from "../services/reconcile/reconcile-deps.ts";
import { isoOrNull } from "./time-to-wire.ts";

export function runToWire(run: Run) {
  const { id, shop, scope, isDry, trigger, actor, correlationId, status, cursor, counts, notes } = run;
  const skus = scope.kind === "skus" ? scope.skus : scope.kind;
  return {
    ...{ id, shop, scope: { skus }, dryRun: isDry, trigger, actor, correlationId, status },
    phase: status === "running" || status === "queued" ? cursor.phase : null,
    ...{ counts, mismatchRate: mismatchRate(counts), notes },
    createdAt: isoOrNull(run.createdAtMs),
    startedAt: isoOrNull(run.startedAtMs),
    endedAt: isoOrNull(run.endedAtMs),
  };
}

export function findingToWire(finding: Finding) {
  const { id, cause, remedy, level, expected, found, difference, byShopify, detail, overwritten } = finding;
  return {
    ...{ id, cause, remedy, sku: level?.sku ?? null, listingId: level?.listingId ?? null },
    shopLocationId: level?.location ?? null,
    ...{ expected, found, difference, changedInShopify: byShopify, foundAt: isoOrNull(finding.foundAtMs), detail },
    ...{ healed: finding.isHealed, healedAt: isoOrNull(finding.healedAtMs) },
    overwritten: overwritten === null ? null : overwrittenToWire(overwritten),
    createdAt: isoOrNull(finding.createdAtMs),
  };
}

const overwrittenToWire = ({ atMs, ...rest }: Overwritten) => ({ at: isoOrNull(atMs), ...rest });
