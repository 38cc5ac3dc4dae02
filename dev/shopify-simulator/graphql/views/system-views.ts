/** The shop itself, its states of stock, subscriptions and bulk operations as GraphQL shows them. */
import type { BulkOperation } from "../../bulk/bulk-operations.ts";
import { gid } from "../../model/ids.ts";
import { SHOP_OFFSET_MINUTES, utcStamp } from "../../model/stamps.ts";
import type { Subscription } from "../../webhooks/subscription-registry.ts";
import type { CallContext, View } from "../call-context.ts";

export function shopView(context: CallContext): View {
  const { facts } = context;
  return {
    __typename: "Shop",
    id: gid("Shop", "54838000931"),
    name: facts.domain.split(".")[0] ?? facts.domain,
    myshopifyDomain: facts.domain,
    email: "owner@example.com",
    contactEmail: "hello@example.com",
    currencyCode: "CAD",
    ianaTimezone: "America/Toronto",
    timezoneAbbreviation: "EDT",
    timezoneOffset: "-0400",
    timezoneOffsetMinutes: SHOP_OFFSET_MINUTES,
    plan: {
      displayName: "Developer Preview",
      partnerDevelopment: true,
      publicDisplayName: "Development",
      shopifyPlus: false,
    },
    createdAt: utcStamp(facts.createdAtMs),
    updatedAt: utcStamp(facts.createdAtMs),
    url: `https://${facts.domain}`,
  };
}

/** What each state comprises and belongs to. @see https://shopify.dev/docs/apps/build/orders-fulfillment/inventory-management-apps */
export function inventoryPropertiesView(): View {
  const counted = ["available", "committed", "damaged", "quality_control", "reserved", "safety_stock"];
  const view = (name: string, belongsTo: readonly string[], comprises: readonly string[]): View => ({
    name,
    displayName: name.replaceAll("_", " "),
    isInUse: true,
    belongsTo,
    comprises,
  });
  return {
    quantityNames: [
      ...counted.map((name) => view(name, ["on_hand"], [])),
      view("incoming", [], []),
      view("on_hand", [], counted),
    ],
  };
}

export function apiVersionView(handle: string): View {
  return { handle, displayName: handle, supported: true };
}

export function subscriptionView(context: CallContext, subscription: Subscription): View {
  const { uri } = subscription;
  const pubSub = /^pubsub:\/\/([^:]+):(.+)$/.exec(uri);
  const endpoint =
    pubSub !== null
      ? { __typename: "WebhookPubSubEndpoint", pubSubProject: pubSub[1], pubSubTopic: pubSub[2] }
      : uri.startsWith("arn:")
        ? { __typename: "WebhookEventBridgeEndpoint", arn: uri }
        : { __typename: "WebhookHttpEndpoint", callbackUrl: uri };
  return {
    __typename: "WebhookSubscription",
    id: gid("WebhookSubscription", subscription.id),
    legacyResourceId: subscription.id,
    topic: subscription.topic,
    uri,
    callbackUrl: uri,
    endpoint,
    format: "JSON",
    includeFields: subscription.includeFields,
    metafieldNamespaces: subscription.metafieldNamespaces,
    metafields: [],
    filter: subscription.filter,
    name: subscription.name,
    apiVersion: apiVersionView(context.facts.apiVersion),
    createdAt: utcStamp(subscription.createdAtMs),
    updatedAt: utcStamp(subscription.updatedAtMs),
  };
}

export function bulkOperationView(operation: BulkOperation): View {
  return {
    __typename: "BulkOperation",
    id: gid("BulkOperation", operation.id),
    type: "QUERY",
    status: operation.status,
    errorCode: operation.errorCode,
    query: operation.query,
    createdAt: utcStamp(operation.createdAtMs),
    completedAt: operation.completedAtMs === null ? null : utcStamp(operation.completedAtMs),
    objectCount: String(operation.objectCount),
    rootObjectCount: String(operation.rootObjectCount),
    fileSize: operation.fileBytes === null ? null : String(operation.fileBytes),
    url: operation.url,
    partialDataUrl: null,
  };
}
