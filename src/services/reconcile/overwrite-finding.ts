/** An operator puts our number over Shopify's. The movement carries who and why; the finding remembers that it was done. */
import {
  type CorrelationId,
  type FindingId,
  fromStore,
  type LocationId,
  type MovementKey,
  type ReconciliationId,
} from "../../domain/ids.ts";
import type { LevelsView } from "../../domain/levels-view.ts";
import { decideOverwrite, type OverwriteDecision } from "../../domain/reconcile/overwrite.ts";
import { expectationsOf, levelAt } from "./look-at-levels.ts";
import type { Finding, LevelRef, Overwritten, ReconcileDeps, SubscriptionCause } from "./reconcile-deps.ts";

export type OverwriteRequest = {
  readonly runId: ReconciliationId;
  readonly findingId: FindingId;
  readonly reason: string;
  readonly actor: string;
  readonly correlationId: CorrelationId;
  readonly dryRun?: boolean;
};

export type OverwriteOutcome =
  | { readonly kind: "unknown" }
  | { readonly kind: "overwritten"; readonly finding: Finding }
  /** A read is asked for; the same request may be sent again in a moment. */
  | { readonly kind: "measure_first" }
  | { readonly kind: "not_offered"; readonly why: string }
  /** Of a dry run: what would be done, and nothing is. `delta`: of our count, in units. */
  | { readonly kind: "foreseen"; readonly action: "move" | "unpark"; readonly delta: number };

export async function overwriteFinding(
  request: OverwriteRequest,
  deps: ReconcileDeps,
  mirror: (views: readonly LevelsView[]) => void,
): Promise<OverwriteOutcome> {
  const finding = await deps.found.finding(request.runId, request.findingId);
  if (finding === null) return { kind: "unknown" };
  if (finding.overwritten !== null) return { kind: "overwritten", finding };
  const { level } = finding;
  if (level === null) return { kind: "not_offered", why: "it is no level" };
  const { decision, locationId, reads } = await decide(finding, level, deps);
  if (request.dryRun === true) return foreseen(decision);
  switch (decision.kind) {
    case "not_offered":
      return decision;
    case "measure_first":
      if (finding.readsBefore === null) await deps.found.noteRead(request.runId, finding.id, reads);
      await deps.counters.of(level.skuId).audit(level.listingId);
      return decision;
    case "unpark":
      if (locationId !== null) await deps.counters.of(level.skuId).unpark(level.listingId, locationId);
      return noted(request, finding, null, deps);
    case "move": {
      const seq = await move(request, level, locationId, decision.delta, deps, mirror);
      return typeof seq === "string" ? { kind: "not_offered", why: seq } : noted(request, finding, seq, deps);
    }
  }
}

function foreseen(decision: OverwriteDecision): OverwriteOutcome {
  switch (decision.kind) {
    case "move":
      return { kind: "foreseen", action: "move", delta: decision.delta };
    case "unpark":
      return { kind: "foreseen", action: "unpark", delta: 0 };
    default:
      return decision;
  }
}

async function decide(finding: Finding, level: LevelRef, deps: ReconcileDeps) {
  const listing = (await expectationsOf([level], deps)).get(level.listingId) ?? null;
  const at = listing === null ? null : levelAt(listing, level.location);
  const { cause, ...rest } = finding;
  const decision: OverwriteDecision = isLevelCause(cause)
    ? decideOverwrite({ ...rest, cause }, listing, at)
    : { kind: "not_offered", why: "it is no level" };
  return { decision, locationId: at?.locationId ?? null, reads: listing?.reads ?? 0 };
}

const SUBSCRIPTION_CAUSES: ReadonlySet<string> = new Set<SubscriptionCause>([
  "subscription_missing",
  "subscription_wrong",
  "subscription_refused",
]);
const isLevelCause = (cause: Finding["cause"]): cause is Exclude<Finding["cause"], SubscriptionCause> =>
  !SUBSCRIPTION_CAUSES.has(cause);

/** Keyed by the finding: asked for twice, it counts once. @returns the movement's number, or why there is none */
async function move(
  { runId, findingId, reason, actor, correlationId }: OverwriteRequest,
  { skuId }: LevelRef,
  locationId: LocationId | null,
  delta: number,
  deps: ReconcileDeps,
  mirror: (views: readonly LevelsView[]) => void,
): Promise<number | string> {
  const request = {
    key: fromStore<MovementKey>(`overwrite/${runId}/${findingId}`),
    fingerprint: `${delta}`,
    locationId,
    delta,
    allowNegative: true,
    cause: {
      reason,
      reference: `reconciliation/${runId}/${findingId}`,
      source: "reconciliation",
      actor,
      correlationId,
    },
    occurredAtMs: deps.nowMs(),
  };
  const reply = await deps.counters.of(skuId).apply([{ kind: "movement", request }]);
  if (reply.kind === "not_connected") return "its counter is not connected";
  const [outcome] = reply.outcomes;
  if (outcome?.kind === "applied") mirror([reply.view]);
  if (outcome?.kind === "applied" || outcome?.kind === "duplicate") return outcome.movement.seq;
  return `its counter refused: ${outcome?.kind ?? "no answer"}`;
}

async function noted(
  { runId, reason, actor }: OverwriteRequest,
  finding: Finding,
  movementSeq: number | null,
  deps: ReconcileDeps,
): Promise<OverwriteOutcome> {
  const overwritten: Overwritten = { atMs: deps.nowMs(), by: actor, reason, movementSeq };
  await deps.found.noteOverwritten(runId, finding.id, overwritten);
  return { kind: "overwritten", finding: { ...finding, overwritten } };
}
