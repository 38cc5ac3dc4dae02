/** A movement that a caller of the API asks for: guarded, idempotent, told at once to the mirror. */
import type { MovementOutcome, MovementRequest } from "../domain/counter/movement.ts";
import type { CorrelationId, LocationId, MovementKey, Sku } from "../domain/ids.ts";
import { fromStore } from "../domain/ids.ts";
import type { LevelsView } from "../domain/levels-view.ts";
import type { Catalogue } from "./catalogue.ts";
import type { Counters } from "./counter-contract.ts";
import { sha256Hex } from "./sha256.ts";
import { Unavailable } from "./unavailable.ts";

export type Adjustment = {
  readonly sku: Sku;
  readonly delta: number;
  readonly locationId: LocationId | null;
  readonly reason: string;
  readonly reference: string | null;
  readonly allowNegative: boolean;
  readonly idempotencyKey: string;
  readonly actor: string;
  readonly correlationId: CorrelationId;
};

export interface AdjustDeps {
  readonly catalogue: Catalogue;
  readonly counters: Counters;
  mirror(views: readonly LevelsView[]): void;
  nowMs(): number;
}

export type AdjustOutcome =
  | { readonly kind: "unknown_sku" }
  /** In the catalogue, and its counter has not heard of it: an import is under way. */
  | { readonly kind: "not_connected" }
  | { readonly kind: "answered"; readonly outcome: MovementOutcome; readonly view: LevelsView };

/** Throws Unavailable when the catalogue or the counter is away: whether it was booked, the same key will tell. */
export async function adjust(given: Adjustment, deps: AdjustDeps): Promise<AdjustOutcome> {
  const { skuIds, fault } = await deps.catalogue.skuIds([given.sku]);
  const skuId = skuIds.get(given.sku);
  if (skuId === undefined) {
    if (fault !== null) throw new Unavailable("catalogue", fault);
    return { kind: "unknown_sku" };
  }
  const reply = await deps.counters
    .of(skuId)
    .apply([{ kind: "movement", request: await requestOf(given, deps.nowMs()) }]);
  if (reply.kind === "not_connected") return reply;
  const [outcome] = reply.outcomes;
  if (outcome === undefined || !isMovementOutcome(outcome)) throw new Error("the counter answered another question");
  if (outcome.kind === "applied") deps.mirror([reply.view]);
  return { kind: "answered", outcome, view: reply.view };
}

async function requestOf(given: Adjustment, nowMs: number): Promise<MovementRequest> {
  const { delta, locationId, reason, reference, allowNegative, actor, correlationId } = given;
  const asked = JSON.stringify([delta, locationId, reason, reference, allowNegative]);
  return {
    key: fromStore<MovementKey>(`api/${given.idempotencyKey}`),
    fingerprint: await sha256Hex(new TextEncoder().encode(asked)),
    locationId,
    delta,
    allowNegative,
    cause: { reason, reference, source: "api", actor, correlationId },
    occurredAtMs: nowMs,
  };
}

const OUTCOMES: Readonly<Record<MovementOutcome["kind"], true>> = {
  applied: true,
  duplicate: true,
  key_reused: true,
  insufficient: true,
  unknown_location: true,
  too_old: true,
  out_of_range: true,
  version_mismatch: true,
  locked: true,
  stale_token: true,
  precondition_required: true,
};
export const isMovementOutcome = (outcome: { readonly kind: string }): outcome is MovementOutcome =>
  outcome.kind in OUTCOMES;
