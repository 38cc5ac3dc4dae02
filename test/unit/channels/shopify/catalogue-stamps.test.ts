import { expect, it } from "vitest";
import { shopifyCatalogueSource } from "../../../../src/channels/shopify/catalogue-source.ts";

it("cuts the stamps of imported levels to whole seconds, as those of webhooks and reads are", async () => {
  const pageInfo = { hasNextPage: false, endCursor: null };
  const location = { id: "gid://shopify/Location/1" };
  const quantities = [{ name: "available", quantity: 5, updatedAt: "2026-11-22T10:00:01.987Z" }];
  const item = {
    ...{ id: "gid://shopify/InventoryItem/100", sku: "A", tracked: true, variants: null },
    inventoryLevels: { pageInfo, nodes: [{ location, quantities }] },
  };
  const data = { inventoryItems: { pageInfo, nodes: [item] } };
  const page = await shopifyCatalogueSource({ graphql: async () => ({ kind: "ok", data, cost: 1 }) }).items(null);
  expect(page.kind === "ok" && page.value.items[0]?.levels).toMatchObject([
    { location: "1", available: 5, atMs: Date.UTC(2026, 10, 22, 10, 0, 1) },
  ]);
});
