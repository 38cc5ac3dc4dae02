import { describe, expect, it } from "vitest";
import { type SmallShop, startSmallShop } from "./support/shop.ts";
import { callGraphql, type GraphqlReply, itemGid, locationGid, operation } from "./support/simulator-client.ts";

function dataOf<T>(reply: GraphqlReply): T {
  expect(reply.errors).toBeUndefined();
  return reply.data as T;
}

describe("reading levels", () => {
  it("stamps available alone, and names a level by its own number, not the location's", async () => {
    let nowMs = Date.parse("2026-11-22T09:00:00.900Z");
    const shop = await startSmallShop({ now: () => nowMs });
    const variant = shop.addItem("A-1", [5, 0]);
    nowMs += 2_000;
    shop.simulator.createOrder({ lines: [{ sku: "A-1", quantity: 2 }] });
    nowMs += 60_000;
    const order = shop.simulator.store.orders[0];
    shop.simulator.fulfilOrder(order?.id ?? "");
    const reply = await callGraphql(shop.simulator, operation("read_levels"), {
      ids: [itemGid(variant.item.id)],
      loc: locationGid(shop.near.id),
    });
    const { nodes } = dataOf<{ nodes: { inventoryLevel: { id: string; quantities: unknown[] } }[] }>(reply);
    const level = nodes[0]?.inventoryLevel;
    expect(level?.quantities).toEqual([
      // The shipment a minute later moved committed and on_hand, not available.
      { name: "available", quantity: 3, updatedAt: "2026-11-22T09:00:02Z" },
      { name: "on_hand", quantity: 3, updatedAt: null },
      { name: "committed", quantity: 0, updatedAt: null },
      { name: "reserved", quantity: 0, updatedAt: null },
      { name: "incoming", quantity: 0, updatedAt: null },
      { name: "damaged", quantity: 0, updatedAt: null },
      { name: "quality_control", quantity: 0, updatedAt: null },
      { name: "safety_stock", quantity: 0, updatedAt: null },
    ]);
    const [, number, item] = /InventoryLevel\/(\d+)\?inventory_item_id=(\d+)$/.exec(level?.id ?? "") ?? [];
    expect(item).toBe(variant.item.id);
    expect(number).not.toBe(shop.near.id);
  });

  it("finds a level by its GID, and items and levels in one nodes query; null for what it does not know", async () => {
    const shop = await startSmallShop();
    const { item } = shop.addItem("A-1", [5, 0]);
    const levelGid = `gid://shopify/InventoryLevel/${shop.near.inventoryGroupId}?inventory_item_id=${item.id}`;
    const query = `query N($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on InventoryLevel { location { id } } } }`;
    const ids = [levelGid, itemGid(item.id), itemGid("1"), "gid://shopify/Customer/1"];
    const reply = await callGraphql(shop.simulator, query, { ids });
    expect(dataOf(reply)).toEqual({
      nodes: [
        { __typename: "InventoryLevel", id: levelGid, location: { id: locationGid(shop.near.id) } },
        { __typename: "InventoryItem", id: itemGid(item.id) },
        null,
        null,
      ],
    });
  });

  it("shows an inactive level only on request", async () => {
    const shop = await startSmallShop();
    const { item } = shop.addItem("A-1", [5, 5]);
    shop.simulator.disconnectLevel({ itemId: item.id }, shop.far.id);
    const query = `query Q($id: ID!, $all: Boolean!) { inventoryItem(id: $id) {
      inventoryLevels(first: 5, includeInactive: $all) { nodes { isActive } } locationsCount { count } } }`;
    const ask = async (all: boolean): Promise<unknown> =>
      dataOf(await callGraphql(shop.simulator, query, { id: itemGid(item.id), all }));
    expect(await ask(false)).toEqual({
      inventoryItem: { inventoryLevels: { nodes: [{ isActive: true }] }, locationsCount: { count: 1 } },
    });
    expect(await ask(true)).toMatchObject({
      inventoryItem: { inventoryLevels: { nodes: [{ isActive: true }, { isActive: false }] } },
    });
  });

  it("pages through a location without losing or repeating a level while items are added", async () => {
    const shop = await startSmallShop();
    for (let index = 0; index < 7; index++) shop.addItem(`A-${index}`, [index, null]);
    const query = `query P($loc: ID!, $after: String) { location(id: $loc) {
      inventoryLevels(first: 3, after: $after) { pageInfo { hasNextPage endCursor } nodes { item { sku } } } } }`;
    type Page = {
      location: {
        inventoryLevels: { pageInfo: { hasNextPage: boolean; endCursor: string }; nodes: { item: { sku: string } }[] };
      };
    };
    const skus: string[] = [];
    let after: string | null = null;
    for (let page = 0; page < 4; page++) {
      const reply: GraphqlReply = await callGraphql(shop.simulator, query, { loc: locationGid(shop.near.id), after });
      const { inventoryLevels } = dataOf<Page>(reply).location;
      skus.push(...inventoryLevels.nodes.map((node) => node.item.sku));
      if (page === 0) shop.addItem("A-7", [7, null]);
      if (!inventoryLevels.pageInfo.hasNextPage) break;
      after = inventoryLevels.pageInfo.endCursor;
    }
    expect(skus).toEqual(["A-0", "A-1", "A-2", "A-3", "A-4", "A-5", "A-6", "A-7"]);
  });

  it("finds the levels changed since a second", async () => {
    let nowMs = Date.parse("2026-11-22T09:00:00Z");
    const shop = await startSmallShop({ now: () => nowMs });
    shop.addItem("OLD", [1, null]);
    nowMs += 5_000;
    const late = shop.addItem("NEW", [1, null]);
    const reply = await callGraphql(shop.simulator, operation("location_levels_page"), {
      loc: locationGid(shop.near.id),
      q: "updated_at:>'2026-11-22T09:00:04Z'",
    });
    expect(dataOf(reply)).toMatchObject({
      location: { inventoryLevels: { nodes: [{ item: { id: itemGid(late.item.id), sku: "NEW" } }] } },
    });
  });

  it("wants first or last, and at most 250", async () => {
    const shop = await startSmallShop();
    const none = await callGraphql(shop.simulator, "{ inventoryItems { nodes { id } } }");
    expect(none.errors?.[0]?.message).toBe("you must provide one of first or last");
    const many = await callGraphql(shop.simulator, "{ inventoryItems(first: 251) { nodes { id } } }");
    expect(many.errors?.[0]?.extensions?.["code"]).toBe("BAD_REQUEST");
  });
});

describe("the catalogue", () => {
  it("finds items by SKU, exactly, whatever the case, and counts their twins", async () => {
    const shop = await startSmallShop();
    shop.addItem("TWIN-1", [1, null]);
    shop.addItem("TWIN-1", [1, null]);
    shop.addItem("TWIN-10", [1, null]);
    const query = "query S($q: String) { inventoryItems(first: 5, query: $q) { nodes { sku duplicateSkuCount } } }";
    const ask = async (q: string): Promise<unknown> => dataOf(await callGraphql(shop.simulator, query, { q }));
    const twin = { sku: "TWIN-1", duplicateSkuCount: 1 };
    expect(await ask("sku:twin-1")).toEqual({ inventoryItems: { nodes: [twin, twin] } });
    expect(await ask("sku:TWIN-10")).toEqual({ inventoryItems: { nodes: [{ sku: "TWIN-10", duplicateSkuCount: 0 }] } });
    const all = (await ask("sku:TWIN*")) as { inventoryItems: { nodes: unknown[] } };
    expect(all.inventoryItems.nodes).toHaveLength(3);
  });

  it("shows a bundle's stock as what its components allow", async () => {
    const shop = await startSmallShop();
    const one = shop.addItem("ONE", [7, 0]);
    const two = shop.addItem("TWO", [9, 0]);
    const parent = shop.addItem("SET", [0, null], {
      components: [
        { variant: one, quantity: 2 },
        { variant: two, quantity: 1 },
      ],
    });
    const query = `query B($id: ID!) { productVariant(id: $id) { requiresComponents inventoryQuantity
      productVariantComponents(first: 5) { nodes { quantity productVariant { sku } } } } }`;
    const reply = await callGraphql(shop.simulator, query, { id: `gid://shopify/ProductVariant/${parent.id}` });
    expect(dataOf(reply)).toEqual({
      productVariant: {
        requiresComponents: true,
        inventoryQuantity: 3,
        productVariantComponents: {
          nodes: [
            { quantity: 2, productVariant: { sku: "ONE" } },
            { quantity: 1, productVariant: { sku: "TWO" } },
          ],
        },
      },
    });
  });

  it("lets product.totalInventory lag while the variant is exact", async () => {
    let nowMs = 1_000_000_000;
    const shop = await startSmallShop({ now: () => nowMs });
    const variant = shop.addItem("A-1", [5, 0]);
    const query = "query T($id: ID!) { productVariant(id: $id) { inventoryQuantity product { totalInventory } } }";
    const ask = async (): Promise<unknown> =>
      dataOf(await callGraphql(shop.simulator, query, { id: `gid://shopify/ProductVariant/${variant.id}` }));
    expect(await ask()).toEqual({ productVariant: { inventoryQuantity: 5, product: { totalInventory: 5 } } });
    shop.simulator.editLevel({ sku: "A-1" }, shop.near.id, { available: 8 });
    expect(await ask()).toEqual({ productVariant: { inventoryQuantity: 8, product: { totalInventory: 5 } } });
    nowMs += 5_000;
    expect(await ask()).toEqual({ productVariant: { inventoryQuantity: 8, product: { totalInventory: 8 } } });
  });

  it("tells shop, locations, scopes and states", async () => {
    const shop = await startSmallShop();
    shop.simulator.setLocationActive(shop.far.id, false);
    const reply = await callGraphql(
      shop.simulator,
      `{ shop { myshopifyDomain } locations(first: 5) { nodes { name } } all: locations(first: 5, includeInactive: true) { nodes { isActive } }
         currentAppInstallation { accessScopes { handle } } inventoryProperties { quantityNames { name } } }`,
    );
    const data = dataOf<{
      all: unknown;
      currentAppInstallation: { accessScopes: { handle: string }[] };
      inventoryProperties: { quantityNames: { name: string }[] };
    }>(reply);
    expect(data).toMatchObject({
      shop: { myshopifyDomain: "onhand-dev.myshopify.com" },
      locations: { nodes: [{ name: "Shop location" }] },
    });
    // Sorted by name: "My Custom Location" comes before "Shop location".
    expect(data.all).toEqual({ nodes: [{ isActive: false }, { isActive: true }] });
    expect(data.currentAppInstallation.accessScopes.map((scope) => scope.handle)).toEqual([
      "read_inventory",
      "write_inventory",
      "read_locations",
      "read_products",
      "read_orders",
    ]);
    expect(data.inventoryProperties.quantityNames.map(({ name }) => name).sort()).toEqual([
      "available",
      "committed",
      "damaged",
      "incoming",
      "on_hand",
      "quality_control",
      "reserved",
      "safety_stock",
    ]);
  });

  it("says that an id of another type is invalid", async () => {
    const shop = await startSmallShop();
    const reply = await callGraphql(shop.simulator, '{ inventoryItem(id: "gid://shopify/Product/1") { id } }');
    expect(reply.errors?.[0]?.extensions?.["code"]).toBe("RESOURCE_NOT_FOUND");
    expect(reply.data).toEqual({ inventoryItem: null });
  });
});

describe("orders since a time", () => {
  it("lists what changed, oldest change first, with lines, refunds and restock types", async () => {
    let nowMs = Date.parse("2026-11-22T09:00:00Z");
    const shop: SmallShop = await startSmallShop({ now: () => nowMs });
    shop.addItem("A-1", [9, 0]);
    const ids = [1, 2, 3].map((quantity) => {
      nowMs += 60_000;
      const outcome = shop.simulator.createOrder({ lines: [{ sku: "A-1", quantity }] });
      return outcome.kind === "created" ? outcome.order.id : "";
    });
    nowMs += 60_000;
    shop.simulator.cancelOrder(ids[1] ?? "", { restock: true });
    const reply = await callGraphql(shop.simulator, operation("orders_since"), {
      q: "updated_at:>'2026-11-22T09:02:30Z'",
    });
    const { nodes } = dataOf<{ orders: { nodes: { id: string }[] } }>(reply).orders;
    expect(nodes.map((order) => order.id)).toEqual([`gid://shopify/Order/${ids[2]}`, `gid://shopify/Order/${ids[1]}`]);
    expect(nodes[1]).toMatchObject({
      cancelledAt: "2026-11-22T09:04:00Z",
      cancelReason: "CUSTOMER",
      lineItems: { nodes: [{ sku: "A-1", quantity: 2, currentQuantity: 0, unfulfilledQuantity: 0 }] },
      refunds: [
        {
          refundLineItems: {
            nodes: [
              { quantity: 2, restockType: "CANCEL", restocked: true, location: { id: locationGid(shop.near.id) } },
            ],
          },
        },
      ],
    });
  });
});
