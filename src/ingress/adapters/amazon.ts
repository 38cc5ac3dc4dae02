/**
 * Amazon's marketplaces: ORDER_CHANGE of the Selling Partner API. Amazon puts it into an SQS queue of the merchant's; an
 * EventBridge pipe carries it here, with a secret in a header. A notification tells the state of the whole order, so several of
 * one order say the same again: each line's sale, cancellation and shipped units count once. Nothing of the buyer is read.
 * @see https://developer-docs.amazon.com/sp-api/docs/notification-type-values
 * @see https://github.com/amzn/selling-partner-api-models/blob/main/schemas/notifications/OrderChangeNotification.json
 */
import * as z from "zod/mini";
import type { ItemRef } from "../../domain/channel/channel-event.ts";
import { inForce } from "../../domain/channel/credentials.ts";
import type { Adapter, News, Projected, ReadContext } from "./adapter.ts";
import { idField, itemRefOf, nothing, problemsOf, unreadable } from "./reading.ts";
import { isOneOf } from "./signatures.ts";

export const SECRET_HEADER = "x-onhand-secret";
const TOPIC = "amazon/ORDER_CHANGE";

const units = z.int().check(z.nonnegative());
const metadata = z.object({ NotificationId: z.string().check(z.minLength(1), z.maxLength(255)) });
const notification = z.object({ NotificationType: z.string(), NotificationMetadata: metadata });
const orderItem = z.object({
  OrderItemId: idField,
  SellerSKU: z.string().check(z.minLength(1)),
  Quantity: units,
  QuantityShipped: z.optional(z.nullable(units)),
  OrderItemStatus: z.optional(z.nullable(z.string())),
  SupplySourceId: z.optional(z.nullable(z.string())),
});
const orderChange = z.object({
  AmazonOrderId: idField,
  OrderChangeTrigger: z.optional(z.nullable(z.object({ TimeOfOrderChange: z.optional(z.nullable(z.string())) }))),
  Summary: z.object({
    OrderStatus: z.string(),
    FulfillmentType: z.string(),
    OrderItems: z.array(orderItem).check(z.minLength(1), z.maxLength(250)),
  }),
});
const orderChangeNotification = z.object({ Payload: z.object({ OrderChangeNotification: orderChange }) });

export const amazon: Adapter = {
  name: "amazon",
  async verify({ headers }, credentials) {
    const given = headers.get(SECRET_HEADER);
    if (given === null) return "headers_missing";
    const secrets = inForce(credentials, "webhook_secret");
    if (secrets.length === 0) return "credentials_missing";
    return (await isOneOf(given, secrets)) ? null : "signature_mismatch";
  },
  eventId(body) {
    const known = notification.safeParse(unwrapped(body));
    return known.success ? known.data.NotificationMetadata.NotificationId : null;
  },
  project(body, context) {
    const inner = unwrapped(body);
    const known = notification.safeParse(inner);
    if (!known.success) return unreadable("amazon/unreadable", problemsOf(known.error));
    if (known.data.NotificationType !== "ORDER_CHANGE") return nothing("amazon/other", "topic_not_needed");
    const told = orderChangeNotification.safeParse(inner);
    if (!told.success) return unreadable(TOPIC, problemsOf(told.error));
    return newsOf(told.data.Payload.OrderChangeNotification, context);
  },
  keptFields: new Set([
    ...["detail", "detail-type", "body", "messageId", "NotificationType", "NotificationMetadata", "NotificationId"],
    ...["Payload", "OrderChangeNotification", "AmazonOrderId", "OrderChangeType", "OrderChangeTrigger"],
    ...["TimeOfOrderChange", "Summary", "OrderStatus", "FulfillmentType", "OrderItems", "OrderItemId", "SellerSKU"],
    ...["Quantity", "QuantityShipped", "OrderItemStatus", "SupplySourceId"],
  ]),
  answer: "ok",
};

const DEPTH_MAX = 4;

/** As Amazon made it, in an event of EventBridge (`detail`), in a message of SQS (`body`, a text), or in a batch of one. */
function unwrapped(body: unknown, depth = 0): unknown {
  if (depth > DEPTH_MAX) return body;
  if (Array.isArray(body)) return body.length === 1 ? unwrapped(body[0], depth + 1) : body;
  if (typeof body !== "object" || body === null || "NotificationType" in body) return body;
  if ("detail" in body) return unwrapped(body.detail, depth + 1);
  if (!("body" in body)) return body;
  if (typeof body.body !== "string") return unwrapped(body.body, depth + 1);
  try {
    return unwrapped(JSON.parse(body.body), depth + 1);
  } catch {
    return body;
  }
}

type OrderChange = z.infer<typeof orderChange>;
type Line = z.infer<typeof orderItem> & { readonly item: ItemRef; readonly location: string | null };

/** Pre-orders that are not released yet take no stock; whatever else an order's status is, its units are sold. */
const WITHOUT_STOCK = new Set(["PendingAvailability"]);

function newsOf(order: OrderChange, context: ReadContext): Projected {
  const { AmazonOrderId: orderId, Summary: summary } = order;
  if (summary.FulfillmentType !== "MFN") return nothing(TOPIC, "fulfilled_by_amazon");
  if (WITHOUT_STOCK.has(summary.OrderStatus)) return nothing(TOPIC, "not_released");
  const lines: Line[] = [];
  const problems: string[] = [];
  const isCancelled = (line: Pick<Line, "OrderItemStatus">): boolean =>
    summary.OrderStatus === "Canceled" || line.OrderItemStatus === "Canceled";
  for (const [at, each] of summary.OrderItems.entries()) {
    const item = itemRefOf(each.SellerSKU, context);
    const place = each.SupplySourceId ?? null;
    const location = place !== null && context.channel.locations.has(place) ? place : null;
    if (item === null) problems.push(`OrderItems.${at}.SellerSKU: is no SKU`);
    else if (each.Quantity > 0) lines.push({ ...each, item, location });
    // How many units went back is not told: a person must look at the order.
    else if (isCancelled(each)) problems.push(`OrderItems.${at}.Quantity: 0 of a cancelled line`);
  }
  if (problems.length > 0) return unreadable(TOPIC, problems);
  const at = Date.parse(order.OrderChangeTrigger?.TimeOfOrderChange ?? "");
  const news = [
    ...salesOf(orderId, lines),
    ...cancellationsOf(orderId, lines.filter(isCancelled)),
    ...shippedOf(orderId, lines),
  ];
  if (news.length === 0) return nothing(TOPIC, "no_quantity");
  return { kind: "news", topic: TOPIC, occurredAtMs: Number.isNaN(at) ? null : at, news };
}

const partOf = ({ OrderItemId: line, item, location }: Line) => ({ line, item, location });

/** Of every line, the cancelled ones too: a cancellation gives back what was taken. */
function salesOf(orderId: string, lines: readonly Line[]): readonly News[] {
  if (lines.length === 0) return [];
  const sold = lines.map((line) => ({ ...partOf(line), quantity: line.Quantity, fulfilled: false }));
  return [{ kind: "event", event: { type: "order.created", orderId, location: null, lines: sold } }];
}

function cancellationsOf(orderId: string, lines: readonly Line[]): readonly News[] {
  const undone = lines.flatMap((line) => {
    const quantity = line.Quantity - (line.QuantityShipped ?? 0);
    return quantity > 0 ? [{ ...partOf(line), quantity, ordered: line.Quantity }] : [];
  });
  if (undone.length === 0) return [];
  const event = { type: "order.cancelled", orderId, cancellationId: null, location: null, lines: undone } as const;
  return [{ kind: "event", event }];
}

/** `QuantityShipped` is all that was shipped so far. */
const shippedOf = (orderId: string, lines: readonly Line[]): readonly News[] =>
  lines.flatMap((line): News[] => {
    const shipped = Math.min(line.QuantityShipped ?? 0, line.Quantity);
    if (shipped === 0) return [];
    const subject = `shipped/${orderId}/${line.OrderItemId}`;
    return [
      {
        ...{ kind: "running", type: "shipment.confirmed", subject, units: shipped },
        eventOf: ({ from, to }) => ({
          ...{ type: "shipment.confirmed", shipmentId: `${orderId}/${from}-${to}`, orderId, orderChannel: null },
          ...{ location: null, lines: [{ ...partOf(line), quantity: to - from, ordered: line.Quantity }] },
        }),
      },
    ];
  });
