/** A shop's listings over HTTP: the report, and an item that is given to a SKU, as far as Shopify need not be asked. */
import { env } from "cloudflare:workers";
import { beforeAll, expect, it } from "vitest";
import { call } from "./support/api.ts";
import { list } from "./support/catalogue.ts";
import { SHOP } from "./support/counters.ts";

const put = (number: string, sku: string, status: string) =>
  env.DB.prepare(
    `INSERT INTO listings (shop, variant_id, inventory_item_id, sku_id, sku_text, status, title, imported_at_ms)
     VALUES (?, ?, ?, NULL, ?, ?, 'Cup', 0)`,
  )
    .bind(SHOP, number, number, sku, status)
    .run();

beforeAll(async () => {
  await list("LST-1", "7101");
  await put("7102", "LST-1", "duplicate_sku");
  await put("7103", "", "blank_sku");
  await put("7104", "LST-2", "bundle_parent");
});

it("reports what is not counted, and who has the SKU, page by page", async () => {
  const first = await call("GET", `/v1/shops/${SHOP}/listings?limit=2`);
  expect(first).toMatchObject({
    status: 200,
    body: {
      listings: [
        { inventoryItemId: "7102", sku: "LST-1", status: "duplicate_sku", countedAs: null, sharesSkuWith: ["7101"] },
        { inventoryItemId: "7103", sku: "", status: "blank_sku" },
      ],
      next: "7103",
      counts: { active: 1, blank_sku: 1, bundle_parent: 1, duplicate_sku: 1 },
    },
  });
  expect((await call("GET", `/v1/shops/${SHOP}/listings?after=7103`)).body).toMatchObject({
    listings: [{ inventoryItemId: "7104" }],
    next: null,
  });
  expect((await call("GET", `/v1/shops/${SHOP}/listings?status=active`)).body).toMatchObject({
    listings: [{ inventoryItemId: "7101", countedAs: "LST-1" }],
  });
});

it.each([
  ["listings?status=odd", 400],
  ["listings?after=x", 400],
  ["listings?limit=1000", 400],
])("refuses %s", async (path, status) => {
  expect((await call("GET", `/v1/shops/${SHOP}/${path}`)).status).toBe(status);
});

it("attaches no item that is counted, has no stock, or is not known, and none to a SKU that is not", async () => {
  const attach = async (item: string, sku: unknown) =>
    (await call("POST", `/v1/shops/${SHOP}/listings/${item}/attach`, { sku })).status;
  await list("LST-3", "7105");
  expect(await attach("7105", "LST-1")).toBe(409);
  expect(await attach("7104", "LST-1")).toBe(409);
  expect(await attach("7199", "LST-1")).toBe(404);
  expect(await attach("7102", "LST-NONE")).toBe(404);
  expect(await attach("x", "LST-1")).toBe(400);
  expect(await attach("7102", "")).toBe(400);
  expect((await call("POST", "/v1/shops/other.myshopify.com/listings/7102/attach", { sku: "LST-1" })).status).toBe(404);
});
