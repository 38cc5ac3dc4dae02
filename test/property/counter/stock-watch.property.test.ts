/** Whatever levels come, in doubt or not: news follow each other as states can, and a quiet SKU tells nothing. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { NO_WATCH, watchStock, withThresholds } from "../../../src/domain/counter/stock-watch.ts";
import type { Thresholds } from "../../../src/domain/counter/thresholds.ts";
import { fromStore } from "../../../src/domain/ids.ts";
import type { LocationView } from "../../../src/domain/levels-view.ts";

const CROSSING = { crossingMs: 1_000 };
const level = (available: number, doubt: number): LocationView => ({
  ...{ locationId: fromStore("1"), available, floor: available, reserved: 0, committed: 0, damaged: 0 },
  ...{ safetyStock: 0, onHand: available, ledger: available + doubt, doubt, anticipated: 0 },
});
const thresholds: fc.Arbitrary<Thresholds> = fc.record({
  lowAt: fc.option(fc.integer({ min: 0, max: 6 }), { nil: null }),
  backAt: fc.integer({ min: 1, max: 4 }),
  hysteresis: fc.integer({ min: 0, max: 3 }),
});
const look = fc.record({
  available: fc.integer({ min: -3, max: 12 }),
  doubt: fc.constantFrom(0, 0, 2),
  waitMs: fc.constantFrom(0, 300, 2_000),
});

function told(inAll: Thresholds, looks: readonly { available: number; doubt: number; waitMs: number }[]) {
  let [state, nowMs] = [withThresholds(NO_WATCH, { inAll }), 0];
  const news = [];
  for (const { available, doubt, waitMs } of looks) {
    nowMs += waitMs;
    const seen = watchStock(state, [level(available, doubt)], CROSSING, nowMs);
    state = seen.watch;
    news.push(...seen.news);
  }
  return { state, news };
}

it("never tells the same twice in a row of out and back, and numbers news without a gap", () => {
  fc.assert(
    fc.property(thresholds, fc.array(look, { maxLength: 40 }), (given, looks) => {
      const { news } = told(given, looks);
      expect(news.map(({ number }) => number)).toEqual(news.map((_, i) => i + 1));
      const ends = news.map(({ state }) => state).filter((state) => state !== "low");
      ends.forEach((state, i) => {
        expect(state).toBe(i % 2 === 0 ? "out" : "back");
      });
      for (const { state, available, lowAt } of news) {
        if (state === "out") expect(available).toBeLessThan(Math.max(1, given.backAt));
        if (state === "back") expect(available).toBeGreaterThanOrEqual(given.backAt);
        if (state === "low") expect(available).toBeLessThanOrEqual(lowAt ?? Number.NEGATIVE_INFINITY);
      }
    }),
  );
});

it("tells low at most once while levels swing by less than the hysteresis above the threshold", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.array(fc.nat(3), { maxLength: 30 }), (lowAt, swings) => {
      const looks = swings.map((swing) => ({ available: lowAt + swing, doubt: 0, waitMs: 100 }));
      expect(told({ lowAt, backAt: 1, hysteresis: 3 }, looks).news.length).toBeLessThanOrEqual(1);
    }),
  );
});

it("ends in the state that certain levels have, however it came there", () => {
  fc.assert(
    fc.property(thresholds, fc.array(look, { maxLength: 20 }), (given, looks) => {
      const { state } = told(given, [...looks, { available: 100, doubt: 0, waitMs: 0 }]);
      expect(state.scopes.get("all")).toMatchObject({ state: "ok", crossing: null });
    }),
  );
});
