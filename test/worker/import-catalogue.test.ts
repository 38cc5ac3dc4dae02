import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { fromStore, type InventoryItemId, type ShopDomain, type ShopLocationId } from "../../src/domain/ids.ts";
import type { Counter } from "../../src/services/counter-contract.ts";
import {
  type ImportDeps,
  type ImportPage,
  importPage,
  type SourceItem,
  type SourceLocation,
} from "../../src/services/import-catalogue.ts";
import { durableCounters } from "../../src/store/durable-counters.ts";
import { call } from "./support/api.ts";
import { OPENED_MS, SHOP } from "./support/counters.ts";
import { AS_IT_IS, importDeps } from "./support/import.ts";
import { until } from "./support/until.ts";
import { deliver, levelBody } from "./support/webhooks.ts";

const SECOND = fromStore<ShopDomain>("second-shop.myshopify.com");
const counters = durableCounters(env.SKU_COUNTER);

/** A shop's catalogue in two pages: what Shopify would answer. */
function sourceOf(locations: readonly SourceLocation[], items: readonly SourceItem[]): ImportDeps["source"] {
  const half = Math.ceil(items.length / 2);
  return {
    locations: async () => ({ kind: "ok", value: locations }),
    items: async (cursor) => ({
      kind: "ok",
      value:
        cursor === null
          ? { items: items.slice(0, half), nextCursor: "half" }
          : { items: items.slice(half), nextCursor: null },
    }),
  };
}

/** All of it in one page. */
const onOnePage = (locations: readonly SourceLocation[], items: readonly SourceItem[]): ImportDeps["source"] => ({
  locations: async () => ({ kind: "ok", value: locations }),
  items: async () => ({ kind: "ok", value: { items, nextCursor: null } }),
});

async function run(shop: ShopDomain, source: ImportDeps["source"]) {
  const pages: (ImportPage & { kind: "page" })[] = [];
  let cursor: string | null = null;
  do {
    const page: ImportPage = await importPage(shop, cursor, AS_IT_IS, fromStore("test-import"), importDeps(source));
    if (page.kind !== "page") throw new Error(JSON.stringify(page));
    pages.push(page);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return pages.flatMap(({ findings }) => findings).map(({ kind, sku }) => `${kind}: ${sku}`);
}

const location = (id: string): SourceLocation => ({
  id: fromStore<ShopLocationId>(id),
  name: `Location ${id}`,
  isActive: true,
});
const item = (
  id: string,
  sku: string | null,
  levels: readonly (readonly [string, number])[],
  given: Partial<SourceItem> = {},
): SourceItem => ({
  id: fromStore<InventoryItemId>(id),
  sku,
  isTracked: true,
  variants: [{ id: fromStore(`9${id}`), title: `Item ${id}`, isGiftCard: false, isBundleParent: false }],
  levels: levels.map(([at, available]) => ({
    location: fromStore<ShopLocationId>(at),
    available,
    committed: 1,
    atMs: OPENED_MS,
  })),
  ...given,
});
const variant = (id: string, given: Partial<SourceItem["variants"][number]>) => [
  {
    id: fromStore<SourceItem["variants"][number]["id"]>(id),
    title: "Odd",
    isGiftCard: false,
    isBundleParent: false,
    ...given,
  },
];

const levels = async (sku: string) => (await call("GET", `/v1/inventory/${encodeURIComponent(sku)}`)).body;
const counterOf = async (sku: string): Promise<Counter> => {
  const row = await env.DB.prepare("SELECT sku_id FROM sku_aliases WHERE sku = ?")
    .bind(sku)
    .first<{ sku_id: string }>();
  return counters.of(fromStore(row?.sku_id ?? ""));
};
/** What the catalogue knows of an item. */
async function listedAs(id: string) {
  type Row = { sku: string; status: string; sku_id: string | null };
  const row = await env.DB.prepare(
    "SELECT sku_text AS sku, status, sku_id FROM listings WHERE shop = ? AND inventory_item_id = ?",
  )
    .bind(SHOP, id)
    .first<Row>();
  return row === null ? null : { sku: row.sku, status: row.status, hasCounter: row.sku_id !== null };
}

describe("an import", () => {
  it("connects every tracked SKU with its opening stock, in the order of its locations, and reports the rest", async () => {
    const findings = await run(
      SHOP,
      sourceOf(
        [location("71"), location("72")],
        [
          item("101", " IMP-1 ", [
            ["72", 3],
            ["71", 4],
          ]),
          item("102", "IMP-1", [["71", 9]]),
          item("103", "", [["71", 1]]),
          item("104", "IMP-4", [["71", 1]], { isTracked: false }),
          item("105", "IMP-5", [["71", 1]], { variants: variant("1", { isGiftCard: true }) }),
          item("106", "IMP-6", [["71", 1]], { variants: variant("2", { isBundleParent: true }) }),
          item("107", "IMP-7", []),
          item("108", "IMP-8", [["79", 5]]),
        ],
      ),
    );
    expect(findings).toEqual([
      "duplicate_sku: IMP-1",
      "blank_sku: ",
      "untracked: IMP-4",
      "gift_card: IMP-5",
      "bundle_parent: IMP-6",
      "no_levels: IMP-7",
      "unknown_location: IMP-8",
      "no_levels: IMP-8",
    ]);
    expect(await levels("IMP-1")).toMatchObject({
      available: 7,
      committed: 2,
      locations: [
        { locationId: "71", available: 4 },
        { locationId: "72", available: 3 },
      ],
    });
    expect((await call("GET", "/v1/inventory/IMP-4")).status).toBe(404);
  });

  it("may be repeated: it invents no stock, takes what Shopify changed meanwhile as news, and adopts new locations", async () => {
    const places = [location("71"), location("72")];
    await run(SHOP, sourceOf(places, [item("201", "IMP-20", [["71", 10]])]));
    const later = (available: number) => ({
      levels: [{ location: fromStore<ShopLocationId>("71"), available, committed: 0, atMs: OPENED_MS + 60_000 }],
    });
    await run(SHOP, sourceOf(places, [item("201", "IMP-20", [["71", 10]])]));
    expect((await levels("IMP-20"))["available"]).toBe(10);
    await run(SHOP, sourceOf(places, [item("201", "IMP-20", [], later(8))]));
    expect((await (await counterOf("IMP-20")).levels())?.available).toBe(8);
    await run(SHOP, sourceOf(places, [item("201", "IMP-20", [["72", 5]])]));
    expect((await (await counterOf("IMP-20")).levels())?.available).toBe(13);
  });

  it("keeps a renamed SKU's counter, reachable by both names, and reports a name that is another's", async () => {
    const places = [location("71")];
    await run(SHOP, sourceOf(places, [item("301", "OLD", [["71", 6]]), item("302", "OTHER", [["71", 2]])]));
    expect(
      await run(SHOP, sourceOf(places, [item("301", "NEW", [["71", 6]]), item("302", "OTHER", [["71", 2]])])),
    ).toEqual([]);
    expect(await (await counterOf("NEW")).levels()).toMatchObject({ sku: "NEW", available: 6 });
    expect((await (await counterOf("OLD")).levels())?.skuId).toBe((await (await counterOf("NEW")).levels())?.skuId);
    // The old name given to a new item would lead to the renamed one's counter.
    expect(await run(SHOP, sourceOf(places, [item("303", "OLD", [["71", 50]])]))).toEqual(["duplicate_sku: OLD"]);
    expect(await (await counterOf("NEW")).levels()).toMatchObject({ available: 6 });
    expect(await run(SHOP, sourceOf(places, [item("302", "NEW", [["71", 2]])]))).toEqual(["duplicate_sku: NEW"]);
    expect(await listedAs("302")).toEqual({ sku: "OTHER", status: "active", hasCounter: true });
  });

  it("never cuts a counter off: an item whose SKU went blank, double or untracked goes on being counted, and is reported", async () => {
    const places = [location("71")];
    const before = [item("351", "KEEP-1", [["71", 6]]), item("352", "KEEP-2", [["71", 2]])];
    await run(SHOP, sourceOf(places, before));
    const later = { atMs: OPENED_MS + 60_000, location: fromStore<ShopLocationId>("71"), committed: 0 };
    const changed = (sku: string | null, given: Partial<SourceItem>) =>
      run(SHOP, sourceOf(places, [item("351", sku, [], given)]));
    expect(await changed("KEEP-2", { levels: [{ ...later, available: 5 }] })).toEqual(["duplicate_sku: KEEP-2"]);
    expect(await (await counterOf("KEEP-1")).levels()).toMatchObject({ sku: "KEEP-1", available: 5 });
    expect(await changed(" ", { levels: [{ ...later, atMs: later.atMs + 60_000, available: 4 }] })).toEqual([
      "blank_sku:  ",
    ]);
    expect(await (await counterOf("KEEP-1")).levels()).toMatchObject({ available: 4 });
    const noStock = { levels: [{ ...later, atMs: later.atMs + 120_000, available: 0 }] };
    expect(await changed("KEEP-1", { isTracked: false, ...noStock })).toEqual(["untracked: KEEP-1"]);
    expect(await changed("KEEP-1", { variants: variant("9351", { isGiftCard: true }), ...noStock })).toEqual([
      "gift_card: KEEP-1",
    ]);
    expect(await changed("KEEP-1", { variants: variant("9351", { isBundleParent: true }), ...noStock })).toEqual([
      "bundle_parent: KEEP-1",
    ]);
    expect(await listedAs("351")).toEqual({ sku: "KEEP-1", status: "active", hasCounter: true });
    expect(await (await counterOf("KEEP-1")).levels()).toMatchObject({ available: 4 });
    // What its webhooks tell reaches the counter as before.
    const toldAt = new Date(later.atMs + 180_000).toISOString();
    await deliver({ topic: "inventory_levels/update", body: levelBody("351", "71", 3, toldAt) });
    const counter = await counterOf("KEEP-1");
    await until(
      () => counter.levels(),
      (now) => now?.available === 3,
    );
  });

  it("gives no counter away: a newcomer with the new name of a renamed item is the duplicate, wherever it stands on the page", async () => {
    const places = [location("71")];
    await run(SHOP, sourceOf(places, [item("361", "WAS", [["71", 6]])]));
    const page = [item("362", "IS", [["71", 40]]), item("361", "IS", [["71", 6]])];
    expect(await run(SHOP, onOnePage(places, page))).toEqual(["duplicate_sku: IS"]);
    expect(await (await counterOf("IS")).levels()).toMatchObject({ sku: "IS", available: 6 });
    expect(await listedAs("361")).toEqual({ sku: "IS", status: "active", hasCounter: true });
    expect(await listedAs("362")).toEqual({ sku: "IS", status: "duplicate_sku", hasCounter: false });
  });

  it("adds a second shop's stock at its own locations, and never adopts one location twice", async () => {
    await run(SHOP, sourceOf([location("71")], [item("401", "SHARED", [["71", 4]])]));
    expect(await run(SECOND, sourceOf([location("81")], [item("501", "SHARED", [["81", 3]])]))).toEqual([]);
    expect(await (await counterOf("SHARED")).levels()).toMatchObject({ available: 7 });
    await env.DB.prepare(
      "INSERT INTO shop_locations (shop, shop_location_id, location_id, is_active) VALUES (?, '82', '71', 1)",
    )
      .bind(SECOND)
      .run();
    expect(
      await run(
        SECOND,
        sourceOf([location("81")], [item("502", "SHARED-2", [["81", 1]]), item("501", "SHARED", [["82", 9]])]),
      ),
    ).toEqual(["foreign_level: SHARED"]);
    expect(await (await counterOf("SHARED")).levels()).toMatchObject({ available: 7 });
  });

  it("stops where Shopify says later, and goes on from the same cursor", async () => {
    const source: ImportDeps["source"] = {
      locations: async () => ({ kind: "ok", value: [location("71")] }),
      items: async () => ({ kind: "later", afterMs: 2_000, reason: "no points" }),
    };
    expect(await importPage(SHOP, null, AS_IT_IS, fromStore("c"), importDeps(source))).toEqual({
      kind: "later",
      afterMs: 2_000,
      reason: "no points",
    });
  });
});
