import { beforeEach, describe, expect, it } from "vitest";
import {
  fromStore,
  type InventoryItemId,
  type ShopDomain,
  type ShopLocationId,
  type Sku,
  type VariantId,
} from "../../../src/domain/ids.ts";
import type { Catalogue } from "../../../src/services/catalogue.ts";
import { d1Catalogue, newCatalogueCache } from "../../../src/store/d1-catalogue.ts";
import { SqliteD1 } from "../../support/d1/sqlite-d1.ts";

const SHOP = fromStore<ShopDomain>("a.myshopify.com");
const TTL_MS = 60_000;

let d1: SqliteD1;
let nowMs: number;
let catalogue: Catalogue;
beforeEach(() => {
  d1 = new SqliteD1();
  nowMs = 1_000;
  catalogue = d1Catalogue(d1.db, newCatalogueCache(TTL_MS, 100), 20, () => nowMs);
});

const query = (given: { variants?: string[]; items?: string[]; skus?: string[] }) => ({
  shop: SHOP,
  variants: new Set((given.variants ?? []).map((id) => fromStore<VariantId>(id))),
  items: new Set((given.items ?? []).map((id) => fromStore<InventoryItemId>(id))),
  skus: new Set((given.skus ?? []).map((sku) => fromStore<Sku>(sku))),
});

/** Variant and inventory item share a number. */
function list(number: string, sku: string, status = "active"): void {
  const { database } = d1;
  if (status === "active") {
    database.prepare("INSERT OR IGNORE INTO skus VALUES (?, ?, 0)").run(`id-${sku}`, sku);
    database.prepare("INSERT OR IGNORE INTO sku_aliases VALUES (?, ?)").run(sku, `id-${sku}`);
  }
  database
    .prepare("INSERT OR REPLACE INTO listings VALUES (?, ?, ?, NULL, ?, ?, ?, 'title', 0)")
    .run(SHOP, number, number, status === "active" ? `id-${sku}` : null, sku, status);
}

function place(id: string): void {
  d1.database.prepare("INSERT INTO locations VALUES (?, 'name', 0)").run(id);
  d1.database.prepare("INSERT INTO shop_locations VALUES (?, ?, ?, 1, '', 0)").run(SHOP, id, id);
}

const item = async (id: string) =>
  (await catalogue.resolve(query({ items: [id] }))).items.get(fromStore<InventoryItemId>(id));
const locationsOf = async (...wanted: string[]) => {
  const answer = await catalogue.locationsOf(SHOP, new Set(wanted.map((id) => fromStore<ShopLocationId>(id))));
  return { known: [...answer.locations.keys()], fault: answer.fault };
};

describe("the catalogue's cache", () => {
  it("asks D1 once for what has a counter", async () => {
    list("1", "ONE");
    expect(await item("1")).toMatchObject({ kind: "active", skuId: "id-ONE" });
    expect(await item("1")).toMatchObject({ kind: "active" });
    const { variants } = await catalogue.resolve(query({ variants: ["1"], skus: ["ONE"] }));
    expect(variants.size).toBe(1);
    expect(d1.asked).toHaveLength(1);
  });

  it("sees at once that an item whose SKU was blank has got one: its next level must not be skipped", async () => {
    list("1", "", "blank_sku");
    expect(await item("1")).toEqual({ kind: "unmapped", reason: "blank_sku", skuText: "" });
    list("1", "ONE");
    expect(await item("1")).toMatchObject({ kind: "active" });
  });

  it("sees a location at once that was imported after the others were remembered", async () => {
    place("11");
    expect(await locationsOf("11")).toEqual({ known: ["11"], fault: null });
    place("22");
    expect(await locationsOf("22")).toEqual({ known: ["11", "22"], fault: null });
    expect(await locationsOf("11", "22")).toMatchObject({ fault: null });
    expect(d1.asked).toHaveLength(2);
  });

  it("asks for no location when none is named", async () => {
    expect(await locationsOf()).toEqual({ known: [], fault: null });
    expect(d1.asked).toEqual([]);
  });

  it("lets an active variant speak for an item that it shares with one that is not", async () => {
    list("1", "ONE");
    d1.database
      .prepare("INSERT INTO listings VALUES (?, '2', '1', NULL, NULL, 'ONE', 'duplicate_sku', 'title', 0)")
      .run(SHOP);
    const { items, variants } = await catalogue.resolve(query({ items: ["1"], variants: ["2"] }));
    expect(items.get(fromStore("1"))).toMatchObject({ kind: "active" });
    expect(variants.get(fromStore("2"))).toEqual({ kind: "unmapped", reason: "duplicate_sku", skuText: "ONE" });
  });
});

describe.each(["away", "hanging"] as const)("while D1 is %s", (state) => {
  beforeEach(async () => {
    list("1", "ONE");
    list("2", "", "blank_sku");
    place("11");
    await catalogue.resolve(query({ variants: ["1"], items: ["1", "2"] }));
    await catalogue.skuIds([fromStore("ONE")]);
    await locationsOf("11");
    d1.state = state;
    nowMs += 10 * 60_000;
  });

  it("what had a counter still has it, after ten minutes", async () => {
    const answer = await catalogue.resolve(query({ variants: ["1"], items: ["1"] }));
    expect([answer.fault, answer.variants.size, answer.items.size]).toEqual([null, 1, 1]);
    expect(await locationsOf("11")).toEqual({ known: ["11"], fault: null });
    expect(await catalogue.skuIds([fromStore("ONE")])).toEqual({ skuIds: new Map([["ONE", "id-ONE"]]), fault: null });
  });

  it("nothing is said to be unknown, or to have no counter", async () => {
    const fault = expect.stringMatching(/^catalogue: /);
    expect(await catalogue.resolve(query({ variants: ["1", "9"] }))).toMatchObject({ fault });
    expect(await catalogue.resolve(query({ items: ["2"] }))).toMatchObject({ fault, items: new Map() });
    expect(await locationsOf("11", "22")).toEqual({ known: ["11"], fault });
    expect(await catalogue.skuIds([fromStore("ONE"), fromStore("TWO")])).toMatchObject({ fault });
  });
});

it("forgets a counter that D1, asked again, does not confirm", async () => {
  list("1", "ONE");
  await item("1");
  nowMs += TTL_MS;
  list("1", "ONE", "untracked");
  expect(await item("1")).toEqual({ kind: "unmapped", reason: "untracked", skuText: "ONE" });
  d1.state = "away";
  expect(catalogue.remembered(query({ items: ["1"] })).items.size).toBe(0);
});
