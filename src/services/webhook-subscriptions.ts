/**
 * Which webhooks we need, and the difference between that and what a shop has: created, mended, or left alone. Names
 * only fields that move stock; a person's name or address is never even sent to us. `shopify.app.toml` says the same
 * (test/contract/shopify/app-toml.test.ts).
 */
import type { SourceReply } from "./import-catalogue.ts";

const LINE_FIELDS = [
  "id",
  "variant_id",
  "sku",
  "quantity",
  "gift_card",
  "product_exists",
  "fulfillment_status",
  "variant_inventory_management",
] as const;

/** Paths one dot deep are what Shopify documents: below that, the refunded line comes whole. */
const REFUND_FIELDS = [
  ...["id", "order_id", "created_at", "admin_graphql_api_id"],
  ...["id", "line_item_id", "quantity", "restock_type", "location_id", "line_item"].map(
    (field) => `refund_line_items.${field}`,
  ),
];

/** `updated_at` also keeps Shopify from dropping a delivery as a duplicate of one with the same fields. */
const ORDER_FIELDS = [
  ...["id", "admin_graphql_api_id", "created_at", "updated_at", "location_id"],
  ...LINE_FIELDS.map((field) => `line_items.${field}`),
  ...["id", "order_id", "created_at", "refund_line_items"].map((field) => `refunds.${field}`),
];

export type NeededWebhook = { readonly topic: string; readonly includeFields: readonly string[] };

/** Topics as the Admin API spells them. */
export const NEEDED_WEBHOOKS: readonly NeededWebhook[] = [
  { topic: "ORDERS_CREATE", includeFields: ORDER_FIELDS },
  { topic: "ORDERS_CANCELLED", includeFields: ORDER_FIELDS },
  { topic: "REFUNDS_CREATE", includeFields: REFUND_FIELDS },
  {
    topic: "INVENTORY_LEVELS_UPDATE",
    includeFields: ["inventory_item_id", "location_id", "available", "updated_at", "admin_graphql_api_id"],
  },
];

export type Subscription = {
  readonly id: string;
  readonly topic: string;
  readonly uri: string;
  readonly includeFields: readonly string[];
};

export interface SubscriptionsApi {
  list(): Promise<SourceReply<readonly Subscription[]>>;
  create(needed: NeededWebhook, uri: string): Promise<SourceReply<Subscription>>;
  update(id: string, needed: NeededWebhook, uri: string): Promise<SourceReply<Subscription>>;
}

export type SubscriptionChange = {
  readonly topic: string;
  readonly change: "kept" | "created" | "mended";
  readonly was?: string;
};

export type SyncedWebhooks = {
  readonly subscriptions: readonly Subscription[];
  readonly changes: readonly SubscriptionChange[];
};

type Step =
  | { readonly kind: "keep"; readonly subscription: Subscription }
  | { readonly kind: "mend"; readonly needed: NeededWebhook; readonly subscription: Subscription }
  | { readonly kind: "create"; readonly needed: NeededWebhook };

/**
 * Ours are those that deliver to `uri`; one that delivers to the same path elsewhere (we moved) is mended. Others belong
 * to somebody else and are left alone.
 */
export function planWebhooks(existing: readonly Subscription[], uri: string): readonly Step[] {
  return NEEDED_WEBHOOKS.map((needed): Step => {
    const candidates = existing.filter(({ topic }) => topic === needed.topic);
    const subscription =
      candidates.find((one) => one.uri === uri) ?? candidates.find((one) => pathOf(one.uri) === pathOf(uri));
    if (subscription === undefined) return { kind: "create", needed };
    const isRight = subscription.uri === uri && sameFields(subscription.includeFields, needed.includeFields);
    return isRight ? { kind: "keep", subscription } : { kind: "mend", needed, subscription };
  });
}

/** Idempotent. Stops at the first refusal, which names what to do (a missing scope, an address that is not public). */
export async function syncWebhooks(uri: string, api: SubscriptionsApi): Promise<SourceReply<SyncedWebhooks>> {
  const existing = await api.list();
  if (existing.kind !== "ok") return existing;
  const subscriptions: Subscription[] = [];
  const changes: SubscriptionChange[] = [];
  for (const step of planWebhooks(existing.value, uri)) {
    if (step.kind === "keep") {
      subscriptions.push(step.subscription);
      changes.push({ topic: step.subscription.topic, change: "kept" });
      continue;
    }
    const { topic } = step.needed;
    const reply =
      step.kind === "create"
        ? await api.create(step.needed, uri)
        : await api.update(step.subscription.id, step.needed, uri);
    if (reply.kind === "refused") return { ...reply, message: `${topic}: ${reply.message}` };
    if (reply.kind !== "ok") return reply;
    subscriptions.push(reply.value);
    changes.push(
      step.kind === "create" ? { topic, change: "created" } : { topic, change: "mended", was: step.subscription.uri },
    );
  }
  return { kind: "ok", value: { subscriptions, changes } };
}

const sameFields = (a: readonly string[], b: readonly string[]): boolean => a.toSorted().join() === b.toSorted().join();

const pathOf = (uri: string): string => (URL.canParse(uri) ? new URL(uri).pathname : uri);
