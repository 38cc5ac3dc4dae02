/** How a shop is connected to our stock, and its listings. */
import { attachBody, listingsQuery } from "../listing-routes.ts";
import { dryRunQuery } from "../parse.ts";
import { disconnectBody, mappingBody, shopImportBody } from "../shop-connection-routes.ts";
import { releaseBody, webhooksBody } from "../shop-routes.ts";
import {
  attachedReply,
  disconnectReply,
  listingsReply,
  mappingReply,
  releasedReply,
  shopFindingsReply,
  shopImportReply,
  shopLocationsReply,
  subscriptionsReply,
  syncedWebhooksReply,
} from "../wire/shops.ts";
import { LEVELS, SUBSCRIPTION } from "./examples.ts";
import type { Group } from "./operation.ts";

const PUSH = { locationId: "61", level: 12, ours: 12, delta: 0 };
const LOCATION = { shopLocationId: "61", locationId: "61" };

export const shops: Group = {
  name: "Shops",
  description: "How a Shopify shop is connected: import, locations, listings, webhooks, disconnection.",
  operations: [
    {
      id: "importShop",
      method: "post",
      path: "/v1/shops/{shop}/import",
      summary: "Import one page of the catalogue, which connects its levels",
      description:
        "`adopt`: Shopify's levels become stock. `mirror`: they shall show ours. With `dryRun` every first push is shown and nothing is changed. Ask again with `nextCursor` until it is null.",
      body: { schema: shopImportBody, example: { mode: "adopt", dryRun: true } },
      answers: [
        {
          status: 200,
          description: "What came of the page.",
          schema: shopImportReply,
          example: {
            mode: "adopt",
            nextCursor: null,
            counts: { locations: 1, items: 1, connected: 1, levels: 1 },
            findings: [],
            firstPushes: [{ sku: "TEE-M", item: "43729076", shopLocation: "61", connection: "adopt", ...PUSH }],
            dryRun: true,
          },
        },
      ],
      problems: ["not_found", "conflict", "shopify_refused"],
    },
    {
      id: "disconnectShop",
      method: "post",
      path: "/v1/shops/{shop}/disconnect",
      summary: "Part with a shop, a page at a time",
      description: "Its stock becomes ours, its listings are skipped, its gate is paused.",
      body: { schema: disconnectBody, example: { dryRun: true } },
      answers: [
        {
          status: 200,
          description: "What came of the page.",
          schema: disconnectReply,
          example: {
            nextCursor: null,
            listings: 1,
            folded: [{ sku: "TEE-M", locationId: "61", units: 12 }],
            dryRun: true,
          },
        },
      ],
      problems: ["not_found", "conflict"],
    },
    {
      id: "getShopLocations",
      method: "get",
      path: "/v1/shops/{shop}/locations",
      summary: "Which location of ours each of the shop's is",
      answers: [
        {
          status: 200,
          description: "As Shopify tells them now.",
          schema: shopLocationsReply,
          example: {
            locations: [{ ...LOCATION, name: "Warehouse", isActive: true }],
            ours: [{ locationId: "61", name: "Warehouse" }],
          },
        },
      ],
      problems: ["not_found", "shopify_refused"],
    },
    {
      id: "mapShopLocations",
      method: "put",
      path: "/v1/shops/{shop}/locations",
      summary: "Map them, before the import",
      body: { schema: mappingBody, example: { locations: [LOCATION] } },
      answers: [
        { status: 200, description: "They are mapped.", schema: mappingReply, example: { locations: [LOCATION] } },
      ],
      problems: ["not_found", "conflict"],
    },
    {
      id: "getShopFindings",
      method: "get",
      path: "/v1/shops/{shop}/findings",
      summary: "What imports and news left to be seen to",
      answers: [
        {
          status: 200,
          description: "Until it is mended.",
          schema: shopFindingsReply,
          example: {
            connection: { mode: "adopt", state: "connected" },
            findings: [
              {
                subject: "item 43729076",
                kind: "duplicate_sku",
                sku: "TEE-M",
                detail: "Another item of the shop goes by it.",
                seenAt: "2026-11-28T09:00:00.000Z",
              },
            ],
          },
        },
      ],
      problems: ["not_found"],
    },
    {
      id: "listListings",
      method: "get",
      path: "/v1/shops/{shop}/listings",
      summary: "What is not counted, and why",
      query: listingsQuery,
      answers: [
        {
          status: 200,
          description: "A page, and how many there are of each status.",
          schema: listingsReply,
          example: {
            listings: [
              {
                variantId: "39072856",
                inventoryItemId: "43729076",
                sku: "",
                title: "Tee / M",
                status: "blank_sku",
                countedAs: null,
                sharesSkuWith: [],
                importedAt: "2026-11-28T09:00:00.000Z",
              },
            ],
            next: null,
            counts: { active: 120, blank_sku: 1 },
          },
        },
      ],
      problems: ["not_found"],
    },
    {
      id: "attachListing",
      method: "post",
      path: "/v1/shops/{shop}/listings/{item}/attach",
      summary: "The item shows the stock of a SKU that is counted already",
      query: dryRunQuery,
      body: { schema: attachBody, example: { sku: "TEE-M" } },
      answers: [
        {
          status: 200,
          description: "What became of each level.",
          schema: attachedReply,
          example: {
            sku: "TEE-M",
            attached: [{ connection: "mirror", ...PUSH }],
            unknownLocations: [],
            levels: LEVELS,
          },
        },
      ],
      problems: ["not_found", "conflict", "shopify_refused", "importing"],
    },
    {
      id: "releaseListing",
      method: "post",
      path: "/v1/shops/{shop}/listings/{item}/release",
      summary: "That SKU is no longer this item's",
      query: dryRunQuery,
      body: { schema: releaseBody, example: { sku: "TEE-M" } },
      answers: [
        {
          status: 200,
          description: "The listing is out of the count, or its former SKU is.",
          schema: releasedReply,
          example: { released: "listing", sku: "TEE-M", levels: LEVELS },
        },
      ],
      problems: ["not_found", "conflict"],
    },
    {
      id: "getWebhooks",
      method: "get",
      path: "/v1/shops/{shop}/webhooks",
      summary: "Its webhook subscriptions",
      answers: [
        {
          status: 200,
          description: "All that the app has.",
          schema: subscriptionsReply,
          example: { subscriptions: [SUBSCRIPTION] },
        },
      ],
      problems: ["not_found", "shopify_refused"],
    },
    {
      id: "syncWebhooks",
      method: "post",
      path: "/v1/shops/{shop}/webhooks/sync",
      summary: "Make the subscriptions that are needed",
      body: { schema: webhooksBody, example: { uri: "https://onhand.example/webhooks/shopify" } },
      answers: [
        {
          status: 200,
          description: "What was changed.",
          schema: syncedWebhooksReply,
          example: {
            subscriptions: [SUBSCRIPTION],
            changes: [{ topic: "ORDERS_CREATE", change: "created" }],
            elsewhere: [],
          },
        },
      ],
      problems: ["not_found", "shopify_refused"],
    },
  ],
};
