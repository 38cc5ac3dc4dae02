/** A SKU changes hands: the operator's release, and the import that gives it to another item. */

import { evictDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import type { CounterEvent } from "../../src/domain/counter/counter-event.ts";
import { fromStore, type InventoryItemId, listingIdOf, type ShopLocationId } from "../../src/domain/ids.ts";
import { importPage, type SourceItem } from "../../src/services/import-catalogue.ts";
import { adjust, call } from "./support/api.ts";
import { stock } from "./support/catalogue.ts";
import { counterOf, HERE, OPENED_MS, order, SHOP, snapshot, stubOf, THERE } from "./support/counters.ts";
import { AS_IT_IS, importDeps } from "./support/import.ts";
import { handOver, message } from "./support/queue.ts";

/** Imports one page of items, all at HERE. @returns its findings */
async function importItems(...given: readonly (readonly [id: string, sku: string, available: number])[]) {
  const items = given.map(
    ([id, sku, available]): SourceItem => ({
      id: fromStore<InventoryItemId>(id),
      sku,
      isTracked: true,
      variants: [{ id: fromStore(id), title: sku, isGiftCard: false, isBundleParent: false }],
      levels: [{ location: fromStore<ShopLocationId>(HERE), available, committed: 0, atMs: OPENED_MS + 60_000 }],
    }),
  );
  const deps = importDeps({
    locations: async () => ({ kind: "ok", value: [] }),
    items: async () => ({ kind: "ok", value: { items, nextCursor: null } }),
  });
  const page = await importPage(SHOP, "on", AS_IT_IS, fromStore("test-import"), deps);
  if (page.kind !== "page") throw new Error(JSON.stringify(page));
  return page.findings.map(({ kind, sku }) => `${kind}: ${sku}`);
}

const release = (item: string, sku: string) => call("POST", `/v1/shops/${SHOP}/listings/${item}/release`, { sku });
const skuIdOf = async (sku: string) =>
  (await env.DB.prepare("SELECT sku_id FROM sku_aliases WHERE sku = ?").bind(sku).first<{ sku_id: string }>())
    ?.sku_id ?? "";

/** Σ of all movements per location is the ledger, whatever happened. */
async function proveBooks(skuId: string) {
  const counter = counterOf(skuId);
  const { movements } = await counter.movements({ beforeSeq: null, limit: 200 });
  const sums = new Map<string, number>();
  for (const { locationId, delta } of movements) sums.set(locationId, (sums.get(locationId) ?? 0) + delta);
  for (const { locationId, ledger } of (await counter.levels())?.locations ?? [])
    expect([locationId, sums.get(locationId) ?? 0]).toEqual([locationId, ledger]);
}

describe("a product that was deleted and made again with its SKU", () => {
  it("takes over the counter of its SKU, with its history, and its units are counted once", async () => {
    const { skuId, counter } = await stock("HANDS-1", "811", 10, 4);
    await adjust("HANDS-1", { delta: -3, locationId: HERE }, "sale-before");
    expect(await importItems(["812", "HANDS-1", 7])).toEqual(["duplicate_sku: HANDS-1"]);
    const { status, body } = await release("811", "HANDS-1");
    expect([status, body]).toMatchObject([200, { released: "listing", levels: { available: 0, floor: 0 } }]);
    expect((await adjust("HANDS-1", { delta: -1 })).status).toBe(409);
    await proveBooks(skuId);
    await evictDurableObject(stubOf(skuId));
    expect(await importItems(["812", "HANDS-1", 7])).toEqual([]);
    expect(await counter.levels()).toMatchObject({ sku: "HANDS-1", available: 7 });
    await proveBooks(skuId);
    // The till's retry of a sale from before is still the same sale.
    expect((await adjust("HANDS-1", { delta: -3, locationId: HERE }, "sale-before")).status).toBe(200);
    expect((await counter.levels())?.available).toBe(7);
  });

  it("is its item again when that is imported after all: nothing collides, nothing is doubled", async () => {
    const { skuId, counter } = await stock("HANDS-2", "821", 5);
    for (let round = 1; round <= 3; round += 1) {
      await release("821", "HANDS-2");
      expect((await counter.levels())?.available).toBe(0);
      expect(await importItems(["821", "HANDS-2", 5])).toEqual([]);
      expect((await counter.levels())?.available).toBe(5);
    }
    await proveBooks(skuId);
  });

  it("keeps its books in order when a level was in doubt, an order open and a push under way", async () => {
    const { skuId, counter } = await stock("HANDS-8", "825", 10, 4);
    await adjust("HANDS-8", { delta: -3, locationId: HERE });
    const [push] = (await counter.takeWork(SHOP)).pushes;
    const listingId = listingIdOf(SHOP, fromStore("825"));
    await counter.apply([
      { ...order("825-1", 2), listingId },
      { ...snapshot(HERE, 5, OPENED_MS + 60_000), listingId },
    ] as readonly CounterEvent[]);
    expect((await counter.levels())?.locations[0]?.doubt).toBeGreaterThan(0);
    await release("825", "HANDS-8");
    expect(await counter.levels()).toMatchObject({ available: 0, floor: 0, committed: 0 });
    await proveBooks(skuId);
    // What was under way comes home to nobody.
    if (push === undefined) throw new Error("nothing was pushed");
    const { pushKey } = push;
    await counter.gateResults({
      pushes: [{ kind: "applied", pushKey, listingId, atMs: Date.now(), after: [] }],
      reads: [],
    });
    expect((await counter.levels())?.available).toBe(0);
    expect((await counter.takeWork(SHOP)).pushes).toEqual([]);
    await evictDurableObject(stubOf(skuId));
    expect((await counter.levels())?.available).toBe(0);
    await proveBooks(skuId);
  });

  it("leaves what another shop's listing supplies in the count", async () => {
    const { skuId, counter } = await stock("HANDS-3", "831", 5);
    await counter.connectListing({
      sku: fromStore("HANDS-3"),
      listingId: fromStore("second-shop.myshopify.com/1"),
      levels: [{ locationId: fromStore("33"), shopLocationId: fromStore("33"), available: 8, committed: 0, atMs: 1 }],
      correlationId: fromStore("second"),
    });
    await release("831", "HANDS-3");
    expect(await counter.levels()).toMatchObject({ available: 8, locations: [{}, {}, { available: 8 }] });
    await proveBooks(skuId);
  });

  it("hears no more of the item that was released: its news become dead letters, and connect nothing", async () => {
    const { counter } = await stock("HANDS-4", "841", 5);
    const level = { kind: "level", item: "841", location: THERE, available: 9, atMs: Date.now() };
    const body = {
      ...{ v: 1, id: "late-841", correlationId: "late-841-news", channel: { type: "shopify", shop: SHOP } },
      ...{ kind: "inventory_levels/update", occurredAt: Date.now(), receivedAt: Date.now(), data: level },
    };
    await handOver("onhand-events", message("before", body)); // the isolate remembers the listing from now on
    await release("841", "HANDS-4");
    const settled = await handOver("onhand-events", message("after", body));
    expect(settled.retryMessages).toHaveLength(1);
    expect((await counter.levels())?.available).toBe(0);
  });
});

describe("a former SKU that is given to a new product", () => {
  it("gets a counter of its own, and the renamed item keeps its own", async () => {
    const { skuId, counter } = await stock("OLD-NAME", "851", 6);
    await importItems(["851", "NEW-NAME", 6]);
    expect(await importItems(["852", "OLD-NAME", 50])).toEqual(["duplicate_sku: OLD-NAME"]);
    expect((await release("851", "OLD-NAME")).body).toEqual({ released: "former_sku", sku: "OLD-NAME" });
    expect(await importItems(["851", "NEW-NAME", 6], ["852", "OLD-NAME", 50])).toEqual([]);
    expect(await counter.levels()).toMatchObject({ sku: "NEW-NAME", available: 6 });
    expect(await skuIdOf("NEW-NAME")).toBe(skuId);
    expect(await skuIdOf("OLD-NAME")).not.toBe(skuId);
    expect(await counterOf(await skuIdOf("OLD-NAME")).levels()).toMatchObject({ sku: "OLD-NAME", available: 50 });
  });
});

describe("a release", () => {
  it("says what is wrong with it, and changes nothing then", async () => {
    const { counter } = await stock("HANDS-5", "861", 5);
    await stock("HANDS-6", "862", 5);
    expect(await release("869", "HANDS-5")).toMatchObject({ status: 404, body: { field: "item" } });
    expect(await release("861", "HANDS-6")).toMatchObject({ status: 409, body: { field: "sku" } });
    expect(await release("861", "NEVER-SEEN")).toMatchObject({ status: 409 });
    expect(await release("86x", "HANDS-5")).toMatchObject({ status: 400, body: { field: "item" } });
    expect(await release("861", " ")).toMatchObject({ status: 400, body: { field: "sku" } });
    expect((await counter.levels())?.available).toBe(5);
  });

  it("of an item whose counter never heard of it frees the SKU as well, and can be repeated when it broke off", async () => {
    const { counter } = await stock("HANDS-7", "871", 5);
    await env.DB.prepare("UPDATE listings SET status = 'duplicate_sku' WHERE inventory_item_id = '871'").run();
    expect((await release("871", "HANDS-7")).status).toBe(200);
    expect((await counter.levels())?.available).toBe(0);
    expect((await release("871", "HANDS-7")).status).toBe(404);
  });
});
