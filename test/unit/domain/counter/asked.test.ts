import { describe, expect, it } from "vitest";
import type { MovementRequest } from "../../../../src/domain/counter/movement.ts";
import { type ChannelId, fromStore, type LocationId } from "../../../../src/domain/ids.ts";
import { DEFAULT_RULES } from "../../../../src/domain/policy/sku-policy.ts";
import { asked, count, hold, leaseOf, lockFor, sale } from "../../../support/counter/asked.ts";
import { BookingCounter } from "../../../support/counter/booking-counter.ts";

const [A, B, C] = ["1", "2", "3"].map((id) => fromStore<LocationId>(id)) as [LocationId, LocationId, LocationId];
const BY_STOCK = { by: "most_stock", locations: [], split: false } as const;
const placed = (counter: BookingCounter, quantity: number, given: Partial<MovementRequest>) => {
  const outcome = counter.ask(sale(`s${counter.movements.length}`, quantity, given));
  if (outcome.kind !== "applied") return outcome.kind;
  return (outcome.parts ?? [outcome.movement]).map(({ locationId, delta }) => `${locationId}:${delta}`).join(" ");
};

describe("allocation", () => {
  it("goes by the priority list, then by the order of import", () => {
    const counter = new BookingCounter({ 1: 5, 2: 5, 3: 5 });
    const allocation = { by: "priority", locations: [C], split: false } as const;
    expect(placed(counter, 2, { allocation })).toBe("3:-2");
    expect(placed(counter, 4, { allocation })).toBe("1:-4");
  });

  it("takes where most is there", () => {
    const counter = new BookingCounter({ 1: 2, 2: 9, 3: 4 });
    expect([1, 1, 6].map((units) => placed(counter, units, { allocation: BY_STOCK }))).toEqual([
      "2:-1",
      "2:-1",
      "2:-6",
    ]);
    expect(placed(counter, 1, { allocation: BY_STOCK })).toBe("3:-1");
  });

  it("splits one take only where it may, each part its own movement under one key", () => {
    const counter = new BookingCounter({ 1: 2, 2: 3 });
    expect(placed(counter, 4, {})).toBe("insufficient");
    const split = { by: "priority", locations: [], split: true } as const;
    const event = sale("one", 4, { allocation: split });
    expect(counter.ask(event)).toMatchObject({ kind: "applied", parts: [{ delta: -2 }, { delta: -2 }] });
    expect(counter.ask(event)).toMatchObject({ kind: "duplicate", parts: [{ delta: -2 }, { delta: -2 }] });
    expect([counter.at("1"), counter.at("2")]).toMatchObject([
      { available: 0, committed: 2 },
      { available: 1, committed: 2 },
    ]);
  });

  it("leaves closed locations out unless they are named", () => {
    const counter = new BookingCounter({ 1: 5, 2: 5 });
    expect(placed(counter, 1, { avoid: [A] })).toBe("2:-1");
    expect(placed(counter, 1, { avoid: [A], locationId: A })).toBe("1:-1");
  });

  it("of a channel wins over the SKU's, and the caller's over both", () => {
    const channel = fromStore<ChannelId>("pos");
    const rules = { ...DEFAULT_RULES, allocation: { by: "priority", locations: [B], split: false } as const };
    const counter = new BookingCounter(
      { 1: 5, 2: 5, 3: 9 },
      { allocation: BY_STOCK, channels: new Map([[channel, rules]]) },
    );
    expect(placed(counter, 1, {})).toBe("3:-1");
    expect(placed(counter, 1, { channel })).toBe("2:-1");
    expect(placed(counter, 1, { channel, allocation: { by: "priority", locations: [A], split: false } })).toBe("1:-1");
  });
});

describe("a channel's rules", () => {
  const channel = fromStore<ChannelId>("market");
  const withRules = (rules: Partial<typeof DEFAULT_RULES>, stock = { 1: 5, 2: 5 }) =>
    new BookingCounter(stock, { channels: new Map([[channel, { ...DEFAULT_RULES, ...rules }]]) });

  it("bound what it may take: buffer, cap, stop", () => {
    expect(placed(withRules({ buffer: { kind: "fixed", units: 7 } }), 4, { channel })).toBe("insufficient");
    expect(placed(withRules({ buffer: { kind: "fixed", units: 7 } }), 3, { channel })).toBe("1:-3");
    expect(placed(withRules({ cap: 2 }), 3, { channel })).toBe("insufficient");
    expect(placed(withRules({ isStopped: true }), 1, { channel })).toBe("insufficient");
    expect(placed(withRules({ isStopped: true }), 1, {})).toBe("1:-1");
  });

  it("name it in the refusal, so that nobody looks for units that are there", () => {
    const counter = withRules({ cap: 2 });
    expect(counter.ask(sale("s", 3, { channel }))).toMatchObject({
      kind: "insufficient",
      shortage: { sellable: 2, floor: 10 },
    });
  });

  it("exclude locations from takes and holds alike", () => {
    const counter = withRules({ excludedLocations: [A] });
    expect(placed(counter, 2, { channel })).toBe("2:-2");
    expect(counter.ask(hold("r", 4, { channel })).kind).toBe("hold_refused");
    expect(counter.ask(hold("q", 3, { channel }))).toMatchObject({ kind: "held", holds: [{ locationId: B }] });
  });

  it("do not stop what has happened", () => {
    expect(placed(withRules({ isStopped: true }), 1, { channel, allowNegative: true })).toBe("1:-1");
  });
});

describe("a version that the caller read", () => {
  it("lets the write through while it is current, and no longer", () => {
    const counter = new BookingCounter({ 1: 5 });
    const { version } = counter.state;
    expect(counter.ask(sale("a", 1, { expected: { version } })).kind).toBe("applied");
    expect(counter.ask(sale("b", 1, { expected: { version } })).kind).toBe("version_mismatch");
  });

  it("is old as soon as something moved within the same batch", () => {
    const counter = new BookingCounter({ 1: 5 });
    const expected = { version: counter.state.version };
    const outcomes = counter.apply(sale("a", 1, { expected }), sale("b", 1, { expected }));
    expect(outcomes.map(({ kind }) => kind)).toEqual(["applied", "version_mismatch"]);
  });

  it("does not turn a repeat into a refusal", () => {
    const counter = new BookingCounter({ 1: 5 });
    const event = sale("a", 1, { expected: { version: counter.state.version } });
    expect([counter.ask(event).kind, counter.ask(event).kind]).toEqual(["applied", "duplicate"]);
  });

  it("is demanded of every guarded write by the optimistic strategy, and of no fact", () => {
    const counter = new BookingCounter({ 1: 5 }, { strategy: "optimistic" });
    expect(counter.ask(sale("a", 1))).toEqual({ kind: "precondition_required", strategy: "optimistic" });
    expect(counter.ask(sale("b", 1, { expected: { version: counter.state.version } })).kind).toBe("applied");
    expect(counter.ask(sale("c", 1, { allowNegative: true })).kind).toBe("applied");
    expect(counter.ask(asked("d", { kind: "receipt", delta: 3 })).kind).toBe("applied");
  });

  it("is not demanded of a hold: a reservation of several SKUs can bring no version of each", () => {
    for (const strategy of ["optimistic", "pessimistic"] as const)
      expect(new BookingCounter({ 1: 5 }, { strategy }).ask(hold("r", 1)).kind).toBe("held");
  });
});

describe("a lease", () => {
  it("keeps guarded writes, holds and counts of others out, and lets facts in", () => {
    const counter = new BookingCounter({ 1: 5 });
    const outcome = counter.ask(lockFor("mine", 10_000));
    expect(outcome).toMatchObject({ kind: "leased", lease: { token: 1 } });
    const untilMs = counter.nowMs + 10_000;
    for (const event of [sale("a", 1), hold("r", 1), count("k", A, 3, "available", counter.nowMs)])
      expect(counter.ask(event)).toEqual({ kind: "locked", untilMs });
    expect(counter.ask(sale("b", 1, { allowNegative: true })).kind).toBe("applied");
    expect(counter.ask(sale("c", 1, { expected: { lease: leaseOf("mine", 1) } })).kind).toBe("applied");
  });

  it("is given to one at a time, under ever higher tokens; the same request finds its own", () => {
    const counter = new BookingCounter({ 1: 5 });
    counter.ask(lockFor("one", 1_000));
    expect(counter.ask(lockFor("two", 1_000)).kind).toBe("locked");
    expect(counter.ask(lockFor("one", 1_000))).toMatchObject({ kind: "leased", lease: { token: 1 } });
    counter.wait(1_000);
    expect(counter.ask(lockFor("two", 1_000))).toMatchObject({ kind: "leased", lease: { token: 2 } });
    expect(counter.ask(sale("late", 1, { expected: { lease: leaseOf("one", 1) } }))).toEqual({
      kind: "stale_token",
      newest: 2,
    });
  });

  it("refuses the token of a lease that has ended, though nobody holds another", () => {
    const counter = new BookingCounter({ 1: 5 });
    counter.ask(lockFor("one", 1_000));
    counter.wait(1_000);
    expect(counter.ask(sale("late", 1, { expected: { lease: leaseOf("one", 1) } })).kind).toBe("stale_token");
    expect(counter.ask(sale("open", 1)).kind).toBe("applied");
  });

  it("cannot be written, extended or released on by somebody who only guesses its token", () => {
    const counter = new BookingCounter({ 1: 5 });
    counter.ask(lockFor("mine", 10_000));
    const guess = leaseOf("guess", 1);
    const correlationId = fromStore<never>("correlation");
    expect(counter.ask(sale("a", 1, { expected: { lease: guess } })).kind).toBe("stale_token");
    expect(counter.ask({ kind: "extend_lock", lease: guess, ttlMs: 1, correlationId }).kind).toBe("stale_token");
    expect(counter.ask({ kind: "unlock", lease: guess, correlationId }).kind).toBe("stale_token");
  });

  it("is demanded of guarded writes by the pessimistic strategy", () => {
    const counter = new BookingCounter({ 1: 5 }, { strategy: "pessimistic" });
    expect(counter.ask(sale("a", 1))).toEqual({ kind: "precondition_required", strategy: "pessimistic" });
    counter.ask(lockFor("mine", 1_000));
    expect(counter.ask(sale("b", 1, { expected: { lease: leaseOf("mine", 1) } })).kind).toBe("applied");
  });
});

describe("a count", () => {
  it("of available sets what can be sold, and explains the difference", () => {
    const counter = new BookingCounter({ 1: 5 });
    expect(counter.ask(count("k", A, 8, "available", counter.nowMs))).toMatchObject({
      kind: "counted",
      movement: { kind: "count", delta: 3, before: 5, after: 8 },
    });
  });

  it("of what is on hand leaves held and sold units where they are", () => {
    const counter = new BookingCounter({ 1: 10 });
    counter.apply(sale("s", 2), hold("r", 3));
    counter.ask(count("k", A, 9, "on_hand", counter.nowMs));
    expect(counter.at("1")).toEqual({ available: 4, reserved: 3, committed: 2, damaged: 0, onHand: 9 });
  });

  it("keeps what happened since the shelf was looked at", () => {
    const counter = new BookingCounter({ 1: 10 });
    const countedAtMs = counter.nowMs;
    counter.nowMs += 60_000;
    counter.apply(
      sale("s", 2, { occurredAtMs: counter.nowMs }),
      asked("ship", { kind: "shipment", delta: 0, moves: { committed: -1 }, occurredAtMs: counter.nowMs }),
      asked("in", { kind: "receipt", delta: 4, occurredAtMs: counter.nowMs }),
    );
    counter.ask(count("k", A, 10, "on_hand", countedAtMs));
    // 10 on the shelf then, one shipped, four came in: 13 on hand, one of them sold.
    expect(counter.at("1")).toMatchObject({ available: 12, committed: 1, onHand: 13 });
  });

  it("has in it what a till had sold before it, and told after it", () => {
    const counter = new BookingCounter({ 1: 10 });
    counter.nowMs += 60_000;
    counter.ask(count("k", A, 7, "on_hand", counter.nowMs));
    const before = { allowNegative: true, occurredAtMs: counter.nowMs - 1_000 };
    const outcome = counter.ask(sale("till", 3, { ...before, moves: {} }));
    expect(outcome).toMatchObject({ kind: "applied", movement: { delta: 0, after: 7 } });
    expect(counter.at("1").available).toBe(7);
  });

  it("has on the shelf what was sold before it and is not shipped: told after it, it is still sold", () => {
    const counter = new BookingCounter({ 1: 10 });
    counter.nowMs += 60_000;
    counter.ask(count("k", A, 10, "on_hand", counter.nowMs));
    const before = { allowNegative: true, occurredAtMs: counter.nowMs - 1_000 };
    counter.ask(sale("late", 3, before));
    expect(counter.at("1")).toMatchObject({ available: 7, committed: 3, onHand: 10 });
    counter.ask(asked("ship", { ...before, kind: "shipment", delta: 0, moves: { committed: -3 } }));
    // It had left before somebody counted the ten that are there.
    expect(counter.at("1")).toMatchObject({ available: 10, committed: 0, onHand: 10 });
  });

  it("has in it what had come, been moved or been broken before it, and is told after it", () => {
    const counter = new BookingCounter({ 1: 10, 2: 0 });
    counter.nowMs += 60_000;
    counter.ask(count("k", A, 12, "on_hand", counter.nowMs));
    const before = { allowNegative: true, occurredAtMs: counter.nowMs - 1_000, locationId: A };
    counter.ask(asked("in", { ...before, kind: "receipt", delta: 4 }));
    counter.ask(asked("move", { ...before, kind: "transfer", delta: -2, toLocationId: fromStore("2") }));
    counter.ask(asked("broken", { ...before, kind: "damage", delta: -1, moves: { damaged: 1 } }));
    expect(counter.at("1")).toMatchObject({ available: 11, damaged: 1, onHand: 12 });
    expect(counter.at("2").available).toBe(2);
  });

  it("of what may be sold is the last word on it: a sale from before it is in it, too", () => {
    const counter = new BookingCounter({ 1: 10 });
    counter.nowMs += 60_000;
    counter.ask(count("k", A, 7, "available", counter.nowMs));
    counter.ask(sale("late", 3, { allowNegative: true, occurredAtMs: counter.nowMs - 1_000 }));
    expect(counter.at("1")).toMatchObject({ available: 7, committed: 0 });
  });

  it("that is older than one already booked changes nothing, and says so", () => {
    const counter = new BookingCounter({ 1: 10 });
    counter.nowMs += 60_000;
    counter.ask(count("new", A, 7, "on_hand", counter.nowMs));
    expect(counter.ask(count("old", A, 9, "on_hand", counter.nowMs - 5_000))).toMatchObject({
      kind: "counted",
      movement: { delta: 0, cause: { reason: "test (a later count is booked)" } },
    });
  });

  it("counts once under its key", () => {
    const counter = new BookingCounter({ 1: 5 });
    const event = count("k", A, 8, "available", counter.nowMs);
    counter.ask(event);
    counter.ask(sale("s", 1));
    expect(counter.ask(event)).toMatchObject({ kind: "counted_already", movement: { delta: 3 } });
    expect(counter.ask(count("k", A, 9, "available", counter.nowMs)).kind).toBe("count_key_reused");
    expect(counter.at("1").available).toBe(7);
  });
});

describe("an end of a sale that names the sale", () => {
  const asserted = (quantity: number) => sale("order-1", quantity, { fingerprint: "asserted", allowNegative: true });
  const cancelled = asked("cancel-1", {
    kind: "cancellation",
    delta: 2,
    moves: { committed: -2 },
    allowNegative: true,
  });

  it("that overtakes it invents no unit: the sale is booked first, and its own news is then a repeat", () => {
    const counter = new BookingCounter({ 1: 5 });
    counter.apply(asserted(2), cancelled);
    expect(counter.at("1")).toMatchObject({ available: 5, committed: 0 });
    expect(counter.ask(sale("order-1", 2, { occurredAtMs: 4_999_000 })).kind).toBe("duplicate");
    expect(counter.at("1").available).toBe(5);
  });

  it("that follows it finds it booked", () => {
    const counter = new BookingCounter({ 1: 5 });
    counter.ask(sale("order-1", 2));
    expect(counter.apply(asserted(2), cancelled).map(({ kind }) => kind)).toEqual(["duplicate", "applied"]);
    expect(counter.at("1")).toMatchObject({ available: 5, committed: 0 });
  });
});

describe("oversold", () => {
  it("is reported when it begins, when it changes and when stock returns; the level is never clamped", () => {
    const counter = new BookingCounter({ 1: 1 });
    const reports = [
      sale("a", 3, { allowNegative: true }),
      sale("b", 2, { allowNegative: true }),
      asked("in", { kind: "receipt", delta: 10 }),
      sale("c", 1),
    ].map((event) => counter.batch([event]).oversell);
    expect(reports).toMatchObject([{ units: 2, peak: 2 }, { units: 4, peak: 4 }, { units: 0, peak: 4 }, null]);
    expect(new Set(reports.flatMap((report) => (report === null ? [] : [report.since]))).size).toBe(1);
    expect(counter.state.oversell).toBeNull();
  });

  it("is not a location below zero while another one has the units", () => {
    const counter = new BookingCounter({ 1: 0, 2: 5 });
    expect(counter.batch([sale("a", 2, { locationId: A, allowNegative: true })]).oversell).toBeNull();
    expect(counter.at("1").available).toBe(-2);
  });
});

describe("a transfer", () => {
  it("takes at one location what it gives at the other, or neither", () => {
    const counter = new BookingCounter({ 1: 5, 2: 0 });
    const transfer = (key: string, units: number) =>
      asked(key, { kind: "transfer", delta: -units, locationId: A, toLocationId: B });
    expect(counter.ask(transfer("t", 3))).toMatchObject({ kind: "applied", parts: [{ delta: -3 }, { delta: 3 }] });
    expect(counter.ask(transfer("t", 3)).kind).toBe("duplicate");
    expect(counter.ask(transfer("u", 3)).kind).toBe("insufficient");
    expect([counter.at("1").available, counter.at("2").available]).toEqual([2, 3]);
  });
});

describe("a shipment", () => {
  it("leaves from where its units were sold", () => {
    const counter = new BookingCounter({ 1: 1, 2: 5 });
    counter.ask(sale("s", 3));
    counter.ask(asked("ship", { kind: "shipment", delta: 0, moves: { committed: -3 } }));
    expect(counter.at("2")).toMatchObject({ available: 2, committed: 0, onHand: 2 });
  });
});
