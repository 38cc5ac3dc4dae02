/** Events that somebody asks a counter for, with honest defaults, so that a test shows only what matters. */
import type { AskedEvent } from "../../../src/domain/counter/counter-event.ts";
import type { HoldRequest } from "../../../src/domain/counter/hold.ts";
import type { MovementCause, MovementRequest } from "../../../src/domain/counter/movement.ts";
import { fromStore, type LeaseId, type LocationId } from "../../../src/domain/ids.ts";

export const CAUSE: MovementCause = {
  ...{ reason: "test", reference: null, source: "api", actor: "tester" },
  correlationId: fromStore("correlation"),
};

type Given<Request, Needed extends keyof Request> = Partial<Request> & Pick<Request, Needed>;

export const asked = (
  key: string,
  given: Given<MovementRequest, "delta">,
): AskedEvent & { readonly kind: "movement" } => ({
  kind: "movement",
  request: {
    ...{ key: fromStore(key), fingerprint: JSON.stringify(given), locationId: null, allowNegative: false },
    ...{ cause: CAUSE, occurredAtMs: 5_000_000 },
    ...given,
  },
});

/** A sale of our own channels, not yet shipped. */
export const sale = (key: string, quantity: number, given: Partial<MovementRequest> = {}) =>
  asked(key, { kind: "sale", delta: -quantity, moves: { committed: quantity }, ...given });

export const hold = (
  reservation: string,
  quantity: number,
  given: Partial<HoldRequest> = {},
): AskedEvent & { readonly kind: "hold" } => ({
  kind: "hold",
  request: {
    ...{ reservationId: fromStore(reservation), fingerprint: `${quantity}`, lines: [{ locationId: null, quantity }] },
    ...{ expiresAtMs: 5_060_000, client: "till", channel: null, cause: CAUSE },
    ...given,
  },
});

export const commit = (
  reservation: string,
  given: { readonly lines?: HoldRequest["lines"]; readonly decidedAtMs?: number } = {},
): AskedEvent => ({
  kind: "end_hold",
  end: {
    ...{ how: "commit", reservationId: fromStore(reservation), cause: CAUSE },
    ...{ lines: given.lines ?? null, decidedAtMs: given.decidedAtMs ?? 0 },
  },
});

export const release = (reservation: string): AskedEvent => ({
  kind: "end_hold",
  end: { how: "release", reservationId: fromStore(reservation), cause: CAUSE },
});

export const extend = (reservation: string, expiresAtMs: number): AskedEvent => ({
  ...{ kind: "extend_hold", reservationId: fromStore(reservation), expiresAtMs },
  correlationId: fromStore("correlation"),
});

export const count = (
  key: string,
  locationId: LocationId,
  counted: number,
  of: "available" | "on_hand",
  atMs: number,
) =>
  ({
    kind: "count",
    request: {
      ...{ key: fromStore(key), fingerprint: `${counted}`, locationId, counted, of, countedAtMs: atMs, cause: CAUSE },
    },
  }) satisfies AskedEvent;

export const lockFor = (leaseId: string, ttlMs: number): AskedEvent => ({
  ...{ kind: "lock", leaseId: fromStore<LeaseId>(leaseId), holder: "tester", ttlMs },
  correlationId: fromStore("correlation"),
});

export const leaseOf = (leaseId: string, token: number) => ({ leaseId: fromStore<LeaseId>(leaseId), token });
