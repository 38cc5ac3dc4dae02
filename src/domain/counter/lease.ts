/**
 * The lease of a SKU: while somebody holds it, only its holder makes guarded writes and counts. What has happened already
 * always counts, whoever tells of it. Every lease has a fencing token above all earlier ones, so that a holder that slept
 * through the end of its lease is refused (M. Kleppmann, "How to do distributed locking").
 */
import type { LeaseId } from "../ids.ts";
import type { Expected, GuardRefusal } from "./movement.ts";

export type Lease = {
  readonly leaseId: LeaseId;
  /** Fencing token: rises with every lease of this counter. */
  readonly token: number;
  /** Who holds it: a name for people. */
  readonly holder: string;
  readonly expiresAtMs: number;
};

export type LeaseState = { readonly lease: Lease | null; readonly fence: number };

export const NO_LEASES: LeaseState = { lease: null, fence: 0 };

export const activeLease = ({ lease }: LeaseState, nowMs: number): Lease | null =>
  lease !== null && lease.expiresAtMs > nowMs ? lease : null;

export type LeaseOutcome =
  | { readonly kind: "leased"; readonly lease: Lease }
  | { readonly kind: "unlocked" }
  | Extract<GuardRefusal, { readonly kind: "locked" | "stale_token" }>;

export type LeaseDecision = { readonly state: LeaseState; readonly outcome: LeaseOutcome };

/** Asked again under the same id, it answers the same lease. @param leaseId  fresh, minted by the caller */
export function lock(
  state: LeaseState,
  asked: { readonly leaseId: LeaseId; readonly holder: string; readonly ttlMs: number },
  nowMs: number,
): LeaseDecision {
  const held = activeLease(state, nowMs);
  if (held?.leaseId === asked.leaseId) return { state, outcome: { kind: "leased", lease: held } };
  if (held !== null) return { state, outcome: { kind: "locked", untilMs: held.expiresAtMs } };
  const { leaseId, holder, ttlMs } = asked;
  const lease: Lease = { leaseId, token: state.fence + 1, holder, expiresAtMs: nowMs + ttlMs };
  return { state: { lease, fence: lease.token }, outcome: { kind: "leased", lease } };
}

type Named = NonNullable<Expected["lease"]>;

/** From now, so a lease that is extended late enough may also become shorter. */
export function extendLock(state: LeaseState, named: Named, ttlMs: number, nowMs: number): LeaseDecision {
  const held = heldBy(state, named, nowMs);
  if (held === null) return { state, outcome: { kind: "stale_token", newest: state.fence } };
  const lease = { ...held, expiresAtMs: nowMs + ttlMs };
  return { state: { ...state, lease }, outcome: { kind: "leased", lease } };
}

/** What has ended already is as good as released: told apart only from a token that is not this one's. */
export function unlock(state: LeaseState, named: Named, nowMs: number): LeaseDecision {
  const isMine = state.lease?.leaseId === named.leaseId && state.lease.token === named.token;
  if (isMine) return { state: { ...state, lease: null }, outcome: { kind: "unlocked" } };
  const held = activeLease(state, nowMs);
  if (held === null && named.token <= state.fence) return { state, outcome: { kind: "unlocked" } };
  return { state, outcome: { kind: "stale_token", newest: state.fence } };
}

export function heldBy(state: LeaseState, named: Named, nowMs: number): Lease | null {
  const held = activeLease(state, nowMs);
  return held !== null && held.leaseId === named.leaseId && held.token === named.token ? held : null;
}
