/** What holds of every rule and every stock: nothing is promised that is not there, and more stock never means less to sell. */
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { fromStore, type LocationId } from "../../../src/domain/ids.ts";
import { type LevelToSell, sellableOf } from "../../../src/domain/policy/sellable.ts";
import type { ChannelRules } from "../../../src/domain/policy/sku-policy.ts";

const place = (at: number): LocationId => fromStore<LocationId>(String(at));

const levels: fc.Arbitrary<readonly LevelToSell[]> = fc
  .array(fc.integer({ min: -10, max: 40 }), { maxLength: 5 })
  .map((stocks) => stocks.map((available, at) => ({ locationId: place(at), available })));

const rules: fc.Arbitrary<ChannelRules> = fc.record({
  buffer: fc.oneof(
    fc.constant({ kind: "none" as const }),
    fc.record({ kind: fc.constant("fixed" as const), units: fc.nat(50) }),
    fc.record({ kind: fc.constant("percentage" as const), percent: fc.nat(100) }),
  ),
  zeroBelow: fc.oneof(fc.constant(0), fc.nat(20)),
  cap: fc.oneof(fc.constant(null), fc.nat(60)),
  excludedLocations: fc.uniqueArray(fc.nat(5).map(place), { maxLength: 3 }),
  isStopped: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  allocation: fc.constant(null),
});

const sum = (units: readonly number[]): number => units.reduce((total, unit) => total + unit, 0);
const counted = (given: readonly LevelToSell[], { excludedLocations }: ChannelRules): readonly LevelToSell[] =>
  given.filter(({ locationId }) => !excludedLocations.includes(locationId));

it("never shows less than nothing, nor more than is there, in all and at each location", () => {
  fc.assert(
    fc.property(levels, rules, (given, rule) => {
      const shown = sellableOf(given, rule);
      expect(shown.sellable).toBeGreaterThanOrEqual(0);
      expect(shown.sellable).toBeLessThanOrEqual(
        Math.max(0, sum(counted(given, rule).map((level) => level.available))),
      );
      for (const [at, { sellable, withheld }] of shown.locations.entries()) {
        expect(sellable).toBeGreaterThanOrEqual(0);
        expect(withheld).toBeGreaterThanOrEqual(0);
        expect(sellable + withheld).toBeLessThanOrEqual(Math.max(0, given[at]?.available ?? 0));
      }
    }),
  );
});

it("adds up: the channel shows what its locations show, and withholds what they withhold", () => {
  fc.assert(
    fc.property(levels, rules, (given, rule) => {
      const shown = sellableOf(given, rule);
      expect(sum(shown.locations.map(({ sellable }) => sellable))).toBe(shown.sellable);
      expect(sum(shown.locations.map(({ withheld }) => withheld))).toBe(shown.withheld);
    }),
  );
});

it("shows at the shop, where each level goes on for itself, exactly the sellable units or the oversold ones", () => {
  fc.assert(
    fc.property(levels, rules, (given, rule) => {
      const { sellable, locations } = sellableOf(given, rule);
      // What a shop shows once the withheld units are moved away. Below zero shows as it is.
      const there = sum(given.map(({ available }, at) => available - (locations[at]?.withheld ?? 0)));
      const below = sum(
        given.filter((l) => rule.excludedLocations.includes(l.locationId)).map((l) => Math.min(0, l.available)),
      );
      if (rule.isStopped) expect(there).toBeLessThanOrEqual(0);
      else expect(Math.max(0, there - below)).toBe(sellable);
    }),
  );
});

it("more stock anywhere never means less to sell", () => {
  fc.assert(
    fc.property(levels, rules, fc.nat(4), fc.nat(10), (given, rule, where, more) => {
      const richer = given.map((level, at) => (at === where ? { ...level, available: level.available + more } : level));
      expect(sellableOf(richer, rule).sellable).toBeGreaterThanOrEqual(sellableOf(given, rule).sellable);
    }),
  );
});

it("takes withheld units from the last location first", () => {
  fc.assert(
    fc.property(levels, rules, (given, rule) => {
      const { locations } = sellableOf(given, rule);
      const inPlay = locations.filter(({ locationId }) => !rule.excludedLocations.includes(locationId));
      const first = inPlay.findIndex(({ withheld }) => withheld > 0);
      // From the first location that gives, every later one gives all it has.
      for (const { locationId, withheld } of first < 0 ? [] : inPlay.slice(first + 1)) {
        expect(withheld).toBe(Math.max(0, given.find((level) => level.locationId === locationId)?.available ?? 0));
      }
    }),
  );
});
