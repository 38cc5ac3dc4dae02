/** Two shops on one stock, over the real API, catalogue, counters and gates: mapping, dry run, mirror, disconnect, back again. */
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { fromStore, type InventoryItemId, type ShopDomain, type ShopLocationId } from "../../src/domain/ids.ts";
import {
  type ImportOptions,
  type ImportPage,
  importPage,
  type SourceItem,
} from "../../src/services/import-catalogue.ts";
import { gateOf } from "../../src/store/durable-counters.ts";
import { adjust, call } from "./support/api.ts";
import { counterOf, HERE, OPENED_MS, SHOP } from "./support/counters.ts";
import { importDeps } from "./support/import.ts";
import { ScriptedShopify } from "./support/shopify.ts";
import { until } from "./support/until.ts";
import { deliver, levelBody } from "./support/webhooks.ts";

afterEach(() => vi.restoreAllMocks());

const SECOND = fromStore<ShopDomain>("second-shop.myshopify.com");
const ITS_SHELF = fromStore<ShopLocationId>("33");
const at = (seconds: number) => new Date(Date.UTC(2026, 10, 20, 12, 0, seconds)).toISOString();

type Given = readonly (readonly [id: string, sku: string, available: number, location?: string])[];

const itemsOf = (location: string, given: Given): readonly SourceItem[] =>
  given.map(([id, sku, available, at = location]) => ({
    ...{ id: fromStore<InventoryItemId>(id), sku, isTracked: true },
    variants: [{ id: fromStore(id), title: sku, isGiftCard: false, isBundleParent: false }],
    levels: [{ location: fromStore<ShopLocationId>(at), available, committed: 0, atMs: OPENED_MS + 60_000 }],
  }));

/** One page of one shop's catalogue. */
async function run(shop: ShopDomain, location: string, given: Given, options: Partial<ImportOptions> = {}) {
  const deps = importDeps({
    locations: async () => ({
      kind: "ok",
      value: [{ id: fromStore<ShopLocationId>(location), name: `of ${shop}`, isActive: true }],
    }),
    items: async () => ({ kind: "ok", value: { items: itemsOf(location, given), nextCursor: null } }),
  });
  const rejoin = async () => void (await gateOf(env.SHOP_GATE, shop).rejoin());
  return importPage(shop, null, { mode: null, dryRun: false, ...options }, fromStore("import-of-shop"), {
    ...deps,
    rejoin,
  });
}

function pageOf(page: ImportPage): ImportPage & { kind: "page" } {
  if (page.kind !== "page") throw new Error(JSON.stringify(page));
  return page;
}

const levels = async (sku: string) => (await call("GET", `/v1/inventory/${sku}`)).body;
const map = (shopLocationId: string, locationId: string) =>
  call("PUT", `/v1/shops/${SECOND}/locations`, { locations: [{ shopLocationId, locationId }] });
const disconnect = (shop: string, body: object = {}) => call("POST", `/v1/shops/${shop}/disconnect`, body);
const skuIdOf = async (sku: string) =>
  (await env.DB.prepare("SELECT sku_id FROM sku_aliases WHERE sku = ?").bind(sku).first<{ sku_id: string }>())
    ?.sku_id ?? "";
const owedTo = async (shop: ShopDomain, sku: string) => {
  const { pushes } = await counterOf(await skuIdOf(sku)).takeWork(shop);
  return pushes.flatMap(({ rows }) => rows.map(({ location, delta }) => [location, delta]));
};
const rowsOf = async (table: string) =>
  (await env.DB.prepare(`SELECT COUNT(*) AS n FROM ${table}`).first<{ n: number }>())?.n;

/** Both shops sell CUP from one shelf: the first has 10, the second shows 4. */
async function sharedShelf(sku: string, number: string) {
  await run(SHOP, HERE, [[number, sku, 10]]);
  await map(ITS_SHELF, HERE);
  return pageOf(await run(SECOND, ITS_SHELF, [[`${number}9`, sku, 4]], { mode: "mirror" }));
}

describe("a second shop on the same stock", () => {
  it("is shown with every first push before it is connected, and the look changes nothing", async () => {
    await run(SHOP, HERE, [["1301", "PAIR-1", 10]]);
    expect((await map(ITS_SHELF, HERE)).status).toBe(200);
    const before = [await rowsOf("skus"), await rowsOf("listings"), await rowsOf("shops")];
    const given: Given = [
      ["1401", "PAIR-1", 4],
      ["1402", "PAIR-NEW", 7],
    ];
    const look = pageOf(await run(SECOND, ITS_SHELF, given, { mode: "mirror", dryRun: true }));
    expect(look.firstPushes).toEqual([
      {
        sku: "PAIR-1",
        item: "1401",
        shopLocation: "33",
        locationId: HERE,
        connection: "mirror",
        level: 4,
        ours: 10,
        delta: 6,
      },
      {
        sku: "PAIR-NEW",
        item: "1402",
        shopLocation: "33",
        locationId: HERE,
        connection: "adopt",
        level: 7,
        ours: 7,
        delta: 0,
      },
    ]);
    expect([await rowsOf("skus"), await rowsOf("listings"), await rowsOf("shops")]).toEqual(before);
    expect(await levels("PAIR-1")).toMatchObject({ available: 10 });
    expect(await owedTo(SECOND, "PAIR-1")).toEqual([]);
  });

  it("adopts nothing that the first one supplies unless it is told to mirror: the import says so", async () => {
    await run(SHOP, HERE, [["1311", "PAIR-2", 10]]);
    await map(ITS_SHELF, HERE);
    const page = pageOf(await run(SECOND, ITS_SHELF, [["1411", "PAIR-2", 4]], { mode: "adopt" }));
    expect(page.findings.map(({ kind }) => kind)).toEqual(["foreign_level"]);
    expect(page.firstPushes).toMatchObject([{ connection: "refused", delta: 0 }]);
    expect(await levels("PAIR-2")).toMatchObject({ available: 10 });
  });

  it("shows our stock once it mirrors, and hears of the first one's sales as the first one hears of its own", async () => {
    const { firstPushes } = await sharedShelf("PAIR-3", "1321");
    expect(firstPushes).toMatchObject([{ connection: "mirror", level: 4, ours: 10, delta: 6 }]);
    expect(await owedTo(SECOND, "PAIR-3")).toEqual([["33", 6]]);
    await deliver({ topic: "inventory_levels/update", body: levelBody("1321", HERE, 8, at(0)) });
    await until(
      () => levels("PAIR-3"),
      ({ available }) => available === 8,
    );
    await deliver({ topic: "inventory_levels/update", shop: SECOND, body: levelBody("13219", ITS_SHELF, 3, at(1)) });
    await until(
      () => levels("PAIR-3"),
      ({ available }) => available === 7,
    );
    expect(await owedTo(SHOP, "PAIR-3")).toEqual([[HERE, -1]]);
  });

  it("connects what is newly stocked as it was connected itself: its first level shows ours", async () => {
    await sharedShelf("PAIR-4", "1331");
    await run(SHOP, HERE, [["1332", "PAIR-5", 6]]);
    await env.DB.prepare(
      "INSERT INTO listings (shop, variant_id, inventory_item_id, sku_id, sku_text, status, title, imported_at_ms) SELECT ?, '1439', '1439', sku_id, sku, 'active', '', 0 FROM skus WHERE sku = 'PAIR-5'",
    )
      .bind(SECOND)
      .run();
    await deliver({ topic: "inventory_levels/update", shop: SECOND, body: levelBody("1439", ITS_SHELF, 0, at(0)) });
    await until(
      () => owedTo(SECOND, "PAIR-5"),
      (owed) => owed.length === 1,
    );
    expect([await owedTo(SECOND, "PAIR-5"), (await levels("PAIR-5"))["available"]]).toEqual([[["33", 6]], 6]);
  });

  it("is mapped to locations of ours alone, and not to another one while its levels are connected", async () => {
    await sharedShelf("PAIR-6", "1341");
    expect(await map(ITS_SHELF, "999999")).toMatchObject({ status: 400, body: { field: "locations" } });
    expect((await map(ITS_SHELF, HERE)).status).toBe(200); // as it is
    await run(SHOP, HERE, [["1342", "PAIR-7", 1, "22"]]);
    await env.DB.prepare("INSERT OR IGNORE INTO locations VALUES ('22', 'There', 22)").run();
    expect(await map(ITS_SHELF, "22")).toMatchObject({ status: 409 });
    const twice = { locations: [ITS_SHELF, ITS_SHELF].map((shopLocationId) => ({ shopLocationId, locationId: HERE })) };
    expect((await call("PUT", `/v1/shops/${SECOND}/locations`, twice)).status).toBe(400);
  });
});

describe("a shop that is disconnected", () => {
  it("leaves its stock to us, is told nothing more, and its news counts no more", async () => {
    await sharedShelf("PAIR-8", "1351");
    const look = await disconnect(SHOP, { dryRun: true });
    expect(look.body["folded"]).toContainEqual({ sku: "PAIR-8", locationId: HERE, units: 10 });
    expect((await call("GET", `/v1/shops/${SHOP}/findings`)).body["connection"]).toMatchObject({ state: "connected" });
    const { status, body } = await disconnect(SHOP);
    expect([status, body["nextCursor"]]).toEqual([200, null]);
    expect(await levels("PAIR-8")).toMatchObject({ available: 10 });
    expect((await call("GET", `/v1/shops/${SHOP}/gate`)).body).toMatchObject({ pausedReason: "disconnected" });
    expect((await call("POST", `/v1/shops/${SHOP}/gate/resume`)).body).toMatchObject({ pausedReason: "disconnected" });
    await adjust("PAIR-8", { delta: -2, locationId: HERE });
    expect([await owedTo(SHOP, "PAIR-8"), await owedTo(SECOND, "PAIR-8")]).toEqual([[], [["33", 4]]]);
    const again = await disconnect(SHOP); // begun anew
    expect([again.status, again.body["folded"]]).toEqual([200, []]);
  });

  it("comes back only when somebody says how, and shows our stock then", async () => {
    await run(SHOP, HERE, [["1361", "PAIR-9", 10]], { mode: "mirror" });
    await disconnect(SHOP);
    expect(await run(SHOP, HERE, [["1361", "PAIR-9", 9]])).toMatchObject({ kind: "conflict" });
    await adjust("PAIR-9", { delta: -3, locationId: HERE });
    const back = pageOf(await run(SHOP, HERE, [["1361", "PAIR-9", 9]], { mode: "mirror" }));
    expect(back.firstPushes).toMatchObject([{ connection: "mirror", level: 9, ours: 7, delta: -2 }]);
    expect((await call("GET", `/v1/shops/${SHOP}/gate`)).body).toMatchObject({ pausedReason: null });
    expect(await owedTo(SHOP, "PAIR-9")).toEqual([[HERE, -2]]);
    expect((await call("GET", "/v1/inventory/PAIR-9/movements")).status).toBe(200);
  });

  it("keeps its identity through that: an item that was renamed meanwhile has its counter again", async () => {
    await run(SHOP, HERE, [["1371", "PAIR-OLD", 5]], { mode: "mirror" });
    const skuId = await skuIdOf("PAIR-OLD");
    await disconnect(SHOP);
    await run(SHOP, HERE, [["1371", "PAIR-RENAMED", 5]], { mode: "mirror" });
    expect(await skuIdOf("PAIR-RENAMED")).toBe(skuId);
    expect(await levels("PAIR-RENAMED")).toMatchObject({ available: 5 });
  });

  it("forgets what waited at its gate: sent after it came back, it would look like a change of Shopify's own", async () => {
    await run(SHOP, HERE, [["1381", "PAIR-10", 20]], { mode: "mirror" });
    await call("PATCH", `/v1/shops/${SHOP}/gate`, { readOnly: true });
    await adjust("PAIR-10", { delta: -5, locationId: HERE });
    const gate = async () => (await call("GET", `/v1/shops/${SHOP}/gate`)).body;
    await until(gate, ({ queued }) => Number(queued) > 0);
    await disconnect(SHOP);
    expect(await gate()).toMatchObject({ queued: 0 });
    await call("PATCH", `/v1/shops/${SHOP}/gate`, { readOnly: false });
    expect(await levels("PAIR-10")).toMatchObject({ available: 15 });
  });

  it("is unknown where it was never imported", async () => {
    await env.DB.prepare("DELETE FROM shops WHERE shop = ?").bind(SECOND).run();
    expect((await disconnect(SECOND)).status).toBe(404);
  });
});

describe("an app that is removed from a shop", () => {
  it("pauses that shop's gate, its journal kept, until the app is back and somebody says so", async () => {
    const shopify = new ScriptedShopify().listen();
    await run(SHOP, HERE, [["1391", "GONE-1", 20]], { mode: "mirror" });
    const gate = async () => (await call("GET", `/v1/shops/${SHOP}/gate`)).body;
    const uninstalled = () =>
      deliver({
        topic: "app/uninstalled",
        body: `{"id":1,"email":"owner@example.com"}`,
        headers: { "x-shopify-webhook-id": "gone" },
      });
    // What earlier tests left at this gate is sent in its own time, and is nobody's news here.
    const told = () => shopify.adjustments.filter(({ variables }) => variables.includes('"inventoryItemId":"1391"'));
    await uninstalled();
    await until(gate, ({ pausedReason }) => pausedReason === "app_uninstalled");
    await adjust("GONE-1", { delta: -5, locationId: HERE });
    await until(gate, ({ queued }) => Number(queued) > 0);
    expect(told()).toEqual([]);
    expect((await call("POST", `/v1/shops/${SHOP}/gate/resume`)).body).toMatchObject({ pausedReason: null });
    await until(gate, ({ queued, sending }) => Number(queued) + Number(sending) === 0);
    expect(told()).toHaveLength(1);
    await uninstalled(); // Shopify tells it again
    await scheduler.wait(200);
    expect(await gate()).toMatchObject({ pausedReason: null });
  });
});
