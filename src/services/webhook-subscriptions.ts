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

const EDIT_FIELDS = ["id", "order_id", "created_at", "line_items"].map((field) => `order_edit.${field}`);

/** A fulfilment names its order's lines; below that they come whole. */
const FULFILMENT_FIELDS = [
  ...["id", "order_id", "created_at", "updated_at", "status", "location_id"],
  ...LINE_FIELDS.map((field) => `line_items.${field}`),
];
const FULFILLED_FIELDS = [
  ...["id", "admin_graphql_api_id", "updated_at"],
  ...["id", "order_id", "created_at", "status", "location_id", "line_items"].map((field) => `fulfillments.${field}`),
];
/** A location's name is a place's. */
const LOCATION_FIELDS = ["id", "name", "active", "updated_at"];
const ITEM_FIELDS = ["id", "sku", "tracked", "updated_at"];
const LEVEL_FIELDS = ["inventory_item_id", "location_id", "available", "updated_at", "admin_graphql_api_id"];

/** `isEssential`: without it the count is late or wrong; the others make it right sooner, and their refusal is reported. */
export type NeededWebhook = {
  readonly topic: string;
  readonly includeFields: readonly string[];
  readonly isEssential: boolean;
};

const essential = (topic: string, includeFields: readonly string[]): NeededWebhook => ({
  topic,
  includeFields,
  isEssential: true,
});
const helpful = (topic: string, includeFields: readonly string[]): NeededWebhook => ({
  topic,
  includeFields,
  isEssential: false,
});

/**
 * Topics as the Admin API spells them. A fulfilment comes by two routes, and counts once: `fulfillments/create` tells parts of
 * an order, and needs the scope read_fulfillments; `orders/fulfilled` tells all of them again once the order is through.
 */
export const NEEDED_WEBHOOKS: readonly NeededWebhook[] = [
  essential("ORDERS_CREATE", ORDER_FIELDS),
  essential("ORDERS_CANCELLED", ORDER_FIELDS),
  helpful("ORDERS_EDITED", EDIT_FIELDS),
  helpful("ORDERS_FULFILLED", FULFILLED_FIELDS),
  helpful("FULFILLMENTS_CREATE", FULFILMENT_FIELDS),
  essential("REFUNDS_CREATE", REFUND_FIELDS),
  essential("INVENTORY_LEVELS_UPDATE", LEVEL_FIELDS),
  helpful("INVENTORY_LEVELS_CONNECT", LEVEL_FIELDS),
  helpful("INVENTORY_LEVELS_DISCONNECT", ["inventory_item_id", "location_id"]),
  helpful("INVENTORY_ITEMS_CREATE", ITEM_FIELDS),
  helpful("INVENTORY_ITEMS_UPDATE", ITEM_FIELDS),
  helpful("INVENTORY_ITEMS_DELETE", ["id"]),
  helpful("PRODUCTS_UPDATE", ["id", "updated_at", "variants.id", "variants.sku", "variants.inventory_item_id"]),
  helpful("PRODUCTS_DELETE", ["id"]),
  helpful("LOCATIONS_CREATE", LOCATION_FIELDS),
  helpful("LOCATIONS_UPDATE", LOCATION_FIELDS),
  helpful("LOCATIONS_ACTIVATE", LOCATION_FIELDS),
  helpful("LOCATIONS_DEACTIVATE", LOCATION_FIELDS),
  helpful("LOCATIONS_DELETE", ["id"]),
  helpful("APP_UNINSTALLED", ["id"]),
];

export type Subscription = {
  readonly id: string;
  readonly topic: string;
  readonly uri: string;
  readonly includeFields: readonly string[];
  readonly format: string;
  /** Null or empty: nothing is held back. */
  readonly filter: string | null;
};

export interface SubscriptionsApi {
  list(): Promise<SourceReply<readonly Subscription[]>>;
  create(needed: NeededWebhook, uri: string): Promise<SourceReply<Subscription>>;
  update(id: string, needed: NeededWebhook, uri: string): Promise<SourceReply<Subscription>>;
}

export type SubscriptionChange = {
  readonly topic: string;
  readonly change: "kept" | "created" | "mended" | "refused";
  readonly was?: string;
  /** Why Shopify refused it: a missing scope, most often. */
  readonly why?: string;
};

export type SyncedWebhooks = {
  readonly subscriptions: readonly Subscription[];
  readonly changes: readonly SubscriptionChange[];
  /** Of another deployment, by the look of their path: left alone. Ask to replace them if they were ours. */
  readonly elsewhere: readonly Subscription[];
};

type Step =
  | { readonly kind: "keep"; readonly subscription: Subscription }
  | { readonly kind: "mend"; readonly needed: NeededWebhook; readonly subscription: Subscription }
  | { readonly kind: "create"; readonly needed: NeededWebhook };

export type WebhookPlan = { readonly steps: readonly Step[]; readonly elsewhere: readonly Subscription[] };

/**
 * Ours are those that deliver to `uri`. One that delivers to the same path on another host may be where we were before,
 * or another deployment of the same app: it is only moved when the operator says so. Others are left alone.
 * @param replace  move what delivers to the same path elsewhere, rather than create our own beside it
 */
export function planWebhooks(existing: readonly Subscription[], uri: string, replace: boolean): WebhookPlan {
  const elsewhere: Subscription[] = [];
  const steps = NEEDED_WEBHOOKS.map((needed): Step => {
    const candidates = existing.filter(({ topic }) => topic === needed.topic);
    const ours = candidates.find((one) => one.uri === uri);
    const others = candidates.filter((one) => one !== ours && one.uri !== uri && pathOf(one.uri) === pathOf(uri));
    const [moved] = ours === undefined && replace ? others : [];
    elsewhere.push(...others.filter((one) => one !== moved));
    const subscription = ours ?? moved;
    if (subscription === undefined) return { kind: "create", needed };
    return isRight(subscription, needed, uri) ? { kind: "keep", subscription } : { kind: "mend", needed, subscription };
  });
  return { steps, elsewhere };
}

/** A filter holds webhooks back, and the receiver reads JSON: both are as bad as a missing field. */
const isRight = (one: Subscription, needed: NeededWebhook, uri: string): boolean =>
  one.uri === uri &&
  one.format === "JSON" &&
  (one.filter ?? "") === "" &&
  sameFields(one.includeFields, needed.includeFields);

/**
 * Idempotent. Stops at the first refusal of an essential topic, which names what to do (a missing scope, an address that is not
 * public); the refusal of another one is told among the changes.
 */
export async function syncWebhooks(
  uri: string,
  replace: boolean,
  api: SubscriptionsApi,
): Promise<SourceReply<SyncedWebhooks>> {
  const existing = await api.list();
  if (existing.kind !== "ok") return existing;
  const subscriptions: Subscription[] = [];
  const changes: SubscriptionChange[] = [];
  const { steps, elsewhere } = planWebhooks(existing.value, uri, replace);
  for (const step of steps) {
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
    if (reply.kind === "refused") {
      if (step.needed.isEssential) return { ...reply, message: `${topic}: ${reply.message}` };
      changes.push({ topic, change: "refused", why: `${reply.code}: ${reply.message}` });
      continue;
    }
    if (reply.kind !== "ok") return reply;
    subscriptions.push(reply.value);
    changes.push(
      step.kind === "create" ? { topic, change: "created" } : { topic, change: "mended", was: step.subscription.uri },
    );
  }
  return { kind: "ok", value: { subscriptions, changes, elsewhere } };
}

const sameFields = (a: readonly string[], b: readonly string[]): boolean => a.toSorted().join() === b.toSorted().join();

const pathOf = (uri: string): string => (URL.canParse(uri) ? new URL(uri).pathname : uri);
