import { describe, expect, it } from "vitest";
import { compareLevels, type LevelTable, unbalanced } from "../../../../dev/demo/compare.ts";

const levels = (here: number, there: number): LevelTable =>
  new Map([
    [
      "A",
      new Map([
        ["1", here],
        ["2", there],
      ]),
    ],
  ]);

describe("compareLevels", () => {
  it("finds nothing where all three say the same, below zero too", () => {
    expect(compareLevels(["A"], levels(3, -2), levels(3, -2), levels(3, -2))).toEqual([]);
  });

  it.each([
    ["counter", [levels(9, 2), levels(3, 2), levels(3, 2)], { counter: 9, redis: 3, shopify: 3 }],
    ["redis", [levels(3, 2), levels(9, 2), levels(3, 2)], { counter: 3, redis: 9, shopify: 3 }],
    ["shopify", [levels(3, 2), levels(3, 2), levels(9, 2)], { counter: 3, redis: 3, shopify: 9 }],
  ] as const)("names the place where %s says something else", (_, [counter, redis, shopify], numbers) => {
    expect(compareLevels(["A"], counter, redis, shopify)).toEqual([{ sku: "A", locationId: "1", ...numbers }]);
  });

  it("takes a missing number for a difference, never for 0", () => {
    const empty: LevelTable = new Map();
    expect(compareLevels(["A"], levels(0, 0), empty, levels(0, 0))).toEqual([
      { sku: "A", locationId: "1", counter: 0, redis: null, shopify: 0 },
      { sku: "A", locationId: "2", counter: 0, redis: null, shopify: 0 },
    ]);
  });

  it("names a SKU that nobody knows", () => {
    expect(compareLevels(["B"], levels(1, 1), levels(1, 1), levels(1, 1))).toEqual([
      { sku: "B", locationId: "–", counter: null, redis: null, shopify: null },
    ]);
  });
});

describe("unbalanced", () => {
  const account = { sku: "A", opening: 10, changedInShopify: -3, taken: 2, pushed: -2, closing: 5 };

  it("finds nothing where every unit has its cause", () => {
    expect(unbalanced([account])).toEqual([]);
  });

  it.each([
    ["closing is off", { closing: 6 }],
    ["a till took what was never pushed", { pushed: -1 }],
    ["more was pushed than tills took", { pushed: -3, closing: 4 }],
  ])("finds the SKU whose %s", (_, change) => {
    expect(unbalanced([{ ...account, ...change }])).toHaveLength(1);
  });
});
