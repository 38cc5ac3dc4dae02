/** A person's word on a count that waits: to its counter, and into the audit log. */
import type { CountOutcome } from "../domain/counter/count.ts";
import type { CounterEvent } from "../domain/counter/counter-event.ts";
import { howDecided } from "../domain/counter/decide-count.ts";
import type { CorrelationId } from "../domain/ids.ts";
import type { LevelsView } from "../domain/levels-view.ts";
import type { AuditLog } from "./audit.ts";
import type { CountFinding, CountFindingStore } from "./count-findings.ts";
import type { Counters } from "./counter-contract.ts";

export interface DecideCountDeps {
  readonly findings: Pick<CountFindingStore, "get">;
  readonly counters: Counters;
  readonly audit: Pick<AuditLog, "append" | "list">;
  mirror(views: readonly LevelsView[]): void;
}

export type CountDecision = {
  readonly id: string;
  readonly isApproved: boolean;
  readonly reason: string;
  readonly actor: string;
  readonly correlationId: CorrelationId;
};

export type CountDecided =
  | { readonly kind: "not_found" }
  /** Nothing is to be decided of it, or the other has been. */
  | { readonly kind: "conflict"; readonly state: CountFinding["state"] }
  /** `delta` null: it waits for Shopify's committed units. */
  | {
      readonly kind: "decided";
      readonly state: "booked" | "rejected" | "waiting" | "decided";
      readonly delta: number | null;
    }
  /** It can be rejected only: too old, or of a place that is gone. */
  | { readonly kind: "not_bookable"; readonly why: string };

export async function decideCount(asked: CountDecision, deps: DecideCountDeps, nowMs: number): Promise<CountDecided> {
  const { id, isApproved, reason, actor, correlationId } = asked;
  const finding = await deps.findings.get(id);
  if (finding === null) return { kind: "not_found" };
  const wanted = isApproved ? "booked" : "rejected";
  if (finding.state !== "held" && finding.state !== wanted) return { kind: "conflict", state: finding.state };
  const verdict = { key: finding.key, isApproved, by: actor, note: reason };
  const event: CounterEvent = { kind: "count_verdict", verdict, correlationId };
  const reply = await deps.counters.of(finding.skuId).apply([event]);
  if (reply.kind === "not_connected") return { kind: "not_found" };
  if (reply.hasChanged !== false) deps.mirror([reply.view]);
  const decided = decidedAs(reply.outcomes[0] as CountOutcome, wanted);
  if (decided.kind !== "decided") return decided;
  const action = isApproved ? "count.approved" : "count.rejected";
  // Whoever decided it may have been cut off before it was in the log, or have got no answer: he asks again, and it is then.
  if ((await deps.audit.list({ subject: id, action, limit: 1 })).entries.length > 0) return decided;
  const { sku, key, counted, ours } = finding;
  await deps.audit.append({
    ...{ atMs: nowMs, actor, action, subject: id, correlationId },
    detail: { sku, key, counted, ours, reason },
  });
  return decided;
}

function decidedAs(outcome: CountOutcome, wanted: "booked" | "rejected"): CountDecided {
  switch (outcome.kind) {
    case "counted":
      return { kind: "decided", state: wanted, delta: outcome.movement.delta };
    case "count_waits":
      // Only what was approved waits.
      if (wanted === "rejected") return { kind: "conflict", state: "booked" };
      return { kind: "decided", state: "waiting", delta: null };
    case "counted_already": {
      const state = howDecided(outcome.movement);
      // Its news may not have been stored yet: the counter knows what somebody else decided a moment ago.
      if (state !== null && state !== wanted) return { kind: "conflict", state };
      return { kind: "decided", state: "decided", delta: outcome.movement.delta };
    }
    case "no_such_count":
      return { kind: "not_found" };
    default:
      return { kind: "not_bookable", why: outcome.kind.replaceAll("_", " ") };
  }
}
