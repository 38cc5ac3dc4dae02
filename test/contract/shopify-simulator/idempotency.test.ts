import { describe, expect, it } from "vitest";
import { type SmallShop, startSmallShop } from "./support/shop.ts";
import { callGraphql, type GraphqlReply, itemGid, locationGid, operation } from "./support/simulator-client.ts";

type Call = { key: string; delta?: number; from?: number | null; item: string };

function adjust(shop: SmallShop, call: Call): Promise<GraphqlReply> {
  const change = {
    delta: call.delta ?? 2,
    inventoryItemId: itemGid(call.item),
    locationId: locationGid(shop.near.id),
    changeFromQuantity: call.from ?? null,
  };
  const input = { name: "available", reason: "correction", changes: [change] };
  return callGraphql(shop.simulator, operation("adjust"), { key: call.key, input });
}

function codesOf(reply: GraphqlReply): unknown[] {
  const [payload] = Object.values(reply.data ?? {}) as { userErrors: { code: string }[] }[];
  return payload?.userErrors.map((error) => error.code) ?? [];
}

function available(shop: SmallShop, itemId: string): number | undefined {
  return shop.simulator.level({ itemId }, shop.near.id)?.available;
}

describe("@idempotent", () => {
  it("is required, as a top-level error that still costs 10", async () => {
    const shop = await startSmallShop();
    const { item } = shop.addItem("A-1", [5, 0]);
    const document = `mutation M($input: InventorySetQuantitiesInput!) {
  inventorySetQuantities(input: $input) { userErrors { code } }
}`;
    const row = { inventoryItemId: itemGid(item.id), locationId: locationGid(shop.near.id), quantity: 9 };
    const input = { name: "available", reason: "correction", quantities: [{ ...row, changeFromQuantity: null }] };
    const reply = await callGraphql(shop.simulator, document, { input });
    expect(reply.status).toBe(200);
    expect(reply.errors).toEqual([
      {
        message: "The @idempotent directive is required for this mutation but was not provided.",
        locations: [{ line: 2, column: 3 }],
        extensions: { code: "BAD_REQUEST" },
        path: ["inventorySetQuantities"],
      },
    ]);
    expect(reply.data).toEqual({ inventorySetQuantities: null });
    expect([reply.cost?.requestedQueryCost, reply.cost?.actualQueryCost]).toEqual([10, 10]);
    expect(available(shop, item.id)).toBe(5);
  });

  it("wants a key that says something", async () => {
    const shop = await startSmallShop();
    const { item } = shop.addItem("A-1", [5, 0]);
    const reply = await adjust(shop, { key: "   ", item: item.id });
    expect(reply.errors?.[0]?.extensions).toEqual({ code: "BAD_REQUEST" });
    expect(available(shop, item.id)).toBe(5);
  });

  it("applies once and replays the original answer, its id and createdAt included, whatever happened since", async () => {
    let nowMs = Date.parse("2026-11-22T09:00:00Z");
    const shop = await startSmallShop({ now: () => nowMs });
    const { item } = shop.addItem("A-1", [5, 0]);
    const first = await adjust(shop, { key: "k", item: item.id });
    nowMs += 3_600_000;
    shop.simulator.editLevel({ itemId: item.id }, shop.near.id, { delta: -1 });
    const replay = await adjust(shop, { key: "k", item: item.id });
    expect(replay.data).toEqual(first.data);
    expect(replay.data).toMatchObject({
      inventoryAdjustQuantities: { inventoryAdjustmentGroup: { createdAt: "2026-11-22T09:00:00Z" } },
    });
    expect(available(shop, item.id)).toBe(6);
  });

  it("replays whatever the order in which the client wrote the variables", async () => {
    const shop = await startSmallShop();
    const { item } = shop.addItem("A-1", [5, 0]);
    await adjust(shop, { key: "k", item: item.id });
    const change = {
      changeFromQuantity: null,
      locationId: locationGid(shop.near.id),
      inventoryItemId: itemGid(item.id),
      delta: 2,
    };
    const input = { changes: [change], reason: "correction", name: "available" };
    const replay = await callGraphql(shop.simulator, operation("adjust"), { input, key: "k" });
    expect(codesOf(replay)).toEqual([]);
    expect(available(shop, item.id)).toBe(7);
  });

  it("refuses other parameters under the same key, and applies nothing", async () => {
    const shop = await startSmallShop();
    const { item } = shop.addItem("A-1", [5, 0]);
    await adjust(shop, { key: "k", item: item.id, delta: 2 });
    const other = await adjust(shop, { key: "k", item: item.id, delta: 3 });
    expect(Object.values(other.data ?? {})).toEqual([
      {
        inventoryAdjustmentGroup: null,
        userErrors: [
          {
            code: "IDEMPOTENCY_KEY_PARAMETER_MISMATCH",
            field: null,
            message: "The request with this idempotency key has different parameters than the original request.",
          },
        ],
      },
    ]);
    expect(available(shop, item.id)).toBe(7);
  });

  it("refuses a request while the first one with its key is still running", async () => {
    const shop = await startSmallShop({ faults: { graphql: { latencyMs: [400, 400] } } });
    const { item } = shop.addItem("A-1", [5, 0]);
    const [one, other] = await Promise.all([
      adjust(shop, { key: "k", item: item.id }),
      adjust(shop, { key: "k", item: item.id }),
    ]);
    expect([...codesOf(one), ...codesOf(other)]).toEqual(["IDEMPOTENCY_CONCURRENT_REQUEST"]);
    expect(available(shop, item.id)).toBe(7);
    expect(codesOf(await adjust(shop, { key: "k", item: item.id }))).toEqual([]);
    expect(available(shop, item.id)).toBe(7);
  });

  it("remembers a failed attempt: the same key fails, a new one works", async () => {
    const shop = await startSmallShop();
    const { item } = shop.addItem("A-1", [5, 0]);
    expect(codesOf(await adjust(shop, { key: "k", item: item.id, from: 4 }))).toEqual(["CHANGE_FROM_QUANTITY_STALE"]);
    expect(codesOf(await adjust(shop, { key: "k", item: item.id, from: 4 }))).toEqual([
      "IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED",
    ]);
    expect(codesOf(await adjust(shop, { key: "k2", item: item.id, from: 5 }))).toEqual([]);
  });

  it("tries a failed key again when it is told to forget failures", async () => {
    const shop = await startSmallShop({ remembersFailedAttempts: false });
    const { item } = shop.addItem("A-1", [5, 0]);
    await adjust(shop, { key: "k", item: item.id, from: 4 });
    shop.simulator.editLevel({ itemId: item.id }, shop.near.id, { available: 4 });
    expect(codesOf(await adjust(shop, { key: "k", item: item.id, from: 4 }))).toEqual([]);
    expect(available(shop, item.id)).toBe(6);
  });

  it("checks changeFromQuantity before it replays, as recorded of API 2026-07", async () => {
    const shop = await startSmallShop();
    const { item } = shop.addItem("A-1", [50, 0]);
    const call = { key: "k", item: item.id, delta: 5, from: 50 };
    expect(codesOf(await adjust(shop, call))).toEqual([]);
    expect(codesOf(await adjust(shop, call))).toEqual(["CHANGE_FROM_QUANTITY_STALE"]);
    expect(codesOf(await adjust(shop, { ...call, from: 55 }))).toEqual(["IDEMPOTENCY_KEY_PARAMETER_MISMATCH"]);
    expect(codesOf(await adjust(shop, call))).toEqual(["CHANGE_FROM_QUANTITY_STALE"]);
    expect(available(shop, item.id)).toBe(55);
  });

  it("forgets a key after 24 hours and applies the call anew", async () => {
    let nowMs = Date.parse("2026-11-22T09:00:00Z");
    const shop = await startSmallShop({ now: () => nowMs });
    const { item } = shop.addItem("A-1", [5, 0]);
    await adjust(shop, { key: "k", item: item.id });
    nowMs += 24 * 3_600_000 - 1;
    await adjust(shop, { key: "k", item: item.id });
    expect(available(shop, item.id)).toBe(7);
    nowMs += 1;
    await adjust(shop, { key: "k", item: item.id });
    expect(available(shop, item.id)).toBe(9);
  });

  it("does not burn the key of a throttled call", async () => {
    const shop = await startSmallShop();
    const { item } = shop.addItem("A-1", [5, 0]);
    shop.simulator.planNextMutations({ kind: "throttled" });
    const throttled = await adjust(shop, { key: "k", item: item.id });
    expect(throttled.errors?.[0]?.extensions?.["code"]).toBe("THROTTLED");
    expect(codesOf(await adjust(shop, { key: "k", item: item.id }))).toEqual([]);
    expect(available(shop, item.id)).toBe(7);
  });
});
