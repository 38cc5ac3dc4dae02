/**
 * The slow background pass: every level is read again within a day although nothing was announced. It is the only cure
 * when all news of a change was lost. Reads are the gate's lowest priority, so this costs pushes nothing.
 */
import type { ListingId, SkuId } from "../domain/ids.ts";
import { reasonOf } from "../observability/log.ts";
import type { Counters } from "./counter-contract.ts";

export type AuditCandidate = { readonly skuId: SkuId; readonly listingId: ListingId };

export interface AuditDeps {
  readonly counters: Counters;
  /** Active listings not audited since then, the longest ago first. */
  due(beforeMs: number, limit: number): Promise<readonly AuditCandidate[]>;
  markAudited(listings: readonly AuditCandidate[], nowMs: number): Promise<void>;
}

export type Audited = { readonly asked: number; readonly failed: readonly string[] };

export async function auditLevels(everyMs: number, limit: number, deps: AuditDeps, nowMs: number): Promise<Audited> {
  const due = await deps.due(nowMs - everyMs, limit);
  const failed: string[] = [];
  const asked = await Promise.all(
    due.map(async (candidate) => {
      try {
        await deps.counters.of(candidate.skuId).audit(candidate.listingId);
        return [candidate];
      } catch (error) {
        failed.push(reasonOf(error));
        return [];
      }
    }),
  );
  const done = asked.flat();
  if (done.length > 0) await deps.markAudited(done, nowMs);
  return { asked: done.length, failed };
}
