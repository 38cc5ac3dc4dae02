import { describe, expect, it } from "vitest";
import {
  afterFault,
  afterShut,
  type Breaker,
  closedBreaker,
  modeOf,
} from "../../../../src/domain/shop-gate/breaker.ts";

const NOW_MS = 1_000_000;
const fault = { reason: "HTTP_503", retryAfterSeconds: null };
const none = (): number => 0;

/** Faults at the moment at which each pause ends. @returns the pauses in seconds */
function pauses(count: number, fail: (breaker: Breaker, nowMs: number) => Breaker, from: Breaker): readonly number[] {
  let breaker = from;
  let nowMs = NOW_MS;
  return Array.from({ length: count }, () => {
    breaker = fail(breaker, nowMs);
    if (breaker.kind === "closed") return 0;
    const waitMs = breaker.untilMs - nowMs;
    nowMs = breaker.untilMs;
    return waitMs / 1_000;
  });
}

describe("a Shopify that does not answer", () => {
  it("is paused at the third failure in a row, then for 1, 2, 4 … 30 s", () => {
    const waits = pauses(9, (breaker, nowMs) => afterFault(breaker, fault, nowMs, none), closedBreaker);
    expect(waits).toEqual([0, 0, 1, 2, 4, 8, 16, 30, 30]);
  });

  it("is paused longer with jitter, up to half, and never shorter", () => {
    const third: Breaker = { kind: "open", openings: 2, untilMs: NOW_MS, reason: "x" };
    const wait = (random: number): number => {
      const breaker = afterFault(third, fault, NOW_MS, () => random);
      return breaker.kind === "open" ? breaker.untilMs - NOW_MS : 0;
    };
    expect([wait(0), wait(0.5), wait(0.99)]).toEqual([4_000, 5_000, 6_000]);
  });

  it("is paused at once when it says for how long", () => {
    expect(afterFault(closedBreaker, { ...fault, retryAfterSeconds: 12 }, NOW_MS, none)).toEqual({
      kind: "open",
      openings: 1,
      untilMs: NOW_MS + 12_000,
      reason: "HTTP_503",
    });
  });

  it("is not paused for days by a strange Retry-After", () => {
    const breaker = afterFault(closedBreaker, { ...fault, retryAfterSeconds: 1e9 }, NOW_MS, none);
    expect(breaker).toMatchObject({ untilMs: NOW_MS + 900_000 });
  });

  it("is probed when the pause is over, and a late reply from before it is no news", () => {
    const open: Breaker = { kind: "open", openings: 3, untilMs: NOW_MS + 4_000, reason: "HTTP_503" };
    expect(modeOf(open, NOW_MS + 3_999)).toBe("open");
    expect(modeOf(open, NOW_MS + 4_000)).toBe("half_open");
    expect(afterFault(open, fault, NOW_MS + 1, none)).toBe(open);
  });
});

describe("a shop that lets nobody in", () => {
  it("is paused at once, for 1, 2, 4, 8, 15 minutes", () => {
    const waits = pauses(6, (breaker, nowMs) => afterShut(breaker, "shop_frozen", nowMs, none), closedBreaker);
    expect(waits).toEqual([60, 120, 240, 480, 900, 900]);
  });

  it("starts anew when the reason is another", () => {
    const frozen: Breaker = { kind: "open", openings: 4, untilMs: NOW_MS, reason: "shop_frozen" };
    expect(afterShut(frozen, "unauthorized", NOW_MS, none)).toMatchObject({ openings: 1, untilMs: NOW_MS + 60_000 });
  });

  it("is not paused anew by a late reply", () => {
    const frozen: Breaker = { kind: "open", openings: 4, untilMs: NOW_MS + 1, reason: "shop_frozen" };
    expect(afterShut(frozen, "shop_frozen", NOW_MS, none)).toBe(frozen);
  });
});
