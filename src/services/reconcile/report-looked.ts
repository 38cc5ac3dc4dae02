/** From looks at levels to what a run writes: suspects that are clear, those to be looked at again, and findings. */
import type { FindingId, ListingId } from "../../domain/ids.ts";
import { decideAfterLook, type Remedy } from "../../domain/reconcile/after-look.ts";
import type { LevelDifference } from "../../domain/reconcile/classify-level.ts";
import type { Run, RunCounts } from "../../domain/reconcile/run.ts";
import { atMost } from "../at-most.ts";
import type { LookedLevel } from "./look-at-levels.ts";
import type { Finding, KnownListing, LevelRef, Progress, ReconcileDeps, Suspect } from "./reconcile-deps.ts";
import { findingIdOf } from "./screen-rows.ts";

type Reported = Required<Pick<Progress, "cleared" | "suspects" | "findings" | "counts">>;

/**
 * A dry run says what it would let be read, and asks for nothing. Reads that heal are asked for later (look-steps.ts).
 * @param looksOf  looks that were taken at a level before this one
 */
export async function reportLooked(
  run: Run,
  looked: readonly LookedLevel[],
  looksOf: (id: FindingId) => number,
  deps: ReconcileDeps,
): Promise<Reported> {
  const { policy } = deps;
  const nowMs = deps.nowMs();
  const cleared: FindingId[] = [];
  const suspects: Suspect[] = [];
  const findings: Finding[] = [];
  const refreshed = new Map<ListingId, KnownListing>();
  const reads = new Set<ListingId>();
  for (const { level, verdict } of looked) {
    const id = findingIdOf(level.item, level.location);
    const after = decideAfterLook(verdict, looksOf(id), nowMs, policy);
    switch (after.kind) {
      case "clear":
        cleared.push(id);
        break;
      case "refresh":
        cleared.push(id);
        refreshed.set(level.listingId, level);
        reads.add(level.listingId);
        break;
      case "look_again":
        suspects.push({ ...level, id, looks: looksOf(id) + 1, nextLookMs: after.atMs });
        break;
      case "report":
        findings.push(findingOf(run, id, level, after.difference, after.remedy, nowMs));
        if (after.remedy === "read") reads.add(level.listingId);
        break;
    }
  }
  if (!run.isDry) {
    const listings = [...refreshed.values()];
    await atMost(policy.counterCallsMax, listings, ({ skuId, listingId }) => deps.counters.of(skuId).audit(listingId));
  }
  return { cleared, suspects, findings, counts: { mismatches: findings.length, reads: reads.size } };
}

/** Of a step whose first sight was the look. */
export const countLooked = (
  listings: readonly KnownListing[],
  looked: readonly LookedLevel[],
): Pick<RunCounts, "listings" | "levels" | "suspects"> => ({
  listings: listings.length,
  levels: looked.length,
  suspects: looked.filter(({ verdict }) => verdict.kind !== "match").length,
});

function findingOf(
  run: Run,
  id: FindingId,
  level: LevelRef,
  { cause, expected, found, difference, byShopify, foundAtMs }: LevelDifference,
  remedy: Remedy,
  nowMs: number,
): Finding {
  return {
    ...{ id, runId: run.id, cause, remedy, level, expected, found, difference, byShopify, foundAtMs },
    readsBefore: null,
    detail: null,
    isHealed: false,
    healedAtMs: null,
    overwritten: null,
    createdAtMs: nowMs,
  };
}
