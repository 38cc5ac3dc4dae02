/** Shopify over `fetch`: what it says to each document, by the document's name. */
import { vi } from "vitest";
import { HERE } from "../support/counters.ts";

const END = { hasNextPage: false, endCursor: null };
const COST = {
  requestedQueryCost: 10,
  actualQueryCost: 10,
  throttleStatus: { maximumAvailable: 2_000, currentlyAvailable: 1_990, restoreRate: 100 },
};
const updatedAt = "2026-11-20T12:00:00Z";

const itemNode = (id: string, sku: string | null) => ({
  ...{ id: `gid://shopify/InventoryItem/${id}`, sku, tracked: true },
  variants: {
    nodes: [
      {
        ...{ id: `gid://shopify/ProductVariant/${id}`, displayName: "Tee", requiresComponents: false },
        product: { id: "gid://shopify/Product/1", isGiftCard: false },
      },
    ],
  },
  inventoryLevels: {
    pageInfo: END,
    nodes: [
      {
        ...{ updatedAt, location: { id: `gid://shopify/Location/${HERE}` } },
        quantities: [
          { name: "available", quantity: 4, updatedAt },
          { name: "committed", quantity: 0, updatedAt },
        ],
      },
    ],
  },
});

const subscription = {
  ...{ id: "gid://shopify/WebhookSubscription/1", topic: "ORDERS_CREATE", uri: "https://onhand.test/webhooks/shopify" },
  ...{ includeFields: ["id"], format: "JSON", filter: null },
};

function dataOf(name: string): unknown {
  switch (name) {
    case "OnhandLocations":
      return {
        locations: {
          pageInfo: END,
          nodes: [{ id: `gid://shopify/Location/${HERE}`, name: "Warehouse", isActive: true }],
        },
      };
    case "OnhandItems":
      return {
        inventoryItems: { pageInfo: END, nodes: [itemNode("70701", "OS-IMPORTED"), itemNode("70702", "")] },
      };
    case "OnhandItemsById":
      return { nodes: [itemNode("70703", "OS-SECOND")] };
    case "OnhandWebhooks":
      return { webhookSubscriptions: { pageInfo: END, nodes: [subscription] } };
    case "OnhandWebhookCreate":
      return { webhookSubscriptionCreate: { webhookSubscription: subscription, userErrors: [] } };
    case "OnhandWebhookUpdate":
      return { webhookSubscriptionUpdate: { webhookSubscription: subscription, userErrors: [] } };
    default:
      throw new Error(`nobody scripted ${name}`);
  }
}

/** Until `vi.restoreAllMocks()`. */
export function shopifySpeaks(): void {
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    const url = input instanceof Request ? input.url : String(input);
    if (url.endsWith("/access_token")) return Response.json({ access_token: "shpat_test", expires_in: 86_399 });
    const { query } = JSON.parse(String(init?.body)) as { query: string };
    const name = /(?:query|mutation) (\w+)/.exec(query)?.[1] ?? "";
    return Response.json({ data: dataOf(name), extensions: { cost: COST } });
  });
}
