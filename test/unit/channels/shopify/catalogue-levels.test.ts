/** Levels as a page of an import and as a read tell them: the same level must be the same news by both roads. */
import { expect, it } from "vitest";
import { shopifyCatalogueSource } from "../../../../src/channels/shopify/catalogue-source.ts";
import { parseLevels } from "../../../../src/channels/shopify/parse-levels.ts";
import { fromStore } from "../../../../src/domain/ids.ts";

const AT = "2026-11-20T10:00:00Z";
const level = (available: number, stamp: string | null, updatedAt: string | null = AT) => ({
  updatedAt,
  quantities: [
    { name: "available", quantity: available, updatedAt: stamp },
    { name: "committed", quantity: 2, updatedAt: null },
  ],
});

async function importedLevels(given: ReturnType<typeof level>) {
  const end = { hasNextPage: false, endCursor: null };
  const inventoryLevels = {
    pageInfo: end,
    nodes: [{ ...given, location: { id: "gid://shopify/Location/7" } }],
  };
  const item = {
    ...{ id: "gid://shopify/InventoryItem/1", sku: "A", tracked: true, variants: { nodes: [] } },
    inventoryLevels,
  };
  const data = { inventoryItems: { pageInfo: end, nodes: [item] } };
  const page = await shopifyCatalogueSource({ graphql: async () => ({ kind: "ok", data, cost: 1 }) }).items(null);
  if (page.kind !== "ok") throw new Error(JSON.stringify(page));
  return page.value.items[0]?.levels;
}
const readLevels = (given: ReturnType<typeof level>) =>
  parseLevels({ nodes: [{ id: "gid://shopify/InventoryItem/1", l0: given }] }, [fromStore("1")], [fromStore("7")])?.get(
    "1",
  );

it.each([
  ["by the stamp of its available quantity", level(5, "2026-11-20T09:00:00Z"), "2026-11-20T09:00:00Z"],
  ["by its own stamp where that quantity has none", level(5, null), AT],
])("a level is dated %s", async (_, given, atMs) => {
  const expected = [{ location: "7", available: 5, committed: 2, atMs: Date.parse(atMs) }];
  expect(await importedLevels(given)).toEqual(expected);
  expect(readLevels(given)).toEqual(expected);
});

it("a level without any stamp is not told: it could not be ordered against later news", async () => {
  expect(await importedLevels(level(5, null, null))).toEqual([]);
  expect(readLevels(level(5, null, null))).toBeNull();
});
