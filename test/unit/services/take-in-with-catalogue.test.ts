/** Events through the real catalogue: what an isolate remembers may cost no event its count. */
import { beforeEach, expect, it } from "vitest";
import type { CounterEvent } from "../../../src/domain/counter/counter-event.ts";
import { fromStore, type ShopDomain, type SkuId, type VariantId } from "../../../src/domain/ids.ts";
import type { LevelsView } from "../../../src/domain/levels-view.ts";
import type { LevelEvent, OrderEvent, StockEvent } from "../../../src/domain/shop-event.ts";
import type { Catalogue } from "../../../src/services/catalogue.ts";
import type { Counters } from "../../../src/services/counter-contract.ts";
import { takeInEvents } from "../../../src/services/take-in-events.ts";
import { d1Catalogue, newCatalogueCache } from "../../../src/store/d1-catalogue.ts";
import { SqliteD1 } from "../../support/d1/sqlite-d1.ts";

const SHOP = fromStore<ShopDomain>("a.myshopify.com");

let d1: SqliteD1;
let nowMs: number;
let catalogue: Catalogue;
let told: string[];
beforeEach(() => {
  d1 = new SqliteD1();
  nowMs = 1_000;
  catalogue = d1Catalogue(d1.db, newCatalogueCache(60_000, 100), 20, () => nowMs);
  told = [];
});

const counters = {
  of: (skuId: SkuId) => ({
    apply: async (events: readonly CounterEvent[]) => {
      told.push(...events.map(({ kind }) => `${skuId} ${kind}`));
      return { kind: "applied", outcomes: events.map(() => ({ kind: "noted" })), view: {} as LevelsView };
    },
  }),
} as unknown as Counters;

async function takeIn(event: StockEvent): Promise<string> {
  const incoming = [{ shop: SHOP, correlationId: fromStore<never>("c"), event }];
  const { verdicts } = await takeInEvents(incoming, { catalogue, counters, callsMax: 9, callMsMax: 1_000 });
  return verdicts[0]?.kind ?? "none";
}

function importItem(status: "active" | "blank_sku", sku: string): void {
  const { database } = d1;
  if (status === "active") database.prepare("INSERT INTO skus VALUES ('id-1', ?, 0)").run(sku);
  database
    .prepare("INSERT OR REPLACE INTO listings VALUES (?, '1', '1', NULL, ?, ?, ?, 'title', 0)")
    .run(SHOP, status === "active" ? "id-1" : null, sku, status);
}
function importLocation(id: string): void {
  d1.database.prepare("INSERT INTO locations VALUES (?, 'name', 0)").run(id);
  d1.database.prepare("INSERT INTO shop_locations VALUES (?, ?, ?, 1, '', 0)").run(SHOP, id, id);
}

const level = (location: string): LevelEvent => ({
  kind: "level",
  item: fromStore("1"),
  location: fromStore(location),
  available: 4,
  atMs: 3,
});
const order: OrderEvent = {
  kind: "order",
  topic: "orders/create",
  orderId: "o",
  createdAtMs: 5,
  location: null,
  lines: [{ lineId: "l", variantId: fromStore<VariantId>("1"), sku: "", quantity: 1, fulfilled: false, skip: null }],
  restocks: [],
};

it("counts the level of an item that had no SKU a moment ago, when the import has connected it since", async () => {
  importLocation("11");
  importItem("blank_sku", "");
  expect(await takeIn(level("11"))).toBe("done");
  expect(told).toEqual([]);
  importItem("active", "ONE");
  expect(await takeIn(level("11"))).toBe("done");
  expect(told).toEqual(["id-1 snapshot"]);
});

it("counts the level at a location that was imported a moment ago", async () => {
  importLocation("11");
  importItem("active", "ONE");
  await takeIn(level("11"));
  importLocation("22");
  expect(await takeIn(level("22"))).toBe("done");
  expect(told).toEqual(["id-1 snapshot", "id-1 snapshot"]);
});

it("counts orders and levels while D1 has been away for ten minutes", async () => {
  importLocation("11");
  importItem("active", "ONE");
  await takeIn(order);
  await takeIn(level("11"));
  d1.state = "away";
  nowMs += 10 * 60_000;
  expect([await takeIn(order), await takeIn(level("11"))]).toEqual(["done", "done"]);
  expect(told).toHaveLength(4);
  // Of a place that it has never heard of it cannot say whether it is unknown: the message comes again.
  expect(await takeIn(level("22"))).toBe("retry");
});
