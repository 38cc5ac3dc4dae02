/** A shop's news of its items and locations, against the real catalogue and counters: names and places change, stock does not. */
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { fromStore, type InventoryItemId, type ShopLocationId, type VariantId } from "../../src/domain/ids.ts";
import type { CatalogueEvent } from "../../src/domain/shop-event.ts";
import { type CatalogueNewsDeps, takeInCatalogueNews } from "../../src/services/catalogue-news.ts";
import type { SourceItem } from "../../src/services/import-catalogue.ts";
import { d1Catalogue, newCatalogueCache } from "../../src/store/d1-catalogue.ts";
import { d1Shops } from "../../src/store/d1-shops.ts";
import { call } from "./support/api.ts";
import { list, stock } from "./support/catalogue.ts";
import { counterOf, HERE, OPENED_MS, SHOP, THERE } from "./support/counters.ts";
import { importDeps } from "./support/import.ts";
import { handOver, message } from "./support/queue.ts";
import { until } from "./support/until.ts";
import { deliver, levelBody, orderBody } from "./support/webhooks.ts";

afterEach(() => vi.restoreAllMocks());

const at = (seconds: number) => new Date(Date.UTC(2026, 10, 20, 12, 0, seconds)).toISOString();

/** What Shopify would answer: these items, and no other. */
function depsWith(items: readonly SourceItem[], asked: string[] = []): CatalogueNewsDeps {
  const { writer, counters, mirror, nowMs } = importDeps({} as never);
  return {
    ...{ writer, counters, mirror, nowMs, shops: d1Shops(env.DB) },
    catalogue: d1Catalogue(env.DB, newCatalogueCache(0, 100), 2_000, nowMs),
    sourceOf: () => ({
      async itemsById(ids) {
        asked.push(...ids);
        return { kind: "ok", value: items.filter(({ id }) => ids.includes(id)) };
      },
    }),
    suspend: async () => {},
    log: () => {},
  };
}

const item = (id: string, sku: string | null, available: number, given: Partial<SourceItem> = {}): SourceItem => ({
  id: fromStore<InventoryItemId>(id),
  sku,
  isTracked: true,
  variants: [{ id: fromStore(id), title: `Item ${id}`, isGiftCard: false, isBundleParent: false, productId: `7${id}` }],
  levels: [{ location: fromStore<ShopLocationId>(HERE), available, committed: 0, atMs: OPENED_MS + 60_000 }],
  ...given,
});
const changed = (
  id: string,
  sku: string,
  given: { isTracked?: boolean | null; variantId?: string } = {},
): CatalogueEvent => ({
  kind: "items",
  items: [
    {
      item: fromStore(id),
      variantId: given.variantId === undefined ? null : fromStore<VariantId>(given.variantId),
      sku,
      isTracked: given.isTracked ?? null,
    },
  ],
});
const take = (event: CatalogueEvent, deps: CatalogueNewsDeps) =>
  takeInCatalogueNews({ shop: SHOP, correlationId: fromStore("news-of-a-shop"), eventId: "event-1", event }, deps);
const connect = (state = "connected", mode = "adopt") =>
  env.DB.prepare("INSERT OR REPLACE INTO shops VALUES (?, ?, ?, 0)").bind(SHOP, mode, state).run();
const findings = async () =>
  ((await call("GET", `/v1/shops/${SHOP}/findings`)).body["findings"] as { subject: string; kind: string }[]).map(
    ({ subject, kind }) => `${subject}: ${kind}`,
  );
const statusOf = async (id: string) =>
  (await env.DB.prepare("SELECT status FROM listings WHERE inventory_item_id = ?").bind(id).first<{ status: string }>())
    ?.status;

describe("a renamed SKU", () => {
  it("is a further name of its counter, which keeps its stock and tells the new one", async () => {
    await connect();
    const { skuId, counter } = await stock("NEWS-OLD", "1101", 6);
    expect(await take(changed("1101", "NEWS-NEW"), depsWith([item("1101", "NEWS-NEW", 6)]))).toEqual({ kind: "done" });
    expect(await counter.levels()).toMatchObject({ skuId, sku: "NEWS-NEW", available: 6 });
    for (const sku of ["NEWS-OLD", "NEWS-NEW"])
      expect((await call("GET", `/v1/inventory/${sku}`)).body).toMatchObject({ sku: "NEWS-NEW", available: 6 });
  });

  it("changes nothing when it is told again, or when a sale tells the product as it is: nobody asks Shopify", async () => {
    await connect();
    await stock("NEWS-SAME", "1111", 6);
    const asked: string[] = [];
    await take(changed("1111", "NEWS-SAME", { variantId: "1111" }), depsWith([item("1111", "NEWS-SAME", 6)], asked));
    await take(changed("1111", "NEWS-SAME", { isTracked: true }), depsWith([], asked));
    expect(asked).toEqual([]);
  });

  it("that another counter has already is reported, and the item goes on under its own", async () => {
    await connect();
    await stock("NEWS-TAKEN", "1121", 1);
    const { counter } = await stock("NEWS-MINE", "1122", 2);
    await take(changed("1122", "NEWS-TAKEN"), depsWith([item("1122", "NEWS-TAKEN", 2)]));
    expect(await counter.levels()).toMatchObject({ sku: "NEWS-MINE", available: 2 });
    expect(await findings()).toContain("item 1122: duplicate_sku");
    await take(changed("1122", "NEWS-FREE"), depsWith([item("1122", "NEWS-FREE", 2)]));
    expect(await findings()).not.toContain("item 1122: duplicate_sku");
  });
});

describe("a new variant", () => {
  it("is placed as an import would, and its orders count from then on", async () => {
    await connect();
    await stock("NEWS-BASE", "1130", 1); // brings the locations
    await take(changed("1131", "NEWS-VARIANT", { isTracked: true }), depsWith([item("1131", "NEWS-VARIANT", 9)]));
    await deliver({ topic: "orders/create", body: orderBody("9131", [{ id: "1", variant: "1131", quantity: 2 }]) });
    await until(
      () => call("GET", "/v1/inventory/NEWS-VARIANT"),
      ({ body }) => body["available"] === 7,
    );
  });

  it("of a shop that was never imported, or was disconnected, is left to an operator", async () => {
    await env.DB.prepare("DELETE FROM shops").run();
    const asked: string[] = [];
    await take(changed("1141", "NEWS-EARLY"), depsWith([item("1141", "NEWS-EARLY", 9)], asked));
    await connect("disconnected");
    await take(changed("1141", "NEWS-EARLY"), depsWith([item("1141", "NEWS-EARLY", 9)], asked));
    expect([asked, await statusOf("1141")]).toEqual([[], undefined]);
  });
});

describe("an item that was deleted at Shopify", () => {
  it("retires: its units stay in the count as ours, and what still comes of it is skipped", async () => {
    await connect();
    const { counter } = await stock("NEWS-GONE", "1151", 8);
    const gone = { kind: "item_deleted", item: fromStore<InventoryItemId>("1151") } as const;
    expect(await take(gone, depsWith([]))).toEqual({ kind: "done" });
    expect(await take(gone, depsWith([]))).toEqual({ kind: "done" }); // told twice
    expect([await statusOf("1151"), (await counter.levels())?.available]).toEqual(["retired", 8]);
    const late = {
      ...{ v: 1, id: "late-1151", correlationId: "late-1151-news", channel: { type: "shopify", shop: SHOP } },
      ...{ kind: "inventory_levels/update", occurredAt: Date.now(), receivedAt: Date.now() },
      data: { kind: "level", item: "1151", location: THERE, available: 90, atMs: Date.now() },
    };
    expect((await handOver("onhand-events", message("late", late))).retryMessages).toEqual([]);
    await deliver({ topic: "orders/create", body: orderBody("9151", [{ id: "1", variant: "1151", quantity: 2 }]) });
    await scheduler.wait(300);
    expect((await counter.levels())?.available).toBe(8);
    expect((await call("GET", "/v1/dead-letters?status=waiting")).body["deadLetters"]).toEqual([]);
    expect((await counter.movements({ beforeSeq: null, limit: 9 })).movements).toHaveLength(1); // its opening stock
  });

  it("leaves another listing of the same SKU in the count", async () => {
    await connect();
    const { skuId, counter } = await stock("NEWS-BOTH", "1161", 5);
    await counter.connectListing({
      ...{ sku: fromStore("NEWS-BOTH"), listingId: fromStore("second-shop.myshopify.com/1"), mode: "mirror" },
      levels: [{ locationId: HERE, shopLocationId: fromStore("33"), available: 5, committed: 0, atMs: OPENED_MS }],
      correlationId: fromStore("second"),
    });
    await take({ kind: "item_deleted", item: fromStore("1161") }, depsWith([]));
    expect((await counterOf(skuId).levels())?.available).toBe(5);
    expect((await counter.takeWork(fromStore("second-shop.myshopify.com"))).pushes).toEqual([]);
  });

  it("is found by its product, too, where the news of the item itself was lost", async () => {
    await connect();
    await stock("NEWS-PART", "1170", 1);
    await take(changed("1171", "NEWS-PRODUCT"), depsWith([item("1171", "NEWS-PRODUCT", 4)]));
    expect(await take({ kind: "product_deleted", productId: "71171" }, depsWith([]))).toEqual({ kind: "done" });
    expect([await statusOf("1171"), await statusOf("1170")]).toEqual(["retired", "active"]);
  });

  it("and was made again with its SKU is no opening stock once more: a person says whose units they are", async () => {
    await connect();
    const { counter } = await stock("NEWS-AGAIN", "1181", 8);
    await take({ kind: "item_deleted", item: fromStore("1181") }, depsWith([]));
    await take(changed("1182", "NEWS-AGAIN"), depsWith([item("1182", "NEWS-AGAIN", 8)]));
    expect((await counter.levels())?.available).toBe(8);
    expect(await findings()).toContain("item 1182: foreign_level");
  });
});

describe("an item that turns untracked", () => {
  it("is no stock any more for what Shopify tells of it, and is reported; tills may still sell what is left", async () => {
    await connect();
    const { counter } = await stock("NEWS-UNTRACKED", "1191", 5);
    const untracked = item("1191", "NEWS-UNTRACKED", 0, { isTracked: false });
    await take(changed("1191", "NEWS-UNTRACKED", { isTracked: false }), depsWith([untracked]));
    await deliver({ topic: "inventory_levels/update", body: levelBody("1191", HERE, null, at(5)) });
    await scheduler.wait(200);
    expect((await counter.levels())?.available).toBe(5);
    expect(await findings()).toContain("item 1191: untracked");
  });
});

describe("a location", () => {
  const news = (seconds: number, isActive: boolean, name = "Shop"): CatalogueEvent => ({
    ...{ kind: "location", location: fromStore<ShopLocationId>(THERE), name, isActive, atMs: Date.parse(at(seconds)) },
  });
  const isActive = async () =>
    (await env.DB.prepare("SELECT is_active FROM shop_locations WHERE shop_location_id = ?").bind(THERE).first())?.[
      "is_active"
    ];

  it("that is deactivated is known as such, until it is activated, whatever the order of the news", async () => {
    await connect();
    await list("NEWS-PLACE", "1201");
    await take(news(20, false), depsWith([]));
    await take(news(10, true), depsWith([])); // late
    expect([await isActive(), await findings()]).toEqual([
      0,
      expect.arrayContaining([`location ${THERE}: location_inactive`]),
    ]);
    await take(news(30, true, "Shop 2"), depsWith([]));
    expect([await isActive(), await findings()]).toEqual([
      1,
      expect.not.arrayContaining([`location ${THERE}: location_inactive`]),
    ]);
    const { results } = await env.DB.prepare("SELECT name FROM locations WHERE location_id = ?").bind(THERE).all();
    expect(results).toEqual([{ name: "Shop 2" }]);
  });

  it("that was deleted stays closed", async () => {
    await connect();
    await list("NEWS-PLACE-2", "1202");
    await take({ kind: "location", location: fromStore(THERE), name: null, isActive: false, atMs: null }, depsWith([]));
    await take(news(50, true), depsWith([]));
    expect(await isActive()).toBe(0);
  });
});

describe("a level that Shopify stocks no more", () => {
  it("takes no push, is reported, and is mended when it is stocked again", async () => {
    const { counter } = await stock("NEWS-LEVEL", "1211", 5, 5);
    await deliver({ topic: "inventory_levels/disconnect", body: `{"inventory_item_id":1211,"location_id":${HERE}}` });
    await until(findings, (found) => found.includes(`item 1211 at location ${HERE}: level_disconnected`));
    await counter.apply([
      {
        kind: "movement",
        request: {
          ...{ key: fromStore("till-1211"), fingerprint: "1", locationId: HERE, delta: -1, allowNegative: false },
          cause: {
            reason: "sale",
            reference: null,
            source: "api",
            actor: "till",
            correlationId: fromStore("till-1211"),
          },
          occurredAtMs: Date.now(),
        },
      },
    ]);
    const first = await counter.takeWork(SHOP);
    expect([first.pushes, first.reads.length]).toEqual([[], 1]); // a read says whether it is so
    await deliver({ topic: "inventory_levels/connect", body: levelBody("1211", HERE, 5, at(40)) });
    await until(findings, (found) => !found.includes(`item 1211 at location ${HERE}: level_disconnected`));
  });
});

describe("a fulfilment", () => {
  const shipped = `{"id":81,"order_id":9221,"created_at":"${at(40)}","status":"success","location_id":${HERE},"line_items":[{"id":1,"variant_id":1221,"sku":"","quantity":2,"variant_inventory_management":"shopify"}]}`;

  it("takes its units out of what is committed and on hand, once by both routes, and leaves what is available", async () => {
    const { counter } = await stock("NEWS-SHIP", "1221", 5);
    await deliver({
      topic: "orders/create",
      body: orderBody("9221", [{ id: "1", variant: "1221", quantity: 2 }], at(0)),
    });
    await deliver({ topic: "inventory_levels/update", body: levelBody("1221", HERE, 3, at(1)) });
    await until(
      () => counter.levels(),
      (levels) => levels?.committed === 2 && levels.available === 3,
    );
    await deliver({ topic: "fulfillments/create", body: shipped });
    await deliver({ topic: "orders/fulfilled", body: `{"id":9221,"fulfillments":[${shipped}]}` });
    await until(
      () => counter.levels(),
      (levels) => levels?.committed === 0,
    );
    await scheduler.wait(200);
    expect(await counter.levels()).toMatchObject({ available: 3, committed: 0, onHand: 3 });
    const { movements } = await counter.movements({ beforeSeq: null, limit: 9 });
    expect(movements.filter(({ kind }) => kind === "shipment")).toMatchObject([{ delta: 0, moves: { committed: -2 } }]);
  });
});

describe("a product that is told because it was sold", () => {
  const product = (sku: string) => `{"id":71231,"variants":[{"id":1231,"sku":"${sku}","inventory_item_id":1231}]}`;

  it("is no message at all to an isolate that knows it, and one to an isolate that does not", async () => {
    await stock("NEWS-SOLD", "1231", 5);
    const sent = vi.spyOn(env.EVENTS, "send");
    await deliver({ topic: "products/update", body: product("NEWS-SOLD") });
    expect(sent).toHaveBeenCalledTimes(1);
    await deliver({ topic: "orders/create", body: orderBody("9231", [{ id: "1", variant: "1231", quantity: 1 }]) });
    await until(
      () => call("GET", "/v1/inventory/NEWS-SOLD"),
      ({ body }) => body["available"] === 4,
    );
    await deliver({ topic: "inventory_levels/update", body: levelBody("1231", HERE, 4, at(50)) });
    await scheduler.wait(300);
    sent.mockClear();
    await deliver({ topic: "products/update", body: product("NEWS-SOLD") });
    expect(sent).not.toHaveBeenCalled();
    await deliver({ topic: "products/update", body: product("NEWS-RESOLD") });
    expect(sent).toHaveBeenCalledTimes(1);
  });
});
