import { describe, expect, it } from "vitest";
import { call } from "./support/api.ts";
import { stock } from "./support/catalogue.ts";
import { HERE, SHOP, THERE } from "./support/counters.ts";
import { handOver, message } from "./support/queue.ts";
import { until } from "./support/until.ts";
import { deliver, levelBody, orderBody } from "./support/webhooks.ts";

const letters = async (query: string) =>
  (await call("GET", `/v1/dead-letters?${query}`)).body["deadLetters"] as Record<string, unknown>[];
const NOW = new Date().toISOString();

describe("order and level events", () => {
  it("counts what it knows of an order and keeps the unknown line as a dead letter that names it", async () => {
    const { counter } = await stock("EV-1", "901", 10);
    const body = orderBody("5001", [
      { id: "1", variant: "901", quantity: 3 },
      { id: "2", variant: "99999", quantity: 1, sku: "GONE" },
    ]);
    await deliver({ topic: "orders/create", body, headers: { "x-shopify-event-id": "order-with-unknown-line" } });
    await until(
      () => counter.levels(),
      (levels) => levels?.available === 7,
    );
    const [letter] = await until(
      () => letters("correlationId=order-with-unknown-line"),
      (found) => found.length === 1,
    );
    expect(letter).toMatchObject({
      code: "unknown_variant",
      subject: "variant 99999 (SKU GONE)",
      queue: "onhand-events",
      topic: "orders/create",
      shop: SHOP,
      status: "waiting",
    });
    const { body: whole } = await call("GET", `/v1/dead-letters/${letter?.["id"]}`);
    expect(whole["payload"]).toMatchObject({ data: { orderId: "5001", lines: [{ lineId: "2", variantId: "99999" }] } });
  });

  it("replays a dead letter that counts once, however often", async () => {
    const body = orderBody(
      "5002",
      [{ id: "1", variant: "902", quantity: 2 }],
      new Date(Date.now() + 5_000).toISOString(),
    );
    await deliver({ topic: "orders/create", body, headers: { "x-shopify-event-id": "order-before-import" } });
    const [letter] = await until(
      () => letters("correlationId=order-before-import"),
      (found) => found.length === 1,
    );
    const { counter } = await stock("EV-2", "902", 10);
    for (let i = 1; i <= 3; i += 1) {
      const { status, body: answer } = await call("POST", `/v1/dead-letters/${letter?.["id"]}/replay`);
      expect([status, answer]).toEqual([202, { id: letter?.["id"], status: "replayed", replays: i }]);
    }
    await until(
      () => counter.levels(),
      (levels) => levels?.available === 8,
    );
    expect(await letters("correlationId=order-before-import")).toMatchObject([
      { status: "replayed", replays: 3, deaths: 1 },
    ]);
    expect(await counter.levels()).toMatchObject({ available: 8 });
  });

  it("brings a letter back when its replay fails again, newest error first", async () => {
    const body = orderBody("5003", [{ id: "1", variant: "98765", quantity: 1 }]);
    await deliver({ topic: "orders/create", body, headers: { "x-shopify-event-id": "order-stays-unknown" } });
    const [letter] = await until(
      () => letters("correlationId=order-stays-unknown"),
      (found) => found.length === 1,
    );
    await call("POST", `/v1/dead-letters/${letter?.["id"]}/replay`);
    const [again] = await until(
      () => letters("correlationId=order-stays-unknown"),
      (found) => found[0]?.["deaths"] === 2,
    );
    expect(again).toMatchObject({
      status: "waiting",
      replays: 1,
      deaths: 2,
      errors: [{ code: "unknown_variant" }, { code: "unknown_variant" }],
    });
  });

  it("names the unknown location of a level, and the unknown item of another", async () => {
    await stock("EV-4", "904", 1);
    const headers = (id: string) => ({ "x-shopify-event-id": id });
    await deliver({
      topic: "inventory_levels/update",
      body: levelBody("904", "777777", 4, NOW),
      headers: headers("level-unknown-location"),
    });
    await deliver({
      topic: "inventory_levels/update",
      body: levelBody("888888", HERE, 4, NOW),
      headers: headers("level-unknown-item"),
    });
    expect(
      await until(
        () => letters("correlationId=level-unknown-location"),
        (found) => found.length === 1,
      ),
    ).toMatchObject([{ code: "unknown_location", subject: "location 777777" }]);
    expect(
      await until(
        () => letters("correlationId=level-unknown-item"),
        (found) => found.length === 1,
      ),
    ).toMatchObject([{ code: "unknown_item", subject: "inventory item 888888" }]);
  });

  it("finds a line by its SKU when its variant is new", async () => {
    const { counter } = await stock("EV-5", "905", 6);
    await deliver({
      topic: "orders/create",
      body: orderBody("5005", [{ id: "1", variant: "123123", quantity: 1, sku: " EV-5 " }]),
    });
    await until(
      () => counter.levels(),
      (levels) => levels?.available === 5,
    );
  });

  it("counts a cancellation's restock once, though orders/cancelled and refunds/create both carry it", async () => {
    const { counter } = await stock("EV-6", "906", 10);
    const soldAt = new Date(Date.now() - 2_000).toISOString();
    const line = { id: "61", variant: "906", quantity: 4 };
    const refund = `{"id":66,"order_id":5006,"created_at":"${NOW}","refund_line_items":[{"id":660,"line_item_id":61,"quantity":4,"restock_type":"cancel","location_id":${HERE},"line_item":{"id":61,"variant_id":906,"sku":"EV-6","quantity":4,"variant_inventory_management":"shopify"}}]}`;
    // The cancellation overtakes its order: it asserts the sale itself, so no stock is invented.
    await deliver({
      topic: "orders/cancelled",
      body: orderBody("5006", [line], soldAt).replace('"refunds":[]', `"refunds":[${refund}]`),
    });
    await deliver({ topic: "refunds/create", body: refund });
    await deliver({ topic: "orders/create", body: orderBody("5006", [line], soldAt) });
    await until(
      () => counter.levels(),
      (levels) => levels?.available === 6,
    );
    expect(await counter.levels()).toMatchObject({ available: 6, floor: 6 });
    // Newer levels, which contain both, prove that everything came back.
    const later = new Date(Date.now() + 20_000).toISOString();
    await deliver({ topic: "inventory_levels/update", body: levelBody("906", HERE, 10, later) });
    await deliver({ topic: "inventory_levels/update", body: levelBody("906", THERE, 0, later) });
    expect(
      await until(
        () => counter.levels(),
        (levels) => levels?.available === 10,
      ),
    ).toMatchObject({ available: 10, onHand: 10, committed: 0 });
  });

  it("adopts a level at a location where the item was not stocked before", async () => {
    const { counter } = await stock("EV-7", "907", 5);
    await deliver({ topic: "inventory_levels/update", body: levelBody("907", THERE, 2, NOW) });
    await until(
      () => counter.levels(),
      (levels) => levels?.available === 7,
    );
  });

  it("makes one dead letter of a message that no version could read, and spends no tries on it", async () => {
    const answer = await handOver("onhand-events", message("poison-1", { v: 7, hello: "future" }));
    expect(answer).toMatchObject({ outcome: "ok", explicitAcks: ["poison-1"], retryMessages: [] });
    expect(await letters("code=unreadable")).toMatchObject([{ eventId: "poison-1", queue: "onhand-events" }]);
  });
});
