/**
 * From a webhook's body to what the queue carries: a projection, because a full order may be larger than a message
 * may be, and holds personal data that we do not want.
 */
import type { InventoryItemId, ShopLocationId, VariantId } from "../domain/ids.ts";
import { fromStore } from "../domain/ids.ts";
import { err, ok, type Result } from "../domain/result.ts";
import type {
  LevelEvent,
  OrderEvent,
  OrderLine,
  RefundEvent,
  Restock,
  ShopEvent,
  SkipReason,
} from "../domain/shop-event.ts";
import {
  type LevelPayload,
  levelPayload,
  type OrderPayload,
  orderPayload,
  type RefundPayload,
  refundPayload,
} from "./shopify-payloads.ts";

export const SHOPIFY_TOPICS = [
  "inventory_levels/update",
  "orders/create",
  "orders/cancelled",
  "refunds/create",
] as const;
export type ShopifyTopic = (typeof SHOPIFY_TOPICS)[number];

export const isShopifyTopic = (topic: string): topic is ShopifyTopic =>
  (SHOPIFY_TOPICS as readonly string[]).includes(topic);

export type Projected =
  | { readonly kind: "event"; readonly event: ShopEvent; readonly occurredAtMs: number }
  /** Rightly shaped, and says nothing about stock. */
  | { readonly kind: "nothing"; readonly reason: "no_quantity" | "no_lines" };

export type WrongShape = { readonly kind: "wrong_shape"; readonly problems: readonly string[] };

const PROBLEMS_MAX = 10; // a body wrong in a thousand lines is wrong in ten

export function projectShopify(topic: ShopifyTopic, body: unknown): Result<Projected, WrongShape> {
  switch (topic) {
    case "orders/create":
    case "orders/cancelled": {
      const parsed = orderPayload.safeParse(body);
      return parsed.success ? ok(projectOrder(topic, parsed.data)) : wrongShape(parsed.error);
    }
    case "refunds/create": {
      const parsed = refundPayload.safeParse(body);
      return parsed.success ? ok(projectRefund(parsed.data)) : wrongShape(parsed.error);
    }
    case "inventory_levels/update": {
      const parsed = levelPayload.safeParse(body);
      return parsed.success ? ok(projectLevel(parsed.data)) : wrongShape(parsed.error);
    }
  }
}

function projectOrder(topic: OrderEvent["topic"], order: OrderPayload): Projected {
  const lines = order.line_items.map(projectLine);
  const restocks = (order.refunds ?? []).flatMap(restocksOf);
  if (lines.length + restocks.length === 0) return { kind: "nothing", reason: "no_lines" };
  const location = order.location_id ? fromStore<ShopLocationId>(order.location_id) : null;
  const event: OrderEvent = {
    kind: "order",
    topic,
    orderId: order.id,
    createdAtMs: order.created_at,
    location,
    lines,
    restocks,
  };
  return { kind: "event", event, occurredAtMs: order.created_at };
}

function projectRefund(refund: RefundPayload): Projected {
  const restocks = restocksOf(refund);
  if (restocks.length === 0) return { kind: "nothing", reason: "no_lines" }; // money only, or nothing put back
  const event: RefundEvent = { kind: "refund", refundId: refund.id, orderId: refund.order_id, restocks };
  return { kind: "event", event, occurredAtMs: refund.created_at };
}

function projectLevel(level: LevelPayload): Projected {
  if (level.available === null) return { kind: "nothing", reason: "no_quantity" };
  const event: LevelEvent = {
    kind: "level",
    item: fromStore<InventoryItemId>(level.inventory_item_id),
    location: fromStore<ShopLocationId>(level.location_id),
    available: level.available,
    atMs: level.updated_at,
  };
  return { kind: "event", event, occurredAtMs: level.updated_at };
}

function projectLine(line: OrderPayload["line_items"][number]): OrderLine {
  return {
    lineId: line.id,
    variantId: line.variant_id ? fromStore<VariantId>(line.variant_id) : null,
    sku: line.sku ?? null,
    quantity: line.quantity,
    fulfilled: line.fulfillment_status === "fulfilled",
    skip: skipReason(line, line.quantity),
  };
}

/** Only these put units back; `no_restock` and a missing type do not. */
const RESTOCKS: ReadonlySet<string> = new Set<Restock["restockType"]>(["cancel", "return", "legacy_restock"]);
const isRestock = (type: string | null | undefined): type is Restock["restockType"] => RESTOCKS.has(type ?? "");

function restocksOf(refund: RefundPayload): Restock[] {
  return refund.refund_line_items.flatMap((line) => {
    if (!isRestock(line.restock_type)) return [];
    const sold = line.line_item ?? {};
    return {
      refundLineId: line.id,
      lineId: line.line_item_id,
      variantId: sold.variant_id ? fromStore<VariantId>(sold.variant_id) : null,
      sku: sold.sku ?? null,
      quantity: line.quantity,
      restockType: line.restock_type,
      location: line.location_id ? fromStore<ShopLocationId>(line.location_id) : null,
      atMs: refund.created_at,
      skip: skipReason(sold, line.quantity),
    } satisfies Restock;
  });
}

type Skippable = {
  readonly gift_card?: boolean | null | undefined;
  readonly variant_id?: string | null | undefined;
  readonly product_exists?: boolean | null | undefined;
  readonly variant_inventory_management?: string | null | undefined;
};

/** `undefined` means that the body lacks the field: only an explicit null says "no variant" or "not tracked". */
function skipReason(line: Skippable, quantity: number): SkipReason | null {
  if (line.gift_card === true) return "gift_card";
  // A deleted variant of a product that still exists may yet be known by its SKU.
  if (line.variant_id === null && line.product_exists !== true) return "custom_line";
  if (line.variant_inventory_management === null) return "untracked";
  return quantity === 0 ? "zero_quantity" : null;
}

function wrongShape(error: {
  readonly issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[];
}) {
  const problems = error.issues
    .slice(0, PROBLEMS_MAX)
    .map((issue) => `${issue.path.map(String).join(".") || "body"}: ${issue.message}`);
  return err({ kind: "wrong_shape", problems } as const);
}
