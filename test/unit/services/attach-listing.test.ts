/** An item that is given to a SKU: the real catalogue in SQLite, a real counter, and Shopify's levels as told. */
import { beforeEach, describe, expect, it } from "vitest";
import type { CounterDesk } from "../../../durable-objects/counter-desk.ts";
import {
  type CorrelationId,
  fromStore,
  type InventoryItemId,
  listingIdOf,
  type ShopDomain,
  type Sku,
  type SkuId,
  type VariantId,
} from "../../../src/domain/ids.ts";
import { type Attached, attachListing } from "../../../src/services/attach-listing.ts";
import type { Counter } from "../../../src/services/counter-contract.ts";
import type { SourceItem, SourceLevel } from "../../../src/services/import-catalogue.ts";
import { listListings } from "../../../src/services/list-listings.ts";
import { d1Listings } from "../../../src/store/d1-listings.ts";
import { deskOn } from "../../support/counter/desk-on.ts";
import { SqliteD1 } from "../../support/d1/sqlite-d1.ts";

const SHOP = fromStore<ShopDomain>("a.myshopify.com");
const NOW_MS = 1_800_000_000_000;
const correlationId = fromStore<CorrelationId>("c");
const item = (id: string): InventoryItemId => fromStore<InventoryItemId>(id);

let d1: SqliteD1;
let desk: CounterDesk;
let told: Map<string, readonly SourceLevel[]>;
const level = (location: string, available: number): SourceLevel => ({
  ...{ location: fromStore<never>(location), available, committed: 0, atMs: NOW_MS },
});

beforeEach(() => {
  d1 = new SqliteD1();
  told = new Map();
  for (const place of ["11", "22"]) {
    d1.database.prepare("INSERT INTO locations VALUES (?, 'name', ?)").run(place, Number(place));
    d1.database
      .prepare("INSERT INTO shop_locations (shop, shop_location_id, location_id, is_active) VALUES (?, ?, ?, 1)")
      .run(SHOP, place, place);
  }
  d1.database.exec("INSERT INTO skus VALUES ('id-CUP', 'CUP', 0); INSERT INTO sku_aliases VALUES ('CUP', 'id-CUP')");
  list("1", "CUP", "active", "id-CUP");
  let ids = 0;
  desk = deskOn({ skuId: fromStore<SkuId>("id-CUP"), nowMs: () => NOW_MS, newId: () => `id-${++ids}` });
  const levels = [{ locationId: "11", shopLocationId: "11", available: 10, committed: 0, atMs: NOW_MS }] as never;
  desk.connectListing({ sku: fromStore("CUP"), listingId: listingIdOf(SHOP, item("1")), levels, correlationId });
});

function list(id: string, sku: string, status: string, skuId: string | null = null): void {
  d1.database
    .prepare(
      `INSERT INTO listings (shop, variant_id, inventory_item_id, sku_id, sku_text, status, title, imported_at_ms)
       VALUES (?, ?, ?, ?, ?, ?, ?, 0)`,
    )
    .run(SHOP, id, id, skuId, sku, status, `Item ${id}`);
}

function attach(id: string, { sku = "CUP", dryRun = false } = {}): Promise<Attached> {
  const counter = {
    levels: async () => desk.levels(),
    connectListing: async (request: Parameters<CounterDesk["connectListing"]>[0]) => desk.connectListing(request),
  } as unknown as Counter;
  return attachListing(
    { shop: SHOP, item: item(id), sku: fromStore<Sku>(sku), dryRun, correlationId },
    {
      catalogue: {
        skuIds: async (skus) => ({
          skuIds: new Map(skus[0] === "CUP" ? [[fromStore<Sku>("CUP"), fromStore<SkuId>("id-CUP")]] : []),
          fault: null,
        }),
      },
      store: d1Listings(d1.db),
      source: {
        itemsById: async (ids) => ({
          kind: "ok",
          value: ids.flatMap((id): SourceItem[] => {
            const levels = told.get(id);
            return levels === undefined ? [] : [{ id, sku: "CUP", isTracked: true, variants: [], levels }];
          }),
        }),
      },
      counters: { of: () => counter },
      mirror: () => {},
    },
  );
}
const statusOf = (id: string) =>
  d1.database.prepare("SELECT status, sku_id, sku_text FROM listings WHERE variant_id = ?").get(id);

describe("an item that is attached to a SKU", () => {
  it("shows the stock that there is: one pool, whatever its own level said", async () => {
    list("2", "CUP", "duplicate_sku");
    told.set("2", [level("11", 4)]);
    const tried = await attach("2", { dryRun: true });
    const mirrored = { locationId: "11", connection: "mirror", level: 4, ours: 10, delta: 6 };
    expect(tried).toMatchObject({ kind: "attached", levels: [mirrored], view: { available: 10 } });
    expect(statusOf("2")).toMatchObject({ status: "duplicate_sku", sku_id: null });
    expect(await attach("2")).toMatchObject({ kind: "attached", levels: [mirrored], view: { available: 10 } });
    expect(statusOf("2")).toMatchObject({ status: "active", sku_id: "id-CUP" });
    const pushes = desk.takeWork(SHOP).pushes.map(({ listingId, rows }) => [listingId, rows[0]?.delta]);
    expect(pushes).toEqual([[`${SHOP}/2`, 6]]);
  });

  it("brings opening stock where nobody supplies the place, and where somebody does it brings none", async () => {
    list("2", "CUP", "duplicate_sku");
    told.set("2", [level("11", 4), level("22", 7), level("99", 1)]);
    expect(await attach("2")).toMatchObject({
      levels: [{ connection: "mirror" }, { locationId: "22", connection: "adopt", delta: 0 }],
      unknownLocations: ["99"],
      view: { available: 17 },
    });
  });

  it("may be attached again: what is known stays, and a new level is taken in", async () => {
    list("2", "CUP", "duplicate_sku");
    told.set("2", [level("11", 4)]);
    await attach("2");
    told.set("2", [level("11", 4), level("22", 3)]);
    expect(await attach("2")).toMatchObject({
      levels: [{ connection: "known" }, { connection: "adopt" }],
      view: { available: 13 },
    });
  });

  it("without a SKU of its own is counted under the SKU that it was given to", async () => {
    list("2", "", "blank_sku");
    told.set("2", [level("11", 10)]);
    await attach("2");
    expect(statusOf("2")).toMatchObject({ status: "active", sku_text: "CUP" });
  });

  it("sells from the one pool at either item", async () => {
    list("2", "CUP", "duplicate_sku");
    told.set("2", [level("11", 10)]);
    await attach("2");
    const sold = { kind: "snapshot", locationId: "11", shopLocationId: "11", available: 8, atMs: NOW_MS + 5_000 };
    desk.apply([{ ...sold, listingId: listingIdOf(SHOP, item("2")), correlationId } as never]);
    expect(desk.levels()).toMatchObject({ available: 8 });
    // The other item is owed the sale; the one that sold shows it already.
    const pushes = desk.takeWork(SHOP).pushes.map(({ listingId, rows }) => [listingId, rows[0]?.delta]);
    expect(pushes).toEqual([[`${SHOP}/1`, -2]]);
  });

  it("comes back after a release with movements of its own, not those of its first life", async () => {
    list("2", "CUP", "duplicate_sku");
    told.set("2", [level("11", 10)]);
    await attach("2");
    const listingId = listingIdOf(SHOP, item("2"));
    const sold = (available: number, atMs: number) =>
      desk.apply([
        {
          kind: "snapshot",
          listingId,
          locationId: "11",
          shopLocationId: "11",
          available,
          atMs,
          correlationId,
        } as never,
      ]);
    sold(9, NOW_MS + 5_000);
    desk.release(listingId, correlationId);
    d1.database.exec("UPDATE listings SET status = 'duplicate_sku', sku_id = NULL WHERE variant_id = '2'");
    told.set("2", [level("11", 9)]);
    await attach("2");
    sold(7, NOW_MS + 9_000);
    expect(desk.levels()).toMatchObject({ available: 7 });
  });

  it.each<[string, { status?: string; skuId?: string; sku?: string }, object]>([
    ["that nobody imported", { status: "none" }, { kind: "unknown_listing" }],
    ["that is counted elsewhere", { status: "active", skuId: "id-BOWL" }, { kind: "has_counter", isLeaving: false }],
    ["whose release broke off", { skuId: "id-CUP" }, { kind: "has_counter", isLeaving: true }],
    ["that is a bundle", { status: "bundle_parent" }, { kind: "no_stock", status: "bundle_parent" }],
    ["to a SKU that nobody knows", { sku: "NONE" }, { kind: "unknown_sku" }],
  ])("is refused: one %s", async (_, { status = "duplicate_sku", skuId = null, sku = "CUP" }, refusal) => {
    d1.database.exec("INSERT INTO skus VALUES ('id-BOWL', 'BOWL', 0)");
    if (status !== "none") list("2", "CUP", status, skuId);
    told.set("2", [level("11", 4)]);
    expect(await attach("2", { sku })).toMatchObject(refusal);
    expect(desk.levels()).toMatchObject({ available: 10 });
  });

  it("is refused when Shopify no longer knows the item", async () => {
    list("2", "CUP", "duplicate_sku");
    expect(await attach("2")).toEqual({ kind: "unknown_listing" });
  });
});

describe("the report of a shop's listings", () => {
  const report = (filter: Parameters<typeof listListings>[1]["filter"], after: string | null = null, limit = 50) =>
    listListings(
      SHOP,
      { filter, after: after === null ? null : fromStore<VariantId>(after), limit },
      d1Listings(d1.db),
    );

  it("tells what is not counted, why, and who has the SKU", async () => {
    list("2", "CUP", "duplicate_sku");
    list("3", "", "blank_sku");
    list("4", "BOX", "untracked");
    const { listings, counts, next } = await report("unmapped");
    expect(listings).toMatchObject([
      { variantId: "2", item: "2", sku: "CUP", status: "duplicate_sku", countedAs: null, sharesSkuWith: ["1"] },
      { variantId: "3", sku: "", status: "blank_sku", sharesSkuWith: [] },
      { variantId: "4", status: "untracked" },
    ]);
    expect(counts).toEqual({ active: 1, blank_sku: 1, duplicate_sku: 1, untracked: 1 });
    expect(next).toBeNull();
    expect((await report("blank_sku")).listings.map(({ variantId }) => variantId)).toEqual(["3"]);
    expect((await report("active")).listings).toMatchObject([{ countedAs: "CUP" }]);
  });

  it("is told page by page", async () => {
    for (const id of ["2", "3", "4"]) list(id, "", "blank_sku");
    const first = await report("unmapped", null, 2);
    expect([first.listings.map(({ variantId }) => variantId), first.next]).toEqual([["2", "3"], "3"]);
    const second = await report("unmapped", first.next, 2);
    expect([second.listings.map(({ variantId }) => variantId), second.next]).toEqual([["4"], null]);
  });
});
