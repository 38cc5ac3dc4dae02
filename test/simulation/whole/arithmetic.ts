/**
 * The arithmetic of what our own channels asked of one counter and were told, done again by plain sums: what every level must
 * come to. And the promises of each answer: a take against what was there, a fencing token above all earlier ones, a write
 * under somebody else's lease by nobody.
 */
import type { CounterEvent, EventOutcome } from "../../../src/domain/counter/counter-event.ts";
import type { CounterState } from "../../../src/domain/counter/counter-state.ts";
import type { HoldEnd } from "../../../src/domain/counter/hold.ts";
import type { Lease } from "../../../src/domain/counter/lease.ts";
import type { Expected, Movement } from "../../../src/domain/counter/movement.ts";
import { STATES, type State } from "../../../src/domain/counter/own-book.ts";
import type { LocationId, MovementKey, ReservationId } from "../../../src/domain/ids.ts";
import { check } from "../replica/violation.ts";

type Units = Record<State | "ledger", number>;
const nothing = (): Units => ({ ledger: 0, reserved: 0, committed: 0, damaged: 0, safetyStock: 0 });

/** The counter just before it was asked, by its own clock. */
export type Moment = { readonly nowMs: number; readonly version: number };

export class Arithmetic {
  /** Movements that were said to be applied. */
  readonly applied = new Set<MovementKey>();
  readonly #units = new Map<LocationId, Units>();
  /** When each ends by itself. */
  readonly #held = new Map<ReservationId, number>();
  readonly #ended = new Set<ReservationId>();
  readonly #counts = new Set<MovementKey>();
  #lease: Lease | null = null;
  #fence = 0;

  at(locationId: LocationId): Readonly<Units> {
    return this.#units.get(locationId) ?? nothing();
  }

  told(events: readonly CounterEvent[], outcomes: readonly EventOutcome[], moment: Moment): void {
    for (const [i, event] of events.entries()) {
      const outcome = outcomes[i];
      if (outcome !== undefined) this.#told(event, outcome, moment, events.length === 1);
    }
  }

  /** A count that waited has been booked: what it changes is what it found. */
  counted(key: MovementKey, locationId: LocationId, delta: number): void {
    if (this.#counts.delete(key)) this.#add(locationId, { ledger: delta });
  }

  /** Holds that are open were promised, are not over, and are the counter's `reserved`. */
  checkHolds(state: CounterState, nowMs: number): void {
    const held = new Map<LocationId, number>();
    for (const { reservationId, locationId, quantity, expiresAtMs, id } of state.holds.values()) {
      check(this.#held.has(reservationId) && !this.#ended.has(reservationId), "holds", () => `${id} is held by nobody`);
      check(expiresAtMs > nowMs, "expiry", () => `${id} is held ${nowMs - expiresAtMs} ms beyond its time`);
      held.set(locationId, (held.get(locationId) ?? 0) + quantity);
    }
    for (const { locationId, reserved } of state.shown) {
      const sum = held.get(locationId) ?? 0;
      check(reserved === sum, "holds", () => `${reserved} reserved at ${locationId}, and ${sum} are held`);
    }
  }

  #told(event: CounterEvent, outcome: EventOutcome, moment: Moment, isAlone: boolean): void {
    switch (outcome.kind) {
      case "applied":
        if (event.kind !== "movement") return;
        for (const part of outcome.parts ?? [outcome.movement]) this.#apply(part);
        this.#checkGuard(event.request.expected ?? {}, isGuardedWrite(event.request), moment, isAlone);
        return;
      case "counted":
        if (event.kind !== "count") return;
        this.#apply(outcome.movement);
        this.#checkGuard(event.request.expected ?? {}, true, moment, isAlone);
        return;
      case "count_waits":
        if (event.kind === "count" && !this.applied.has(event.request.key)) this.#counts.add(event.request.key);
        return;
      case "held":
        if (event.kind !== "hold") return;
        check(
          !this.#held.has(event.request.reservationId),
          "once",
          () => `${event.request.reservationId} is held twice`,
        );
        this.#held.set(event.request.reservationId, event.request.expiresAtMs);
        this.#checkGuard(event.request.expected ?? {}, true, moment, isAlone);
        return;
      case "hold_ended":
        if (event.kind === "end_hold") this.#ended.add(event.end.reservationId);
        // What a commit takes is gone; what a hold kept was never ours to subtract: open holds are looked up.
        for (const { kind, locationId, moves, delta } of outcome.movements) {
          if (kind === "commit") this.#add(locationId, { ledger: moves.reserved + delta, committed: moves.committed });
        }
        return;
      case "hold_extended":
        if (event.kind === "extend_hold") this.#held.set(event.reservationId, event.expiresAtMs);
        return;
      case "hold_ended_already":
        if (event.kind === "end_hold" && event.end.how === "commit") this.#checkLate(event.end, outcome.state);
        return;
      case "leased":
        this.#leased(outcome.lease, moment.nowMs);
        return;
      case "unlocked":
        if (event.kind === "unlock" && event.lease.leaseId === this.#lease?.leaseId) this.#lease = null;
    }
  }

  /** What was decided in time counts, however late it is told. */
  #checkLate({ reservationId, decidedAtMs }: HoldEnd & { readonly how: "commit" }, state: string): void {
    const endMs = this.#held.get(reservationId) ?? 0;
    const isInTime = decidedAtMs < endMs && !this.#ended.has(reservationId);
    check(!isInTime, "late commit", () => `${reservationId} was bought in time, and is ${state}`);
  }

  #apply({ key, locationId, delta, moves }: Movement): void {
    check(!this.applied.has(key), "once", () => `${key} is applied twice`);
    this.applied.add(key);
    this.#add(locationId, { ...moves, ledger: delta });
  }

  #add(locationId: LocationId, more: Partial<Units>): void {
    const sum = this.#units.get(locationId) ?? nothing();
    for (const name of [...STATES, "ledger"] as const) sum[name] += more[name] ?? 0;
    this.#units.set(locationId, sum);
  }

  #leased(lease: Lease, nowMs: number): void {
    const isExtended = lease.leaseId === this.#lease?.leaseId;
    if (!isExtended) {
      const before = this.#lease;
      check(lease.token > this.#fence, "fencing", () => `token ${lease.token} after ${this.#fence}`);
      check(before === null || before.expiresAtMs <= nowMs, "fencing", () => `${before?.leaseId} is still held`);
    }
    this.#fence = Math.max(this.#fence, lease.token);
    this.#lease = lease;
  }

  #checkGuard({ lease, version }: Expected, isGuarded: boolean, moment: Moment, isAlone: boolean): void {
    const held = this.#lease !== null && this.#lease.expiresAtMs > moment.nowMs ? this.#lease : null;
    if (lease !== undefined) {
      const isHolder = held?.leaseId === lease.leaseId && held.token === lease.token;
      check(isHolder, "fencing", () => `a write under token ${lease.token}, which is not held`);
    } else if (isGuarded) {
      check(held === null, "fencing", () => `a guarded write under the lease of ${held?.leaseId}`);
    }
    if (version !== undefined && isAlone) {
      check(version === moment.version, "stale write", () => `expected ${version}, and it was ${moment.version}`);
    }
  }
}

const FACTS: ReadonlySet<string> = new Set(["cancellation", "shipment", "return", "receipt", "damage"]);
const isGuardedWrite = ({
  kind = "adjustment",
  allowNegative,
}: {
  readonly kind?: string;
  readonly allowNegative: boolean;
}) => !allowNegative && !FACTS.has(kind);
