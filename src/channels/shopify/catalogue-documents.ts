/** The GraphQL documents of import and webhook subscriptions, validated like the gate's own. */

/** All locations, in order of creation: the order in which an unplaced take tries them. */
export const LOCATIONS_DOCUMENT = `query OnhandLocations($after: String) {
  locations(first: 100, after: $after, includeInactive: true, sortKey: ID) {
    pageInfo { hasNextPage endCursor }
    nodes { id name isActive }
  }
}`;

const LEVEL_FIELDS = `pageInfo { hasNextPage endCursor }
        nodes { updatedAt location { id } quantities(names: ["available", "committed"]) { name quantity updatedAt } }`;

const ITEM_FIELDS = `id
      sku
      tracked
      variants(first: 3) { nodes { id displayName requiresComponents product { id isGiftCard } } }
      inventoryLevels(first: 10) {
        ${LEVEL_FIELDS}
      }`;

/** Items with their variants and levels. 100 items ask for some 190 of the 1,000 points that Shopify allows a query. */
export const ITEMS_DOCUMENT = `query OnhandItems($first: Int!, $after: String) {
  inventoryItems(first: $first, after: $after) {
    pageInfo { hasNextPage endCursor }
    nodes {
      ${ITEM_FIELDS}
    }
  }
}`;

/** The same of items that are known by their ids. Null for one that was deleted. */
export const ITEMS_BY_ID_DOCUMENT = `query OnhandItemsById($ids: [ID!]!) {
  nodes(ids: $ids) {
    ... on InventoryItem {
      ${ITEM_FIELDS}
    }
  }
}`;

/** What the lines of an order are: an edit names them by their ids alone. */
export const ORDER_LINES_DOCUMENT = `query OnhandOrderLines($id: ID!, $after: String) {
  order(id: $id) {
    lineItems(first: 100, after: $after) {
      pageInfo { hasNextPage endCursor }
      nodes { id sku isGiftCard variant { id inventoryItem { tracked } } }
    }
  }
}`;

/** The rest of the levels of an item that is stocked at more places than a page shows. */
export const ITEM_LEVELS_DOCUMENT = `query OnhandItemLevels($id: ID!, $after: String) {
  inventoryItem(id: $id) {
    inventoryLevels(first: 50, after: $after) {
      ${LEVEL_FIELDS}
    }
  }
}`;

export const WEBHOOKS_DOCUMENT = `query OnhandWebhooks($after: String) {
  webhookSubscriptions(first: 100, after: $after) {
    pageInfo { hasNextPage endCursor }
    nodes { id topic uri includeFields format filter }
  }
}`;

export const WEBHOOK_CREATE_DOCUMENT = `mutation OnhandWebhookCreate($topic: WebhookSubscriptionTopic!, $subscription: WebhookSubscriptionInput!) {
  webhookSubscriptionCreate(topic: $topic, webhookSubscription: $subscription) {
    webhookSubscription { id topic uri includeFields format filter }
    userErrors { field message }
  }
}`;

export const WEBHOOK_UPDATE_DOCUMENT = `mutation OnhandWebhookUpdate($id: ID!, $subscription: WebhookSubscriptionInput!) {
  webhookSubscriptionUpdate(id: $id, webhookSubscription: $subscription) {
    webhookSubscription { id topic uri includeFields format filter }
    userErrors { field message }
  }
}`;
