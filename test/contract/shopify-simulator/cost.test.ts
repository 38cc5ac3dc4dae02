import { describe, expect, it } from "vitest";
import { type SmallShop, startSmallShop } from "./support/shop.ts";
import { callGraphql, itemGid, locationGid, operation } from "./support/simulator-client.ts";

/** Variables of an adjustment of one item at the first location. */
function adjustment(shop: SmallShop, itemId: string, key: string, rows = 1): unknown {
  const change = { delta: 1, inventoryItemId: itemGid(itemId), locationId: locationGid(shop.near.id) };
  const changes = Array.from({ length: rows }, () => ({ ...change, changeFromQuantity: null }));
  return { key, input: { name: "available", reason: "correction", changes } };
}

const WITH_GROUP = `mutation Adjust($input: InventoryAdjustQuantitiesInput!, $key: String!) {
  inventoryAdjustQuantities(input: $input) @idempotent(key: $key) {
    inventoryAdjustmentGroup { id createdAt reason changes { name delta item { id } location { id } } }
    userErrors { code field message }
  }
}`;

/** Requested and actual points as a live development store charged them for documents of this shape. */
describe("recorded costs", () => {
  it("charges 13 for an adjustment with its group, changes, items and locations, however many rows", async () => {
    const shop = await startSmallShop();
    const item = shop.addItem("A-1", [5, 5]).item;
    const one = await callGraphql(shop.simulator, WITH_GROUP, adjustment(shop, item.id, "k1"));
    const many = await callGraphql(shop.simulator, WITH_GROUP, adjustment(shop, item.id, "k2", 250));
    for (const reply of [one, many]) {
      expect([reply.cost?.requestedQueryCost, reply.cost?.actualQueryCost]).toEqual([13, 13]);
    }
  });

  it("charges 10 when only user errors are selected, and keeps 10 of 13 when nothing came back", async () => {
    const shop = await startSmallShop();
    const item = shop.addItem("A-1", [5, 5]).item;
    const input = { name: "available", reason: "correction" };
    const row = { inventoryItemId: itemGid(item.id), locationId: locationGid(shop.near.id), changeFromQuantity: null };
    const bare = await callGraphql(shop.simulator, operation("set_min"), {
      key: "k1",
      input: { ...input, quantities: [{ ...row, quantity: 7 }] },
    });
    const unchanged = await callGraphql(shop.simulator, operation("set"), {
      key: "k2",
      input: { ...input, quantities: [{ ...row, quantity: 7 }] },
    });
    expect([bare.cost?.requestedQueryCost, bare.cost?.actualQueryCost]).toEqual([10, 10]);
    expect([unchanged.cost?.requestedQueryCost, unchanged.cost?.actualQueryCost]).toEqual([13, 10]);
  });

  it.each([
    // document, requested, actual of an item with one level
    ['inventoryLevels(first: 5) { nodes { location { id } quantities(names: ["available"]) { quantity } } }', 12, 6],
    ['inventoryLevels(first: 1) { nodes { location { id } quantities(names: ["available"]) { quantity } } }', 6, 6],
    ["inventoryLevels(first: 50) { nodes { id } }", 10, 4],
    ["inventoryLevels(first: 250) { nodes { id } pageInfo { hasNextPage } }", 14, 4],
    ["inventoryLevels(first: 5) { edges { cursor node { id } } }", 6, 4],
    ["locationsCount { count }", 11, 11],
    ["id sku tracked", 1, 1],
  ])("charges an item with { %s } %i points and keeps %i", async (selection, requested, actual) => {
    const shop = await startSmallShop();
    const item = shop.addItem("A-1", [5, null]).item;
    const query = `query Q($id: ID!) { inventoryItem(id: $id) { ${selection} } }`;
    const reply = await callGraphql(shop.simulator, query, { id: itemGid(item.id) });
    expect(reply.errors).toBeUndefined();
    expect([reply.cost?.requestedQueryCost, reply.cost?.actualQueryCost]).toEqual([requested, actual]);
  });

  it("charges nodes(ids:) the same for one id and for two hundred", async () => {
    const shop = await startSmallShop();
    const item = shop.addItem("A-1", [5, 5]).item;
    const variables = (count: number): unknown => ({
      ids: Array.from({ length: count }, () => itemGid(item.id)),
      loc: locationGid(shop.near.id),
    });
    const one = await callGraphql(shop.simulator, operation("read_levels"), variables(1));
    const many = await callGraphql(shop.simulator, operation("read_levels"), variables(200));
    expect([one.cost?.requestedQueryCost, many.cost?.requestedQueryCost]).toEqual([8, 8]);
    expect([one.cost?.actualQueryCost, many.cost?.actualQueryCost]).toEqual([6, 6]);
  });
});

describe("the bucket", () => {
  it("shows 2,000 points restored at 100 a second, whole points, less what the call kept", async () => {
    const shop = await startSmallShop({ now: () => 1_000_000 });
    const item = shop.addItem("A-1", [5, 5]).item;
    const reply = await callGraphql(shop.simulator, WITH_GROUP, adjustment(shop, item.id, "k1"));
    expect(reply.body["extensions"]).toEqual({
      cost: {
        requestedQueryCost: 13,
        actualQueryCost: 13,
        throttleStatus: { maximumAvailable: 2000, currentlyAvailable: 1987, restoreRate: 100 },
      },
    });
  });

  it("gives back what a call reserved and did not use", async () => {
    const shop = await startSmallShop({ now: () => 1_000_000 });
    const item = shop.addItem("A-1", [5, null]).item;
    const query = `query Q($id: ID!) { inventoryItem(id: $id) {
      inventoryLevels(first: 5) { nodes { location { id } quantities(names: ["available"]) { quantity } } } } }`;
    const reply = await callGraphql(shop.simulator, query, { id: itemGid(item.id) });
    expect([reply.cost?.requestedQueryCost, reply.cost?.throttleStatus["currentlyAvailable"]]).toEqual([12, 1994]);
  });

  it("answers THROTTLED with HTTP 200 when it lacks the requested cost, applies nothing, and refills with time", async () => {
    let nowMs = 1_000_000;
    const shop = await startSmallShop({ now: () => nowMs, plan: { maximumPoints: 20, restorePerSecond: 10 } });
    const { item } = shop.addItem("A-1", [5, 5]);
    await callGraphql(shop.simulator, WITH_GROUP, adjustment(shop, item.id, "k1"));
    const throttled = await callGraphql(shop.simulator, WITH_GROUP, adjustment(shop, item.id, "k2"));
    expect(throttled.status).toBe(200);
    expect(throttled.body).toEqual({
      errors: [
        {
          message: "Throttled",
          extensions: { code: "THROTTLED", documentation: "https://shopify.dev/api/usage/rate-limits" },
        },
      ],
      extensions: {
        cost: {
          requestedQueryCost: 13,
          actualQueryCost: null,
          throttleStatus: { maximumAvailable: 20, currentlyAvailable: 7, restoreRate: 10 },
        },
      },
    });
    expect(shop.simulator.level({ itemId: item.id }, shop.near.id)?.available).toBe(6);
    nowMs += 600;
    const again = await callGraphql(shop.simulator, WITH_GROUP, adjustment(shop, item.id, "k2"));
    expect(again.errors).toBeUndefined();
    expect(shop.simulator.level({ itemId: item.id }, shop.near.id)?.available).toBe(7);
  });

  it("is as small as the shop's plan from the moment that the plan changes", async () => {
    const shop = await startSmallShop({ now: () => 1_000_000 });
    const { item } = shop.addItem("A-1", [5, 5]);
    shop.simulator.changePlan({ maximumPoints: 12, restorePerSecond: 1 });
    const refused = await callGraphql(shop.simulator, WITH_GROUP, adjustment(shop, item.id, "k1"));
    expect(refused.cost?.throttleStatus).toEqual({ maximumAvailable: 12, currentlyAvailable: 12, restoreRate: 1 });
    expect(refused.errors).toMatchObject([{ message: "Throttled" }]);
    shop.simulator.changePlan({ maximumPoints: 2_000, restorePerSecond: 100 });
    const still = await callGraphql(shop.simulator, WITH_GROUP, adjustment(shop, item.id, "k1"));
    expect(still.errors).toMatchObject([{ message: "Throttled" }]); // a larger bucket is not a fuller one
  });

  it("ignores the debug header", async () => {
    const shop = await startSmallShop();
    const response = await fetch(`${shop.simulator.url}/admin/api/2026-10/graphql.json`, {
      method: "POST",
      headers: { "X-Shopify-Access-Token": shop.simulator.accessToken, "Shopify-GraphQL-Cost-Debug": "1" },
      body: JSON.stringify({ query: "{ shop { id } }" }),
    });
    const body = (await response.json()) as { extensions: { cost: object } };
    expect(Object.keys(body.extensions.cost).sort()).toEqual([
      "actualQueryCost",
      "requestedQueryCost",
      "throttleStatus",
    ]);
  });
});

describe("limits of one call", () => {
  it("refuses more than 1,000 points without running it", async () => {
    const shop = await startSmallShop();
    const inner = "variants(first: 250) { nodes { inventoryItem { inventoryLevels(first: 250) { nodes { id } } } } }";
    const reply = await callGraphql(shop.simulator, `{ products(first: 250) { nodes { ${inner} } } }`);
    expect(reply.errors?.[0]?.extensions).toEqual({
      code: "MAX_COST_EXCEEDED",
      cost: 1850,
      maxCost: 1000,
      documentation: "https://shopify.dev/api/usage/rate-limits",
    });
  });

  it("refuses less where the plan says so", async () => {
    const shop = await startSmallShop();
    const query = "{ products(first: 250) { nodes { id } } }";
    expect((await callGraphql(shop.simulator, query)).errors).toBeUndefined();
    shop.simulator.changePlan({ maximumPoints: 2_000, restorePerSecond: 100, callPointsMax: 10 });
    const reply = await callGraphql(shop.simulator, query);
    expect(reply.errors?.[0]?.extensions).toMatchObject({ code: "MAX_COST_EXCEEDED", maxCost: 10 });
  });

  it("takes 250 rows and refuses 251 with the path of the list; nothing is applied and the request is charged", async () => {
    const shop = await startSmallShop({ now: () => 1_000_000 });
    const { item } = shop.addItem("A-1", [5, 5]);
    const refused = await callGraphql(shop.simulator, operation("adjust"), adjustment(shop, item.id, "k1", 251));
    expect(refused.errors).toEqual([
      {
        message: "The input array size of 251 is greater than the maximum allowed of 250.",
        locations: [{ line: 2, column: 3 }],
        path: ["inventoryAdjustQuantities", "input", "changes"],
        extensions: { code: "MAX_INPUT_SIZE_EXCEEDED" },
      },
    ]);
    expect(refused.cost?.actualQueryCost).toBeNull();
    expect(refused.cost?.throttleStatus["currentlyAvailable"]).toBe(1989);
    expect(shop.simulator.level({ itemId: item.id }, shop.near.id)?.available).toBe(5);
    const taken = await callGraphql(shop.simulator, operation("adjust"), adjustment(shop, item.id, "k2", 250));
    expect(taken.errors).toBeUndefined();
    expect(shop.simulator.level({ itemId: item.id }, shop.near.id)?.available).toBe(255);
  });
});

describe("documents that Shopify would not run", () => {
  it("names an unknown field as Shopify does, without a cost", async () => {
    const shop = await startSmallShop();
    const reply = await callGraphql(shop.simulator, "query Q { definitelyNotARoot }");
    expect(reply.body).toEqual({
      errors: [
        {
          message: "Field 'definitelyNotARoot' doesn't exist on type 'QueryRoot'",
          locations: [{ line: 1, column: 11 }],
          path: ["query Q"],
          extensions: { code: "undefinedField", typeName: "QueryRoot", fieldName: "definitelyNotARoot" },
        },
      ],
    });
  });

  it("refuses @idempotent on the operation", async () => {
    const shop = await startSmallShop();
    const document =
      'mutation M @idempotent(key: "k") { bulkOperationCancel(id: "gid://shopify/BulkOperation/1") { userErrors { message } } }';
    const reply = await callGraphql(shop.simulator, document);
    expect(reply.errors?.[0]?.message).toBe("'@idempotent' can't be applied to mutations (allowed: fields)");
    expect(reply.errors?.[0]?.extensions?.["code"]).toBe("directiveCannotBeApplied");
  });

  it("names a field that the input does not have, with its path and the whole value", async () => {
    const shop = await startSmallShop();
    const input = { name: "available", reason: "correction", ignoreCompareQuantity: true, quantities: [] };
    const reply = await callGraphql(shop.simulator, operation("set"), { key: "k", input });
    expect(reply.body).toEqual({
      errors: [
        {
          message:
            "Variable $input of type InventorySetQuantitiesInput! was provided invalid value for ignoreCompareQuantity (Field is not defined on InventorySetQuantitiesInput)",
          locations: [{ line: 1, column: 23 }],
          extensions: {
            code: "INVALID_VARIABLE",
            value: input,
            problems: [
              {
                path: ["ignoreCompareQuantity"],
                explanation: "Field is not defined on InventorySetQuantitiesInput",
              },
            ],
          },
        },
      ],
    });
  });

  it("refuses ids that are no global ids, and a missing required variable", async () => {
    const shop = await startSmallShop();
    const query = "query Q($id: ID!) { inventoryItem(id: $id) { id } }";
    const bare = await callGraphql(shop.simulator, query, { id: "123" });
    const none = await callGraphql(shop.simulator, query, {});
    expect(bare.errors?.[0]?.extensions?.["problems"]).toEqual([{ path: [], explanation: "Invalid global id '123'" }]);
    expect(none.errors?.[0]?.extensions?.["problems"]).toEqual([
      { path: [], explanation: "Expected value to not be null" },
    ]);
  });
});
