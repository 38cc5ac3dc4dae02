/** Items that were stocked nowhere when they were imported: their counters begin with the first level that is told. */
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { call } from "./support/api.ts";
import { list, stock } from "./support/catalogue.ts";
import { HERE, SHOP, THERE } from "./support/counters.ts";
import { handOver, message } from "./support/queue.ts";
import { until } from "./support/until.ts";
import { deliver, levelBody, orderBody } from "./support/webhooks.ts";

const SECOND = "second-shop.myshopify.com";
const at = (seconds: number) => new Date(Date.UTC(2026, 10, 20, 12, 0, seconds)).toISOString();
const waiting = async () => (await call("GET", "/v1/dead-letters?status=waiting")).body["deadLetters"];

/** As the receiver puts it on the queue. */
const told = (item: string, location: string, available: number, atMs: string, shop: string = SHOP) => ({
  v: 1,
  id: `level-${item}-${location}-${atMs}`,
  correlationId: `level-${item}-${location}`,
  channel: { type: "shopify", shop },
  kind: "inventory_levels/update",
  occurredAt: Date.parse(atMs),
  receivedAt: Date.now(),
  data: { kind: "level", item, location, available, atMs: Date.parse(atMs) },
});

describe("an item that was imported without levels", () => {
  it("is connected by the first level that is told, and its orders are counted from then on", async () => {
    const { counter } = await list("NEWS-1", "971");
    await deliver({ topic: "inventory_levels/update", body: levelBody("971", HERE, 12, at(0)) });
    await until(
      () => counter.levels(),
      (levels) => levels?.available === 12,
    );
    const order = orderBody("7001", [{ id: "1", variant: "971", quantity: 2 }], at(30));
    await deliver({ topic: "orders/create", body: order });
    await until(
      () => counter.levels(),
      (levels) => levels?.available === 10,
    );
    await deliver({ topic: "inventory_levels/update", body: levelBody("971", THERE, 3, at(40)) });
    await until(
      () => counter.levels(),
      (levels) => levels?.available === 13,
    );
    expect((await counter.levels())?.sku).toBe("NEWS-1");
    expect(await waiting()).toEqual([]);
  });

  it("adopts the newest of several levels in one batch, and tells the others as news", async () => {
    const { counter } = await list("NEWS-2", "972");
    const settled = await handOver(
      "onhand-events",
      message("first", told("972", HERE, 9, at(0))),
      message("second", told("972", HERE, 7, at(5))),
      message("third", told("972", THERE, 1, at(5))),
    );
    expect(settled.retryMessages).toEqual([]);
    expect((await counter.levels())?.available).toBe(8);
  });

  it("joins the counter that another shop's listing has begun already", async () => {
    const { counter, skuId } = await stock("NEWS-3", "973", 4);
    await env.DB.batch([
      env.DB.prepare("INSERT INTO locations (location_id, name, position) VALUES ('88', 'Second', 88)"),
      env.DB.prepare(
        "INSERT INTO shop_locations (shop, shop_location_id, location_id, is_active) VALUES (?, '88', '88', 1)",
      ).bind(SECOND),
      env.DB.prepare(
        "INSERT INTO listings (shop, variant_id, inventory_item_id, sku_id, sku_text, status, title, imported_at_ms) VALUES (?, '974', '974', ?, 'NEWS-3', 'active', '', 0)",
      ).bind(SECOND, skuId),
    ]);
    const settled = await handOver("onhand-events", message("joined", told("974", "88", 6, at(0), SECOND)));
    expect(settled.retryMessages).toEqual([]);
    expect((await counter.levels())?.available).toBe(10);
  });

  it("is a dead letter where another listing supplies that location: trying again would not help", async () => {
    const { counter, skuId } = await stock("NEWS-4", "975", 4);
    await env.DB.prepare(
      "INSERT INTO listings (shop, variant_id, inventory_item_id, sku_id, sku_text, status, title, imported_at_ms) VALUES (?, '976', '976', ?, 'NEWS-4', 'active', '', 0)",
    )
      .bind(SHOP, skuId)
      .run();
    const settled = await handOver("onhand-events", message("foreign", told("976", HERE, 6, at(0))));
    expect(settled.retryMessages).toEqual([]);
    expect(await waiting()).toMatchObject([{ code: "unknown_level" }]);
    expect((await counter.levels())?.available).toBe(4);
  });

  it("is not connected by news that come when the catalogue has given it up meanwhile", async () => {
    const { counter } = await list("NEWS-5", "978");
    // The isolate remembers the listing; the catalogue does not know it any more.
    await handOver("onhand-events", message("cached", told("978", "999999", 6, at(0))));
    await env.DB.prepare("DELETE FROM listings WHERE inventory_item_id = '978'").run();
    const settled = await handOver("onhand-events", message("late", told("978", HERE, 6, at(0))));
    expect(settled.retryMessages).toHaveLength(1);
    expect(await counter.levels()).toBeNull();
  });
});
