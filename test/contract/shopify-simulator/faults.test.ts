import { describe, expect, it } from "vitest";
import type { CallFate } from "../../../dev/shopify-simulator/faults/call-fate.ts";
import { type SmallShop, startSmallShop } from "./support/shop.ts";
import { callGraphql, type GraphqlReply, itemGid, locationGid, operation } from "./support/simulator-client.ts";
import { startCatcher, subscribe } from "./support/webhook-catcher.ts";

const QUERY = "{ shop { name } }";

function push(shop: SmallShop, key: string, signal?: AbortSignal): Promise<GraphqlReply> {
  const item = shop.simulator.store.items[0];
  const place = { inventoryItemId: itemGid(item?.id ?? ""), locationId: locationGid(shop.near.id) };
  const changes = [{ ...place, delta: 1, changeFromQuantity: null }];
  const variables = { key, input: { name: "available", reason: "correction", changes } };
  return callGraphql(shop.simulator, operation("adjust"), variables, signal === undefined ? {} : { signal });
}

function available(shop: SmallShop): number | undefined {
  return shop.simulator.level({ sku: "A-1" }, shop.near.id)?.available;
}

async function startPushShop(...fates: readonly CallFate[]): Promise<SmallShop> {
  const shop = await startSmallShop();
  shop.addItem("A-1", [5, 0]);
  shop.simulator.planNextMutations(...fates);
  return shop;
}

describe("fates of a call", () => {
  it("a lost response: the connection breaks, the call was applied, the same key replays it", async () => {
    const shop = await startPushShop({ kind: "lost_response" });
    await expect(push(shop, "k")).rejects.toThrow();
    expect(available(shop)).toBe(6);
    const replay = await push(shop, "k");
    expect(replay.data).toMatchObject({ inventoryAdjustQuantities: { userErrors: [] } });
    expect(available(shop)).toBe(6);
  });

  it("a lost request: the connection breaks and nothing was applied", async () => {
    const shop = await startPushShop({ kind: "lost_request" });
    await expect(push(shop, "k")).rejects.toThrow();
    expect(available(shop)).toBe(5);
  });

  it("a late request: the connection breaks, the call is applied later, and a retry in between is not applied twice", async () => {
    const shop = await startPushShop({ kind: "late_request", afterMs: 400 });
    await expect(push(shop, "k")).rejects.toThrow();
    expect(available(shop)).toBe(5);
    await push(shop, "k");
    expect(available(shop)).toBe(6);
    await shop.simulator.idle();
    expect(available(shop)).toBe(6);
    expect(shop.simulator.stats().graphql.fates.late_request).toBe(1);
  });

  it("a late request alone is applied once it arrives", async () => {
    const shop = await startPushShop({ kind: "late_request", afterMs: 20 });
    await expect(push(shop, "k")).rejects.toThrow();
    await shop.simulator.idle();
    expect(available(shop)).toBe(6);
  });

  it("a timeout after applying: no answer ever, the client has to give up", async () => {
    const shop = await startPushShop({ kind: "timeout_after_apply" });
    await expect(push(shop, "k", AbortSignal.timeout(150))).rejects.toThrow(/abort|timeout/i);
    expect(available(shop)).toBe(6);
  });

  it("a server error that hides an applied call, and one that does not", async () => {
    const shop = await startPushShop(
      { kind: "http_error", status: 502, isApplied: true },
      { kind: "http_error", status: 503, isApplied: false },
    );
    expect((await push(shop, "k1")).status).toBe(502);
    expect(available(shop)).toBe(6);
    const refused = await push(shop, "k2");
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "1.0"]);
    expect(available(shop)).toBe(6);
  });

  it("an internal error inside HTTP 200", async () => {
    const shop = await startPushShop({ kind: "internal_error", isApplied: true });
    const reply = await push(shop, "k");
    expect([reply.status, reply.errors?.[0]?.extensions?.["code"]]).toEqual([200, "INTERNAL_SERVER_ERROR"]);
    expect(reply.data).toBeNull();
    expect(available(shop)).toBe(6);
  });

  it("a throttled call with the recorded shape while the bucket is full", async () => {
    const shop = await startPushShop({ kind: "throttled" });
    const reply = await push(shop, "k");
    expect([reply.status, reply.errors?.[0]?.message, reply.cost?.actualQueryCost]).toEqual([200, "Throttled", null]);
    expect(reply.cost?.throttleStatus["currentlyAvailable"]).toBe(2000);
    expect(available(shop)).toBe(5);
  });

  it("a user error of one's choice; a failed one burns the key, another does not", async () => {
    const shop = await startPushShop(
      { kind: "user_error", code: "SERVICE_UNAVAILABLE" },
      { kind: "user_error", code: "ADJUST_QUANTITIES_FAILED" },
      // A code that the mutation does not know changes nothing.
      { kind: "user_error", code: "MOVE_QUANTITIES_FAILED" },
    );
    const codes = async (key: string): Promise<unknown> =>
      (Object.values((await push(shop, key)).data ?? {})[0] as { userErrors: { code: string }[] }).userErrors.map(
        (error) => error.code,
      );
    expect(await codes("k1")).toEqual(["SERVICE_UNAVAILABLE"]);
    expect(await codes("k2")).toEqual(["ADJUST_QUANTITIES_FAILED"]);
    expect(await codes("k3")).toEqual([]);
    expect(available(shop)).toBe(6);
    expect(await codes("k1")).toEqual([]);
    expect(await codes("k2")).toEqual(["IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED"]);
    expect(available(shop)).toBe(7);
  });

  it("planned for queries strikes queries alone", async () => {
    const shop = await startPushShop();
    shop.simulator.planNextQueries({ kind: "http_error", status: 500, isApplied: false }, { kind: "lost_request" });
    expect((await push(shop, "k")).status).toBe(200);
    expect((await callGraphql(shop.simulator, QUERY)).status).toBe(500);
    await expect(callGraphql(shop.simulator, QUERY)).rejects.toThrow();
    expect((await callGraphql(shop.simulator, QUERY)).status).toBe(200);
  });

  it("planned fates strike mutations alone, in order, and then things are normal", async () => {
    const shop = await startPushShop({ kind: "http_error", status: 429, isApplied: false });
    expect((await callGraphql(shop.simulator, QUERY)).status).toBe(200);
    const limited = await push(shop, "k");
    expect([limited.status, limited.headers.get("retry-after")]).toEqual([429, "1.0"]);
    expect((await push(shop, "k")).status).toBe(200);
  });
});

describe("standing faults", () => {
  it("an outage answers everything with its status until it is lifted", async () => {
    const shop = await startPushShop();
    shop.simulator.startOutage(400);
    expect((await callGraphql(shop.simulator, QUERY)).status).toBe(503);
    expect((await push(shop, "k")).status).toBe(503);
    const token = await fetch(`${shop.simulator.url}/admin/oauth/access_token`, { method: "POST" });
    expect(token.status).toBe(503);
    expect(available(shop)).toBe(5);
    await new Promise((resolve) => setTimeout(resolve, 450));
    expect((await callGraphql(shop.simulator, QUERY)).status).toBe(200);
  });

  it("a frozen shop is 402", async () => {
    const shop = await startPushShop();
    shop.simulator.faults = { graphql: { outageStatus: 402 } };
    const reply = await callGraphql(shop.simulator, QUERY);
    expect([reply.status, reply.body]).toEqual([402, { errors: "Unavailable Shop" }]);
  });

  it("strike at their rate, the same calls for the same seed, and mutations only where that is asked", async () => {
    const outcomes = async (): Promise<number[]> => {
      const shop = await startSmallShop({
        seed: 5,
        faults: { graphql: { target: "mutations", rateLimitedRate: 0.5 } },
      });
      shop.addItem("A-1", [5, 0]);
      const statuses: number[] = [];
      for (let index = 0; index < 20; index++) statuses.push((await push(shop, `k${index}`)).status);
      for (let index = 0; index < 20; index++) expect((await callGraphql(shop.simulator, QUERY)).status).toBe(200);
      return statuses;
    };
    const first = await outcomes();
    expect(await outcomes()).toEqual(first);
    expect(first.filter((status) => status === 429).length).toBeGreaterThan(4);
    expect(first.filter((status) => status === 200).length).toBeGreaterThan(4);
  });

  it("latency lets the echo overtake the response", async () => {
    const shop = await startSmallShop({ levelWindowMs: 0, faults: { graphql: { latencyMs: [600, 600] } } });
    shop.addItem("A-1", [5, 0]);
    const catcher = await startCatcher();
    subscribe(shop.simulator, catcher, "INVENTORY_LEVELS_UPDATE");
    let answered = false;
    const answer = push(shop, "k").then(() => {
      answered = true;
    });
    while (catcher.caught.length === 0) await new Promise((resolve) => setTimeout(resolve, 2));
    expect(answered).toBe(false);
    await answer;
  });

  it("refuse a misspelt name instead of ignoring it", async () => {
    const shop = await startPushShop();
    expect(() => shop.simulator.patchFaults({ graphql: { lostResponsRate: 1 } as never })).toThrow();
    expect(() => shop.simulator.patchFaults({ webhook: { dropRate: 1 } } as never)).toThrow();
  });

  it("are replaced by an assignment and merged by a patch", async () => {
    const { simulator } = await startPushShop();
    simulator.faults = { webhooks: { dropRate: 0.1 }, graphql: { throttledRate: 0.2 } };
    simulator.patchFaults({ graphql: { lostResponseRate: 0.3 } });
    expect([simulator.faults.graphql.throttledRate, simulator.faults.graphql.lostResponseRate]).toEqual([0.2, 0.3]);
    simulator.faults = {};
    expect(simulator.faults).toMatchObject({
      webhooks: { dropRate: 0 },
      graphql: { throttledRate: 0, lostResponseRate: 0 },
    });
  });
});

describe("webhook faults", () => {
  it("duplicate a delivery under the same webhook id", async () => {
    const shop = await startSmallShop({ faults: { webhooks: { duplicateRate: 1 } } });
    shop.addItem("A-1", [5, 0]);
    const catcher = await startCatcher();
    subscribe(shop.simulator, catcher, "INVENTORY_LEVELS_UPDATE");
    shop.simulator.editLevel({ sku: "A-1" }, shop.near.id, { delta: 1 });
    await shop.simulator.idle();
    const ids = catcher.caught.map((each) => each.headers["x-shopify-webhook-id"]);
    expect(ids).toHaveLength(2);
    expect(ids[0]).toBe(ids[1]);
    expect(shop.simulator.stats().webhooks).toMatchObject({ submitted: 1, duplicated: 1, delivered: 2 });
  });

  it("drop one topic and leave the others, for ever", async () => {
    const shop = await startSmallShop({ faults: { webhooks: { dropRate: { "inventory_levels/update": 1 } } } });
    shop.addItem("A-1", [5, 0]);
    const catcher = await startCatcher();
    subscribe(shop.simulator, catcher, "ORDERS_CREATE", "INVENTORY_LEVELS_UPDATE");
    shop.simulator.createOrder({ lines: [{ sku: "A-1", quantity: 1 }] });
    await shop.simulator.idle();
    expect(catcher.caught.map((each) => each.topic)).toEqual(["orders/create"]);
    expect(shop.simulator.stats().webhooks.dropped).toBe(1);
  });

  it("hold some back, so that later ones overtake them", async () => {
    const shop = await startSmallShop({
      levelWindowMs: 0,
      seed: 3,
      faults: { webhooks: { reorderRate: 0.5, reorderHoldMs: 40 } },
    });
    shop.addItem("A-1", [100, 0]);
    const catcher = await startCatcher();
    subscribe(shop.simulator, catcher, "INVENTORY_LEVELS_UPDATE");
    for (let index = 0; index < 20; index++) shop.simulator.editLevel({ sku: "A-1" }, shop.near.id, { delta: -1 });
    await shop.simulator.idle();
    const seen = catcher.bodies("inventory_levels/update").map((body) => Number(body["available"]));
    expect([...seen].sort((one, other) => other - one)).toEqual(Array.from({ length: 20 }, (_, index) => 99 - index));
    const overtaken = seen.filter((value, index) => seen.slice(0, index).some((earlier) => earlier < value));
    expect(overtaken.length).toBeGreaterThan(0);
    expect(shop.simulator.stats().webhooks.reordered).toBeGreaterThan(0);
  });

  it("delay a delivery", async () => {
    const shop = await startSmallShop({ faults: { webhooks: { delayMs: [300, 300] } } });
    shop.addItem("A-1", [5, 0]);
    const catcher = await startCatcher();
    subscribe(shop.simulator, catcher, "ORDERS_CREATE");
    shop.simulator.createOrder({ lines: [{ sku: "A-1", quantity: 1 }] });
    await new Promise((resolve) => setTimeout(resolve, 25));
    expect(catcher.caught).toEqual([]);
    await shop.simulator.idle();
    expect(catcher.caught).toHaveLength(1);
  });

  it("stop deliveries: held ones come when the stop is lifted, lost ones never", async () => {
    const shop = await startSmallShop({ faults: { webhooks: { stopped: "hold" } } });
    shop.addItem("A-1", [5, 0]);
    const catcher = await startCatcher();
    subscribe(shop.simulator, catcher, "ORDERS_CREATE");
    const buy = (): unknown => shop.simulator.createOrder({ lines: [{ sku: "A-1", quantity: 1 }] });
    buy();
    await shop.simulator.idle();
    expect([catcher.caught.length, shop.simulator.stats().webhooks.held]).toEqual([0, 1]);
    shop.simulator.patchFaults({ webhooks: { stopped: "lose" } });
    buy();
    await shop.simulator.idle();
    expect([catcher.caught.length, shop.simulator.stats().webhooks.dropped]).toEqual([1, 1]);
  });

  it("shift stamps: levels by jitter, orders by skew", async () => {
    const nowMs = Date.parse("2026-11-22T14:00:30Z");
    const shop = await startSmallShop({
      now: () => nowMs,
      levelWindowMs: 0,
      faults: { stamps: { levelJitterMs: 5_000, orderSkewMs: 3_000 } },
    });
    shop.addItem("A-1", [100, 0]);
    const catcher = await startCatcher();
    subscribe(shop.simulator, catcher, "ORDERS_CREATE", "INVENTORY_LEVELS_UPDATE");
    for (let index = 0; index < 20; index++) shop.simulator.createOrder({ lines: [{ sku: "A-1", quantity: 1 }] });
    await shop.simulator.idle();
    const seconds = (topic: string, field: string): number[] =>
      catcher.bodies(topic).map((body) => (Date.parse(String(body[field])) - nowMs) / 1000);
    const levels = seconds("inventory_levels/update", "updated_at");
    const orders = seconds("orders/create", "created_at");
    expect(Math.min(...levels)).toBeLessThan(0);
    expect(Math.max(...levels)).toBeGreaterThan(0);
    expect(Math.max(...levels.map(Math.abs))).toBeLessThanOrEqual(5);
    expect(new Set(orders).size).toBeGreaterThan(1);
    for (const second of orders) expect(second >= -3 && second <= 0).toBe(true);
  });
});
