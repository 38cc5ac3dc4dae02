/**
 * Turns what happens in the shop into deliveries, for registered subscriptions alone. Level changes are coalesced: a
 * short window per level, then only the newest state is told, stamped with its last change. Nothing is built for a topic
 * that nobody subscribed to.
 */
import { randomUUID } from "node:crypto";
import type { PendingWork } from "../model/pending-work.ts";
import { type FieldReader, matchesSearch } from "../model/search-syntax.ts";
import type { ItemTopic, LocationTopic, OrderTopic, ShopEvents } from "../model/shop-events.ts";
import type {
  Fulfilment,
  InventoryItem,
  Level,
  Location,
  Order,
  OrderEdit,
  Product,
  Refund,
} from "../model/shop-model.ts";
import { nanosecondStamp } from "../model/stamps.ts";
import { inventoryItemBody, locationBody, shopBody } from "../payloads/catalogue-bodies.ts";
import { fulfilmentBody } from "../payloads/fulfilment-body.ts";
import { onlyFields } from "../payloads/include-fields.ts";
import { levelBody, levelDisconnectBody } from "../payloads/level-body.ts";
import { orderBody } from "../payloads/order-body.ts";
import { orderEditBody } from "../payloads/order-edit-body.ts";
import { productBody } from "../payloads/product-body.ts";
import { isRawNumber, rawId } from "../payloads/raw-json.ts";
import { refundBody } from "../payloads/refund-body.ts";
import type { Delivery } from "./courier.ts";
import type { Subscription, SubscriptionRegistry } from "./subscription-registry.ts";
import { TOPICS, type Topic } from "./topics.ts";

export type AnnouncerDeps = {
  readonly shop: string;
  readonly apiVersion: string;
  readonly now: () => number;
  readonly registry: SubscriptionRegistry;
  readonly pending: PendingWork;
  /** Window in which changes of one level are merged; 0 tells each change at once. */
  readonly levelWindowMs: number;
  readonly deliver: (delivery: Delivery) => void;
};

type Occasion = { readonly eventId: string; readonly atMs: number };

export class Announcer implements ShopEvents {
  readonly #deps: AnnouncerDeps;
  readonly #dirty = new Map<Level, NodeJS.Timeout>();
  #nanos = 0;

  constructor(deps: AnnouncerDeps) {
    this.#deps = deps;
  }

  orderChanged(order: Order, topics: readonly OrderTopic[], refund: Refund | null): void {
    const occasion = this.#occasion();
    for (const topic of topics) this.announce(topic, () => orderBody(order, this.#deps.shop), occasion);
    if (refund !== null) this.announce("refunds/create", () => refundBody(refund), occasion);
    if (this.#deps.registry.byTopic(TOPICS["products/update"]).length === 0) return;
    const products = new Set(order.lines.flatMap((line) => (line.variant === null ? [] : [line.variant.product])));
    for (const product of products) this.productChanged(product);
  }

  levelChanged(level: Level): void {
    if (this.#deps.registry.byTopic(TOPICS["inventory_levels/update"]).length === 0) return;
    if (this.#deps.levelWindowMs === 0) {
      this.announce("inventory_levels/update", () => levelBody(level), this.#occasion());
      return;
    }
    // The first change opens the window; later ones ride along, so a hot level is told at a steady pace.
    if (this.#dirty.has(level)) return;
    this.#deps.pending.begin();
    const timer = setTimeout(() => {
      this.#dirty.delete(level);
      this.announce("inventory_levels/update", () => levelBody(level), this.#occasion());
      this.#deps.pending.end();
    }, this.#deps.levelWindowMs);
    this.#dirty.set(level, timer);
  }

  levelConnected(level: Level): void {
    this.announce("inventory_levels/connect", () => levelBody(level), this.#occasion());
  }

  levelDisconnected(level: Level): void {
    this.announce("inventory_levels/disconnect", () => levelDisconnectBody(level), this.#occasion());
  }

  productChanged(product: Product): void {
    this.announce("products/update", () => productBody(product), this.#occasion());
  }

  productDeleted(product: Product): void {
    this.announce("products/delete", () => ({ id: rawId(product.id) }), this.#occasion());
  }

  orderFulfilled(order: Order, fulfilments: readonly Fulfilment[]): void {
    const occasion = this.#occasion();
    for (const fulfilment of fulfilments) {
      this.announce("fulfillments/create", () => fulfilmentBody(fulfilment), occasion);
    }
    const isWhole = order.lines.every((line) => line.fulfillableQuantity === 0);
    this.orderChanged(order, [isWhole ? "orders/fulfilled" : "orders/partially_fulfilled", "orders/updated"], null);
  }

  orderEdited(edit: OrderEdit): void {
    this.announce("orders/edited", () => orderEditBody(edit), this.#occasion());
    this.orderChanged(edit.order, ["orders/updated"], null);
  }

  itemChanged(item: InventoryItem, topic: ItemTopic): void {
    const isGone = topic === "inventory_items/delete";
    this.announce(topic, () => (isGone ? { id: rawId(item.id) } : inventoryItemBody(item)), this.#occasion());
  }

  locationChanged(location: Location, topic: LocationTopic): void {
    const isGone = topic === "locations/delete";
    this.announce(topic, () => (isGone ? { id: rawId(location.id) } : locationBody(location)), this.#occasion());
  }

  appUninstalled(): void {
    this.announce("app/uninstalled", () => shopBody(this.#deps.shop), this.#occasion());
  }

  /** Tells one topic to whoever subscribed to it. The body is taken now: it shows the state at the time of the event. */
  announce(topic: Topic, makeBody: () => Record<string, unknown>, occasion: Occasion = this.#occasion()): void {
    const subscriptions = this.#deps.registry.byTopic(TOPICS[topic]);
    if (subscriptions.length === 0) return;
    const body = makeBody();
    for (const subscription of subscriptions) {
      if (!subscription.uri.startsWith("http")) continue;
      if (!matchesSearch(subscription.filterNode, bodyReader(body))) continue;
      this.#deps.deliver(
        this.#delivery(topic, subscription, JSON.stringify(onlyFields(body, subscription.includeFields)), occasion),
      );
    }
  }

  close(): void {
    for (const timer of this.#dirty.values()) clearTimeout(timer);
    this.#dirty.clear();
  }

  #occasion(): Occasion {
    return { eventId: randomUUID(), atMs: this.#deps.now() };
  }

  #delivery(topic: Topic, subscription: Subscription, body: string, occasion: Occasion): Delivery {
    const webhookId = randomUUID();
    this.#nanos = (this.#nanos + 1_237) % 1_000_000;
    const headers: Record<string, string> = {
      "Content-Type": "application/json",
      "User-Agent": "Shopify-Captain-Hook",
      Accept: "*/*",
      "X-Shopify-Topic": topic,
      "X-Shopify-Shop-Domain": this.#deps.shop,
      "X-Shopify-API-Version": this.#deps.apiVersion,
      "X-Shopify-Webhook-Id": webhookId,
      "X-Shopify-Event-Id": occasion.eventId,
      "X-Shopify-Triggered-At": nanosecondStamp(occasion.atMs, this.#nanos),
    };
    if (subscription.name !== null) headers["X-Shopify-Name"] = subscription.name;
    return { webhookId, subscriptionId: subscription.id, topic, uri: subscription.uri, body, headers };
  }
}

/** Filters of a subscription look at the fields of the body. */
function bodyReader(body: Record<string, unknown>): FieldReader {
  return (field) => {
    let value: unknown = body;
    for (const name of field.split(".")) {
      value = typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
    }
    if (isRawNumber(value)) return { kind: "id", digits: value.rawJSON };
    if (typeof value === "number") return { kind: "id", digits: String(value) };
    if (typeof value === "boolean") return { kind: "flag", value };
    return { kind: "text", value: typeof value === "string" ? value : null };
  };
}
