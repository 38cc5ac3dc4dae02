/** Shops, their listings and their gates. */
import { env } from "cloudflare:workers";
import { list, stock } from "../support/catalogue.ts";
import { HERE, SHOP } from "../support/counters.ts";
import type { CaseGroup } from "./harness.ts";
import { shopifySpeaks } from "./shopify-by-name.ts";

const shop = { shop: SHOP };
const other = { shop: "nobody.myshopify.com" };
const second = { shop: "second-shop.myshopify.com" };
const item = { ...shop, item: "70703" };

const put = (number: string, sku: string, status: string) =>
  env.DB.prepare(
    `INSERT INTO listings (shop, variant_id, inventory_item_id, sku_id, sku_text, status, title, imported_at_ms)
     VALUES (?, ?, ?, NULL, ?, ?, 'Cup', 0)`,
  )
    .bind(SHOP, number, number, sku, status)
    .run();

export const shopCases: CaseGroup = {
  name: "shops",
  prepare: async () => {
    shopifySpeaks();
    await stock("OS-1", "70704", 5);
    await list("OS-2", "70705");
    await stock("OS-3", "70707", 5);
    await put("70703", "OS-1", "duplicate_sku");
    await put("70706", "", "blank_sku");
  },
  cases: [
    { op: "importShop", status: 200, why: "a dry run", path: shop, body: { mode: "adopt", dryRun: true } },
    { op: "importShop", status: 200, path: shop, body: { mode: "adopt" } },
    { op: "importShop", status: 404, code: "not_found", path: other, body: {} },
    { op: "importShop", status: 400, code: "bad_request", path: shop, body: { mode: "odd" } },
    { op: "getShopLocations", status: 200, path: shop },
    { op: "getShopLocations", status: 404, code: "not_found", path: other },
    {
      op: "mapShopLocations",
      status: 200,
      path: second,
      body: { locations: [{ shopLocationId: "33", locationId: HERE }] },
    },
    {
      op: "mapShopLocations",
      status: 400,
      code: "bad_request",
      path: second,
      body: { locations: [{ shopLocationId: "34", locationId: "999" }] },
    },
    { op: "getShopFindings", status: 200, path: shop },
    { op: "getShopFindings", status: 404, code: "not_found", path: other },
    { op: "listListings", status: 200, path: shop, query: { status: "all", limit: "3" } },
    { op: "listListings", status: 400, code: "bad_request", path: shop, query: { status: "odd" } },
    { op: "listListings", status: 404, code: "not_found", path: other },
    {
      op: "attachListing",
      status: 200,
      why: "a dry run",
      path: item,
      query: { dryRun: "true" },
      body: { sku: "OS-1" },
    },
    { op: "attachListing", status: 200, path: item, body: { sku: "OS-1" } },
    { op: "attachListing", status: 409, code: "conflict", path: { ...shop, item: "70705" }, body: { sku: "OS-1" } },
    { op: "attachListing", status: 404, code: "not_found", path: item, body: { sku: "OS-NONE" } },
    {
      op: "releaseListing",
      status: 200,
      why: "a dry run",
      path: { ...shop, item: "70707" },
      query: { dryRun: "true" },
      body: { sku: "OS-3" },
    },
    { op: "releaseListing", status: 200, path: { ...shop, item: "70707" }, body: { sku: "OS-3" } },
    { op: "releaseListing", status: 404, code: "not_found", path: { ...shop, item: "7079998" }, body: { sku: "OS-3" } },
    { op: "getWebhooks", status: 200, path: shop },
    { op: "getWebhooks", status: 404, code: "not_found", path: other },
    { op: "syncWebhooks", status: 200, path: shop, body: { uri: "https://onhand.test/webhooks/shopify" } },
    { op: "syncWebhooks", status: 400, code: "bad_request", path: shop, body: { uri: "odd" } },
    { op: "disconnectShop", status: 200, why: "a dry run", path: shop, body: { dryRun: true } },
    { op: "disconnectShop", status: 404, code: "not_found", path: second, body: {} },
    { op: "disconnectShop", status: 400, code: "bad_request", path: shop, body: { cursor: "x" } },
  ],
};
