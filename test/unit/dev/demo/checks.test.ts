import { describe, expect, it } from "vitest";
import { type Happened, type Least, type StockFound, stockChecks, trafficChecks } from "../../../../dev/demo/checks.ts";

const LEAST: Least = {
  orders: 100,
  skus: 10,
  settledOrders: 20,
  duplicateShare: 0.05,
  reorderShare: 0.1,
  levelLossShare: 0.1,
};

const HAPPENED: Happened = {
  orders: 100,
  flashOrders: 25,
  soldOut: 1,
  fromSecondLocation: 1,
  cancels: 10,
  refunds: 10,
  edits: 1,
  takes: 1,
  takesRefused: 1,
  takesRepeated: 1,
  tillErrors: 0,
  knownAgain: 1,
  webhooks: {
    submitted: 1_000,
    delivered: 1_000,
    duplicated: 50,
    reordered: 100,
    levelsSubmitted: 500,
    levelsDropped: 50,
  },
};

const STOCK: StockFound = {
  skusInShop: 10,
  skusNotInCatalogue: [],
  levelsCompared: 20,
  differences: [],
  behindInRedis: [],
  accounts: Array.from({ length: 10 }, (_, i) => ({
    sku: `SKU-${i}`,
    opening: 5,
    changedInShopify: 0,
    taken: 0,
    pushed: 0,
    closing: 5,
  })),
  unbalanced: [],
  oversoldUnits: 0,
};

const failed = (checks: readonly { readonly holds: boolean; readonly name: string }[]): readonly string[] =>
  checks.filter(({ holds }) => !holds).map(({ name }) => name);

describe("the checks of a verdict", () => {
  it("hold for a run in which everything has just happened", () => {
    expect(failed(trafficChecks(HAPPENED, LEAST))).toEqual([]);
    expect(failed(stockChecks(STOCK, LEAST))).toEqual([]);
  });

  it.each([
    "orders",
    "flashOrders",
    "soldOut",
    "fromSecondLocation",
    "cancels",
    "refunds",
    "edits",
    "takes",
    "takesRefused",
    "takesRepeated",
    "knownAgain",
  ] as const)("fail a run with %s at 0", (count) => {
    expect(failed(trafficChecks({ ...HAPPENED, [count]: 0 }, LEAST)).length).toBeGreaterThan(0);
  });

  it.each([
    ["duplicated", 49, "… twice"],
    ["reordered", 99, "… out of order"],
    ["levelsDropped", 49, "… never (level webhooks)"],
    ["delivered", 0, "webhooks delivered"],
  ] as const)("fail a run with too few webhooks %s", (count, value, name) => {
    const webhooks = { ...HAPPENED.webhooks, [count]: value };
    expect(failed(trafficChecks({ ...HAPPENED, webhooks }, LEAST))).toEqual([name]);
  });

  it("fail a share of nothing: a run without webhooks has none in the right proportion", () => {
    const webhooks = { ...HAPPENED.webhooks, submitted: 0, duplicated: 0 };
    expect(failed(trafficChecks({ ...HAPPENED, webhooks }, LEAST))).toContain("… twice");
  });

  it("fail when a till ended in an error", () => {
    expect(failed(trafficChecks({ ...HAPPENED, tillErrors: 1 }, LEAST))).toEqual(["… that ended in an error"]);
  });

  const difference = { sku: "SKU-1", locationId: "1", counter: 1, redis: 1, shopify: 2 };
  it.each<[string, Partial<StockFound>]>([
    ["SKUs", { skusInShop: 9, accounts: STOCK.accounts.slice(1) }],
    ["… that Onhand's catalogue lacks", { skusNotInCatalogue: ["SKU-3"] }],
    ["levels compared: counter = Redis = Shopify", { levelsCompared: 19 }],
    ["… that differ", { differences: [difference] }],
    ["SKUs not written through to Redis", { behindInRedis: ["SKU-2"] }],
    ["SKUs whose units are all accounted for", { unbalanced: STOCK.accounts.slice(0, 1) }],
    ["SKUs whose units are all accounted for", { accounts: STOCK.accounts.slice(1) }],
    ["oversold units", { oversoldUnits: 1 }],
  ])("fail at “%s”", (name, found) => {
    expect(failed(stockChecks({ ...STOCK, ...found }, LEAST))).toEqual([name]);
  });

  it("say nothing of writes to a Redis that was broken on purpose", () => {
    const names = stockChecks({ ...STOCK, behindInRedis: null }, LEAST).map(({ name }) => name);
    expect(names).not.toContain("SKUs not written through to Redis");
  });
});
