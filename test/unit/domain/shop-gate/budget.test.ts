import { describe, expect, it } from "vitest";
import {
  admit,
  type Budget,
  newBudget,
  pointsFree,
  revivedBudget,
  settle,
  take,
  throttled,
} from "../../../../src/domain/shop-gate/budget.ts";

const NOW_MS = 1_000_000;
const budget = (change: Partial<Budget> = {}): Budget => ({ ...newBudget(NOW_MS), ...change });
const mutation = { kind: "mutation", cost: 13, pushesWait: true } as const;
const told = { requested: 13, actual: 13, maximum: 2_000, available: 1_986, restorePerSecond: 100 };

describe("the pace", () => {
  it("lets the first call after idleness go at once", () => {
    expect(admit(budget(), mutation, NOW_MS)).toEqual({ kind: "now" });
  });

  it("spaces calls by cost ÷ restore rate", () => {
    const after = take(budget(), mutation, NOW_MS).budget;
    expect(admit(after, mutation, NOW_MS)).toEqual({ kind: "at", atMs: NOW_MS + 130 });
    expect(admit(after, mutation, NOW_MS + 130)).toEqual({ kind: "now" });
  });

  it("is ten times as fast for a shop with ten times the rate", () => {
    const after = take(budget({ restorePerSecond: 1_000, maximum: 20_000 }), mutation, NOW_MS).budget;
    expect(admit(after, mutation, NOW_MS)).toEqual({ kind: "at", atMs: NOW_MS + 13 });
  });

  it("holds over a long run: 10 s of calls as fast as they may go cost what 10 s restore", () => {
    let state = budget();
    let points = 0;
    for (let atMs = NOW_MS; atMs < NOW_MS + 10_000; atMs += 1) {
      if (admit(state, mutation, atMs).kind !== "now") continue;
      const { budget: taken, ticket } = take(state, mutation, atMs);
      state = settle(taken, ticket, { ...told, available: pointsFree(taken, atMs) }, atMs);
      points += 13;
    }
    expect(points).toBeGreaterThanOrEqual(990);
    expect(points).toBeLessThanOrEqual(1_013);
  });

  it("gives reads a fifth of the rate while pushes wait, all of it when none do", () => {
    const read = { kind: "read", cost: 10, pushesWait: true } as const;
    expect(admit(take(budget(), read, NOW_MS).budget, read, NOW_MS)).toEqual({ kind: "at", atMs: NOW_MS + 500 });
    const idle = { ...read, pushesWait: false };
    expect(admit(take(budget(), idle, NOW_MS).budget, idle, NOW_MS)).toEqual({ kind: "at", atMs: NOW_MS + 100 });
  });

  it("does not make pushes wait for reads, nor reads for pushes", () => {
    const afterRead = take(budget(), { kind: "read", cost: 100, pushesWait: true }, NOW_MS).budget;
    expect(admit(afterRead, mutation, NOW_MS)).toEqual({ kind: "now" });
  });

  it("is corrected by what the call really cost", () => {
    const read = { kind: "read", cost: 100, pushesWait: false } as const;
    const { budget: taken, ticket } = take(budget(), read, NOW_MS);
    const after = settle(taken, ticket, { ...told, requested: 100, actual: 20 }, NOW_MS + 50);
    expect(admit(after, read, NOW_MS + 50)).toEqual({ kind: "at", atMs: NOW_MS + 200 });
  });
});

describe("the bucket", () => {
  it("refills by the clock, up to its maximum, never backwards", () => {
    const low = budget({ available: 100 });
    expect(pointsFree(low, NOW_MS + 1_500)).toBe(250);
    expect(pointsFree(low, NOW_MS + 3_600_000)).toBe(2_000);
    expect(pointsFree(low, NOW_MS - 5_000)).toBe(100);
  });

  it("makes a call wait until it holds the points", () => {
    expect(admit(budget({ available: 3 }), mutation, NOW_MS)).toEqual({ kind: "at", atMs: NOW_MS + 100 });
  });

  it("counts calls in flight as spent", () => {
    const { budget: taken } = take(budget({ available: 20 }), mutation, NOW_MS);
    expect(pointsFree(taken, NOW_MS)).toBe(7);
    expect(admit({ ...taken, nextAtMs: newBudget(0).nextAtMs }, mutation, NOW_MS)).toEqual({
      kind: "at",
      atMs: NOW_MS + 60,
    });
  });

  it("believes Shopify: its status replaces our count, and the reservation of the others stays", () => {
    const one = take(budget(), mutation, NOW_MS);
    const two = take(one.budget, mutation, NOW_MS + 130);
    const after = settle(two.budget, one.ticket, { ...told, available: 500 }, NOW_MS + 200);
    expect(pointsFree(after, NOW_MS + 200)).toBe(487);
  });

  it("learns plan and rate from the status", () => {
    const { budget: taken, ticket } = take(budget(), mutation, NOW_MS);
    const after = settle(
      taken,
      ticket,
      { ...told, maximum: 20_000, available: 19_987, restorePerSecond: 1_000 },
      NOW_MS,
    );
    expect(after).toMatchObject({ maximum: 20_000, restorePerSecond: 1_000, available: 19_987, reserved: 0 });
  });

  it("counts the points of a lost reply as spent", () => {
    const { budget: taken, ticket } = take(budget({ available: 100 }), mutation, NOW_MS);
    expect(pointsFree(settle(taken, ticket, null, NOW_MS), NOW_MS)).toBe(87);
  });

  it("keeps a tenth from reads while pushes wait, and half from imports always", () => {
    const read = { kind: "read", cost: 100 } as const;
    expect(admit(budget({ available: 250 }), { ...read, pushesWait: true }, NOW_MS)).toEqual({
      kind: "at",
      atMs: NOW_MS + 500,
    });
    expect(admit(budget({ available: 250 }), { ...read, pushesWait: false }, NOW_MS)).toEqual({ kind: "now" });
    const other = { kind: "other", cost: 100, pushesWait: false } as const;
    expect(admit(budget({ available: 1_000 }), other, NOW_MS)).toEqual({ kind: "at", atMs: NOW_MS + 1_000 });
    expect(admit(budget({ available: 1_100 }), other, NOW_MS)).toEqual({ kind: "now" });
  });

  it("lets a call through a full bucket that is dearer than its share", () => {
    expect(admit(budget(), { kind: "other", cost: 1_900, pushesWait: false }, NOW_MS)).toEqual({ kind: "now" });
  });
});

describe("THROTTLED", () => {
  it.each([
    [{ requested: 752, available: 52 }, 7],
    [{ requested: 752, available: 51 }, 8], // 7.01 s, rounded up
    [{ requested: 13, available: 12 }, 1],
    [{ requested: 13, available: 900 }, 1],
  ])("waits until the bucket holds what was asked for: %o", (status, seconds) => {
    const after = throttled(budget(), { ...told, ...status, actual: null }, NOW_MS);
    expect(after.blockedUntilMs).toBe(NOW_MS + seconds * 1_000);
    expect(admit(after, mutation, NOW_MS)).toEqual({ kind: "at", atMs: NOW_MS + seconds * 1_000 });
  });

  it("waits a second when Shopify does not say how short the bucket is", () => {
    expect(throttled(budget(), null, NOW_MS).blockedUntilMs).toBe(NOW_MS + 1_000);
  });

  it("never shortens a wait", () => {
    const long = throttled(budget(), { ...told, requested: 1_000, available: 0, actual: null }, NOW_MS);
    expect(throttled(long, null, NOW_MS).blockedUntilMs).toBe(NOW_MS + 10_000);
  });
});

it("starts a new life without reservations, and survives a clock that went back", () => {
  const { budget: taken } = take(budget(), mutation, NOW_MS);
  expect(revivedBudget(taken, NOW_MS - 60_000)).toMatchObject({ reserved: 0, atMs: NOW_MS - 60_000 });
});
