import { describe, expect, it } from "vitest";
import { fromStore, type LocationId } from "../../../../src/domain/ids.ts";
import { sellableOf } from "../../../../src/domain/policy/sellable.ts";
import { type ChannelRules, DEFAULT_RULES } from "../../../../src/domain/policy/sku-policy.ts";

const shop = fromStore<LocationId>("1");
const warehouse = fromStore<LocationId>("2");
const levels = (first: number, second: number) => [
  { locationId: shop, available: first },
  { locationId: warehouse, available: second },
];
const shown = (first: number, second: number, rules: Partial<ChannelRules>): readonly number[] => {
  const { sellable, locations } = sellableOf(levels(first, second), { ...DEFAULT_RULES, ...rules });
  return [sellable, ...locations.map((location) => location.sellable)];
};

describe("what a channel may sell", () => {
  it("shows everything without rules", () => {
    expect(shown(3, 7, {})).toEqual([10, 3, 7]);
  });

  it("keeps a fixed buffer back, at the last location first", () => {
    expect(shown(3, 7, { buffer: { kind: "fixed", units: 5 } })).toEqual([5, 3, 2]);
    expect(shown(3, 7, { buffer: { kind: "fixed", units: 8 } })).toEqual([2, 2, 0]);
    expect(shown(3, 7, { buffer: { kind: "fixed", units: 11 } })).toEqual([0, 0, 0]);
  });

  it("rounds a percentage up: the buffer is never smaller than asked for", () => {
    expect(shown(3, 8, { buffer: { kind: "percentage", percent: 10 } })).toEqual([9, 3, 6]);
    expect(shown(1, 0, { buffer: { kind: "percentage", percent: 1 } })).toEqual([0, 0, 0]);
  });

  it("shows nothing when fewer than the threshold are left after the buffer", () => {
    expect(shown(3, 7, { buffer: { kind: "fixed", units: 5 }, zeroBelow: 5 })).toEqual([5, 3, 2]);
    expect(shown(3, 7, { buffer: { kind: "fixed", units: 5 }, zeroBelow: 6 })).toEqual([0, 0, 0]);
  });

  it("caps what is shown, and a cap below the threshold does not empty the channel", () => {
    expect(shown(3, 7, { cap: 4 })).toEqual([4, 3, 1]);
    expect(shown(3, 7, { cap: 4, zeroBelow: 5 })).toEqual([4, 3, 1]);
  });

  it("leaves out an excluded location, its buffer and its debts", () => {
    expect(shown(3, 7, { excludedLocations: [warehouse], buffer: { kind: "fixed", units: 1 } })).toEqual([2, 2, 0]);
    expect(shown(3, -7, { excludedLocations: [warehouse] })).toEqual([3, 3, 0]);
  });

  it("counts what one location lacks against the others", () => {
    expect(shown(-3, 10, { buffer: { kind: "fixed", units: 5 } })).toEqual([2, 0, 2]);
    expect(shown(3, -7, {})).toEqual([0, 0, 0]);
  });

  it("a stopped channel withholds every unit", () => {
    const stopped = sellableOf(levels(-3, 10), { ...DEFAULT_RULES, isStopped: true });
    expect(stopped).toMatchObject({ sellable: 0, withheld: 10 });
    expect(stopped.locations.map(({ withheld }) => withheld)).toEqual([0, 10]);
  });
});
