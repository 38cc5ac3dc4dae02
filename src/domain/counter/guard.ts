/** May a write go on, as far as versions, leases and the SKU's strategy have a say? Levels are looked at afterwards. */
import type { SkuPolicy } from "../policy/sku-policy.ts";
import type { CounterEvent } from "./counter-event.ts";
import { activeLease, heldBy, type LeaseState } from "./lease.ts";
import type { Expected, GuardRefusal, MovementRequest } from "./movement.ts";

export type GuardView = {
  readonly leases: LeaseState;
  readonly strategy: SkuPolicy["strategy"];
  /** As it stands within the batch; null: it has risen within the batch, so nobody can have read it. */
  readonly version: number | null;
  readonly nowMs: number;
};

/**
 * @param isGuarded  somebody decides now to do it; false: it has happened, and counts
 * @returns null: go on
 */
export function guard(view: GuardView, expected: Expected, isGuarded: boolean): GuardRefusal | null {
  const { leases, strategy, version, nowMs } = view;
  if (expected.lease !== undefined && heldBy(leases, expected.lease, nowMs) === null) {
    return { kind: "stale_token", newest: leases.fence };
  }
  if (expected.version !== undefined && expected.version !== version) return { kind: "version_mismatch" };
  if (!isGuarded || expected.lease !== undefined) return null;
  const held = activeLease(leases, nowMs);
  if (held !== null) return { kind: "locked", untilMs: held.expiresAtMs };
  if (strategy === "pessimistic") return { kind: "precondition_required", strategy };
  if (strategy === "optimistic" && expected.version === undefined) return { kind: "precondition_required", strategy };
  return null;
}

/** Somebody decides now to do it; what has happened elsewhere counts under any lease. */
const FACTS: ReadonlySet<string> = new Set(["cancellation", "shipment", "return", "receipt", "damage"]);
export const isGuardedWrite = ({
  kind = "adjustment",
  allowNegative,
}: Pick<MovementRequest, "kind" | "allowNegative">): boolean => !allowNegative && !FACTS.has(kind);

/** Whether a lease of somebody else's keeps an event out: such events wait for their turn, and no others. */
export function contends(event: CounterEvent): boolean {
  switch (event.kind) {
    case "lock":
      return true;
    case "movement":
      return event.request.expected?.lease === undefined && isGuardedWrite(event.request);
    case "count":
    case "hold":
      return event.request.expected?.lease === undefined;
    default:
      return false;
  }
}
