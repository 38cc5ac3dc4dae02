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
  readonly change: "kept" | "created" | "mended";
  readonly was?: string;
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

/** Idempotent. Stops at the first refusal, which names what to do (a missing scope, an address that is not public). */
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
    if (reply.kind === "refused") return { ...reply, message: `${topic}: ${reply.message}` };
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
