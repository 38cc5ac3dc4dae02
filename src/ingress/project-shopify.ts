/**
 * From a webhook's body to what the queue carries: a projection, because a full order may be larger than a message
 * may be, and holds personal data that we do not want.
 */
import type * as z from "zod/mini";
import type { InventoryItemId, ShopLocationId, VariantId } from "../domain/ids.ts";
import { fromStore } from "../domain/ids.ts";
import { err, ok, type Result } from "../domain/result.ts";
import type { LevelEvent, OrderEvent, OrderLine, RefundEvent, Restock } from "../domain/shop-event.ts";
import {
  projectFulfilments,
  projectItem,
  projectLocation,
  projectLocationGone,
  projectOrderEdit,
  projectProduct,
} from "./project-shop-news.ts";
import { NO_LINES, type Projected, told } from "./projected.ts";
import {
  fulfilledOrderPayload,
  fulfilmentPayload,
  itemPayload,
  type LevelPayload,
  levelGonePayload,
  levelPayload,
  locationPayload,
  namedPayload,
  type OrderPayload,
  orderEditPayload,
  orderPayload,
  productPayload,
  type RefundPayload,
  refundPayload,
} from "./shopify-payloads.ts";
import { skipReason } from "./skip-reason.ts";

type Reader = (body: unknown) => Result<Projected, WrongShape>;

/** Each topic that we take in, with how its body is read. */
const READERS = {
  "inventory_levels/update": reader(levelPayload, (level) => projectLevel(level, false)),
  "inventory_levels/connect": reader(levelPayload, (level) => projectLevel(level, true)),
  "inventory_levels/disconnect": reader(levelGonePayload, projectLevelGone),
  "orders/create": reader(orderPayload, (order) => projectOrder("orders/create", order)),
  "orders/cancelled": reader(orderPayload, (order) => projectOrder("orders/cancelled", order)),
  "orders/edited": reader(orderEditPayload, projectOrderEdit),
  "orders/fulfilled": reader(fulfilledOrderPayload, ({ id, fulfillments }) => projectFulfilments(id, fulfillments)),
  "fulfillments/create": reader(fulfilmentPayload, (each) => projectFulfilments(each.order_id, [each])),
  "refunds/create": reader(refundPayload, projectRefund),
  "products/update": reader(productPayload, projectProduct),
  "products/delete": reader(namedPayload, ({ id }) => told({ kind: "product_deleted", productId: id })),
  "inventory_items/create": reader(itemPayload, projectItem),
  "inventory_items/update": reader(itemPayload, projectItem),
  "inventory_items/delete": reader(namedPayload, ({ id }) => told({ kind: "item_deleted", item: fromStore(id) })),
  "locations/create": reader(locationPayload, projectLocation),
  "locations/update": reader(locationPayload, projectLocation),
  "locations/activate": reader(locationPayload, projectLocation),
  "locations/deactivate": reader(locationPayload, projectLocation),
  "locations/delete": reader(namedPayload, projectLocationGone),
  "app/uninstalled": reader(namedPayload, () => told({ kind: "uninstalled" })),
} satisfies Record<string, Reader>;

export type ShopifyTopic = keyof typeof READERS;

export const isShopifyTopic = (topic: string): topic is ShopifyTopic => Object.hasOwn(READERS, topic);

export type WrongShape = { readonly kind: "wrong_shape"; readonly problems: readonly string[] };

const PROBLEMS_MAX = 10; // a body wrong in a thousand lines is wrong in ten

export const projectShopify = (topic: ShopifyTopic, body: unknown): Result<Projected, WrongShape> =>
  READERS[topic](body);

function reader<Schema extends z.ZodMiniType>(
  schema: Schema,
  project: (payload: z.infer<Schema>) => Projected,
): Reader {
  return (body) => {
    const parsed = schema.safeParse(body);
    return parsed.success ? ok(project(parsed.data)) : wrongShape(parsed.error);
  };
}

function projectOrder(topic: OrderEvent["topic"], order: OrderPayload): Projected {
  const lines = order.line_items.map(projectLine);
  const restocks = (order.refunds ?? []).flatMap(restocksOf);
  if (lines.length + restocks.length === 0) return NO_LINES;
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
  return told(event, order.created_at);
}

function projectRefund(refund: RefundPayload): Projected {
  const restocks = restocksOf(refund);
  if (restocks.length === 0) return NO_LINES; // money only, or nothing put back
  const event: RefundEvent = { kind: "refund", refundId: refund.id, orderId: refund.order_id, restocks };
  return told(event, refund.created_at);
}

function projectLevel(level: LevelPayload, isConnected: boolean): Projected {
  if (level.available === null) return { kind: "nothing", reason: "no_quantity" };
  const event: LevelEvent = {
    kind: "level",
    ...placeOf(level),
    available: level.available,
    atMs: level.updated_at,
    ...(isConnected ? { isConnected } : {}),
  };
  return told(event, level.updated_at);
}

function projectLevelGone(level: Pick<LevelPayload, "inventory_item_id" | "location_id">): Projected {
  return told({ kind: "level_gone", ...placeOf(level) });
}

const placeOf = (level: Pick<LevelPayload, "inventory_item_id" | "location_id">) => ({
  item: fromStore<InventoryItemId>(level.inventory_item_id),
  location: fromStore<ShopLocationId>(level.location_id),
});

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

function wrongShape(error: {
  readonly issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[];
}) {
  const problems = error.issues
    .slice(0, PROBLEMS_MAX)
    .map((issue) => `${issue.path.map(String).join(".") || "body"}: ${issue.message}`);
  return err({ kind: "wrong_shape", problems } as const);
}
