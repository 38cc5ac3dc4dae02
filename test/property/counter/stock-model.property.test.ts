/**
 * Random lives of a counter: sales, holds, commits, releases, expiries, counts, leases and repeats in any order. Whatever is
 * asked for, units are conserved, every key counts once, nothing is promised that is not there, and nothing is held longer
 * than it may be.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CounterEvent, EventOutcome } from "../../../src/domain/counter/counter-event.ts";
import type { Movement } from "../../../src/domain/counter/movement.ts";
import { STATES } from "../../../src/domain/counter/own-book.ts";
import { fromStore, type LocationId } from "../../../src/domain/ids.ts";
import { asked, commit, count, extend, hold, leaseOf, lockFor, release, sale } from "../../support/counter/asked.ts";
import { BookingCounter } from "../../support/counter/booking-counter.ts";

const PLACES = ["1", "2"] as const;
const place = fc.option(fc.constantFrom(...PLACES), { nil: null });
const quantity = fc.integer({ min: 1, max: 6 });
const reservation = fc.integer({ min: 0, max: 5 }).map((n) => `r${n}`);
const at = (id: string | null): LocationId | null => (id === null ? null : fromStore<LocationId>(id));

type Step = { readonly waitMs: number; readonly make: (n: number, counter: BookingCounter) => CounterEvent };

const step: fc.Arbitrary<Step["make"]> = fc.oneof(
  fc.tuple(quantity, place).map(
    ([q, p]) =>
      (n: number) =>
        sale(`s${n}`, q, { locationId: at(p) }),
  ),
  fc.tuple(quantity, place).map(
    ([q, p]) =>
      (n: number) =>
        sale(`f${n}`, q, { locationId: at(p), allowNegative: true }),
  ),
  fc.tuple(quantity, place).map(
    ([q, p]) =>
      (n: number) =>
        asked(`g${n}`, { kind: "receipt", delta: q, locationId: at(p) }),
  ),
  fc.tuple(quantity, place).map(
    ([q, p]) =>
      (n: number) =>
        asked(`c${n}`, { kind: "cancellation", delta: q, moves: { committed: -q }, locationId: at(p) }),
  ),
  fc.tuple(quantity, place).map(
    ([q, p]) =>
      (n: number) =>
        asked(`h${n}`, { kind: "shipment", delta: 0, moves: { committed: -q }, locationId: at(p) }),
  ),
  // A repeat of whatever was booked under an early key, with the same or another content.
  fc.tuple(quantity, fc.integer({ min: 0, max: 4 })).map(
    ([q, key]) =>
      () =>
        sale(`s${key}`, q),
  ),
  fc.tuple(reservation, quantity, quantity, place, fc.integer({ min: 1, max: 9 })).map(
    ([id, a, b, p, ttl]) =>
      (_: number, { nowMs }: BookingCounter) =>
        hold(id, a, {
          lines: [
            { locationId: null, quantity: a },
            { locationId: at(p), quantity: b },
          ],
          fingerprint: `${a}/${b}/${p}`,
          expiresAtMs: nowMs + ttl * 1_000,
        }),
  ),
  fc.tuple(reservation, fc.option(quantity, { nil: null })).map(
    ([id, q]) =>
      (_: number, { nowMs }: BookingCounter) =>
        commit(id, { decidedAtMs: nowMs, ...(q === null ? {} : { lines: [{ locationId: null, quantity: q }] }) }),
  ),
  reservation.map((id) => () => release(id)),
  fc.tuple(reservation, fc.integer({ min: -2, max: 9 })).map(
    ([id, s]) =>
      (_: number, { nowMs }: BookingCounter) =>
        extend(id, nowMs + s * 1_000),
  ),
  fc.tuple(fc.constantFrom(...PLACES), fc.integer({ min: 0, max: 12 }), fc.boolean()).map(
    ([p, units, onHand]) =>
      (n: number, { nowMs }: BookingCounter) =>
        count(`k${n}`, fromStore<LocationId>(p), units, onHand ? "on_hand" : "available", nowMs),
  ),
  fc.integer({ min: 1, max: 9 }).map((s) => (n: number) => lockFor(`lease-${n}`, s * 1_000)),
);

const life = fc.record({
  stock: fc.tuple(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: 12 })),
  split: fc.boolean(),
  by: fc.constantFrom("priority" as const, "most_stock" as const),
  steps: fc.array(fc.record({ waitMs: fc.constantFrom(0, 0, 400, 3_000, 9_000), make: step }), { maxLength: 40 }),
});

const sumOf = (movements: readonly Movement[], locationId: string, pick: (movement: Movement) => number): number =>
  movements.reduce((sum, movement) => (movement.locationId === locationId ? sum + pick(movement) : sum), 0);

/** The books are what the movements say, at every location and in every state. */
function checkBooks({ state, movements }: BookingCounter): void {
  for (const level of state.shown) {
    const { locationId, ledger, available, reserved, floor, onHand, committed, damaged, safetyStock } = level;
    expect(sumOf(movements, locationId, ({ delta }) => delta)).toBe(ledger);
    for (const each of STATES) {
      const booked = state.own.get(locationId)?.[each] ?? 0;
      expect(sumOf(movements, locationId, ({ moves }) => moves[each])).toBe(booked);
    }
    const held = [...state.holds.values()].filter((hold) => hold.locationId === locationId);
    expect(held.reduce((sum, { quantity }) => sum + quantity, 0)).toBe(reserved);
    expect([available, floor]).toEqual([ledger, ledger]);
    expect(onHand).toBe(available + reserved + committed + damaged + safetyStock);
  }
}

const GUARDED: ReadonlySet<string> = new Set(["s", "r"]);

function checkPromise(event: CounterEvent, outcome: EventOutcome, floorBefore: number): void {
  if (event.kind === "movement" && outcome.kind === "applied" && GUARDED.has(event.request.key[0] ?? ""))
    expect(-event.request.delta).toBeLessThanOrEqual(floorBefore);
  if (event.kind === "hold" && outcome.kind === "held") {
    const wanted = event.request.lines.reduce((sum, { quantity }) => sum + quantity, 0);
    expect(outcome.holds.reduce((sum, { quantity }) => sum + quantity, 0)).toBe(wanted);
    expect(wanted).toBeLessThanOrEqual(floorBefore);
  }
}

describe("a counter, whatever it is asked for", () => {
  it("conserves units, counts each key once, promises only what is there, and holds nothing too long", () => {
    fc.assert(
      fc.property(life, ({ stock, split, by, steps }) => {
        const counter = new BookingCounter({ 1: stock[0], 2: stock[1] }, { allocation: { by, locations: [], split } });
        for (const [n, { waitMs, make }] of steps.entries()) {
          counter.wait(waitMs);
          for (const held of counter.state.holds.values()) expect(held.expiresAtMs).toBeGreaterThan(counter.nowMs);
          const floor = counter.total.floor;
          const { version } = counter.state;
          const event = make(n, counter);
          const outcome = counter.ask(event);
          checkPromise(event, outcome, floor);
          checkBooks(counter);
          expect(counter.state.version).toBeGreaterThanOrEqual(version);
        }
      }),
      { numRuns: 400 },
    );
  });

  it("lets nobody but the holder of the lease make guarded writes, and refuses every token but the newest", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 2 }), fc.constantFrom("lock", "write", "wait"), quantity)),
        (moves) => {
          const counter = new BookingCounter({ 1: 1_000 });
          const mine = new Map<number, { readonly id: string; readonly token: number }>();
          for (const [n, [who, what, q]] of moves.entries()) {
            if (what === "wait") counter.wait(q * 300);
            if (what === "lock") {
              const outcome = counter.ask(lockFor(`lease-${n}`, 1_000));
              if (outcome.kind === "leased") mine.set(who, { id: `lease-${n}`, token: outcome.lease.token });
            }
            if (what !== "write") continue;
            const held = mine.get(who);
            const { lease } = counter.state.leases;
            const isOpen = lease === null || lease.expiresAtMs <= counter.nowMs;
            const expected = held === undefined ? {} : { lease: leaseOf(held.id, held.token) };
            const outcome = counter.ask(sale(`w${n}`, 1, { expected }));
            if (held === undefined) expect(outcome.kind).toBe(isOpen ? "applied" : "locked");
            else if (!isOpen && held.id === lease.leaseId) expect(outcome.kind).toBe("applied");
            else expect(outcome.kind).toBe("stale_token");
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});
