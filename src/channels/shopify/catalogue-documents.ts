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

/** Items with their variants and levels. 100 items ask for some 190 of the 1,000 points that Shopify allows a query. */
export const ITEMS_DOCUMENT = `query OnhandItems($first: Int!, $after: String) {
  inventoryItems(first: $first, after: $after) {
    pageInfo { hasNextPage endCursor }
    nodes {
      id
      sku
      tracked
      variants(first: 3) { nodes { id displayName requiresComponents product { isGiftCard } } }
      inventoryLevels(first: 10) {
        ${LEVEL_FIELDS}
      }
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
