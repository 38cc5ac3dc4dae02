/** The GraphQL documents of reconciliation, validated like the gate's own. */
import type { ShopLocationId } from "../../domain/ids.ts";
import { locationGid } from "./gid.ts";

/** What is kept of an order's line: nothing about a person is even asked for. */
const LINE_FIELDS = `id sku quantity unfulfilledQuantity nonFulfillableQuantity isGiftCard
            product { id } variant { id inventoryItem { tracked } }`;

const REFUND_LINE_FIELDS = `id quantity restockType location { id }
              lineItem { id sku isGiftCard product { id } variant { id inventoryItem { tracked } } }`;

/**
 * Orders that were updated since. 20 of them ask for some 390 points; what comes back costs a dozen points each.
 * @see https://shopify.dev/docs/api/admin-graphql/2026-10/queries/orders
 */
export const ORDERS_DOCUMENT = `query OnhandOrders($query: String!, $after: String) {
  orders(first: 20, after: $after, query: $query, sortKey: UPDATED_AT) {
    pageInfo { hasNextPage endCursor }
    nodes {
      id
      createdAt
      updatedAt
      cancelledAt
      retailLocation { id }
      lineItems(first: 50) {
        pageInfo { hasNextPage endCursor }
        nodes { ${LINE_FIELDS} }
      }
      refunds {
        id
        createdAt
        refundLineItems(first: 50) {
          pageInfo { hasNextPage endCursor }
          nodes { ${REFUND_LINE_FIELDS} }
        }
      }
    }
  }
}`;

/** The rest of the lines of an order that has more than a page shows. */
export const ORDER_LINES_DOCUMENT = `query OnhandOrderLines($id: ID!, $after: String) {
  order(id: $id) {
    lineItems(first: 100, after: $after) {
      pageInfo { hasNextPage endCursor }
      nodes { ${LINE_FIELDS} }
    }
  }
}`;

export const REFUND_LINES_DOCUMENT = `query OnhandRefundLines($id: ID!, $after: String) {
  node(id: $id) {
    ... on Refund {
      refundLineItems(first: 100, after: $after) {
        pageInfo { hasNextPage endCursor }
        nodes { ${REFUND_LINE_FIELDS} }
      }
    }
  }
}`;

/** Levels of one location that changed since: some 40 points for 250 of them. */
export const CHANGED_LEVELS_DOCUMENT = `query OnhandChangedLevels($location: ID!, $query: String!, $after: String) {
  location(id: $location) {
    inventoryLevels(first: 250, after: $after, query: $query) {
      pageInfo { hasNextPage endCursor }
      nodes { updatedAt item { id } quantities(names: ["available", "committed"]) { name quantity updatedAt } }
    }
  }
}`;

export const BULK_RUN_DOCUMENT = `mutation OnhandBulkRun($query: String!) {
  bulkOperationRunQuery(query: $query, groupObjects: false) {
    bulkOperation { id }
    userErrors { code field message }
  }
}`;

export const BULK_STATE_DOCUMENT = `query OnhandBulkState($id: ID!) {
  bulkOperation(id: $id) { status errorCode url }
}`;

export const BULK_CANCEL_DOCUMENT = `mutation OnhandBulkCancel($id: ID!) {
  bulkOperationCancel(id: $id) {
    bulkOperation { id }
    userErrors { field message }
  }
}`;

/**
 * Every item with its level at each of our locations, for a bulk query (which takes no variables). One alias per location
 * instead of a connection: an item is one line of the result, whole, and a place where it is not stocked says null. The
 * alias is the location's number, so that a result is read rightly whatever changed in the catalogue meanwhile.
 */
export function bulkLevelsQuery(locations: readonly ShopLocationId[]): string {
  const levels = locations.map(
    (location) =>
      `l${location}: inventoryLevel(locationId: "${locationGid(location)}") { updatedAt quantities(names: ["available", "committed"]) { name quantity updatedAt } }`,
  );
  return `{ inventoryItems { edges { node { id ${levels.join(" ")} } } } }`;
}

/** @param sinceMs  epoch ms; Shopify compares whole seconds */
export const updatedSince = (sinceMs: number): string =>
  `updated_at:>='${new Date(Math.floor(sinceMs / 1_000) * 1_000).toISOString().replace(".000", "")}'`;
