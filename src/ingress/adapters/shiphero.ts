/**
 * ShipHero, a warehouse. It tells of stock twice: by what is on the shelf now (Inventory Update, absolute) and by what changed
 * (Inventory Change, PO Update). Both would count a delivery twice, so a channel takes one of them: the counts, unless its
 * event types name stock.received or stock.adjusted. Counts go through approval like any (docs/stock-model.md). What it ships
 * was mostly sold elsewhere, and is told by whoever sold it; only orders of its own are counted by its shipments, where the
 * event types name shipment.confirmed.
 * @see https://developer.shiphero.com/webhooks/
 */
import * as z from "zod/mini";
import { inForce } from "../../domain/channel/credentials.ts";
import type { Adapter, News, Projected, ReadContext } from "./adapter.ts";
import { idField, itemRefOf, nothing, problemsOf, unreadable } from "./reading.ts";
import { isHmacOf } from "./signatures.ts";

const sku = z.string().check(z.minLength(1));
/** Numbers come as text in one webhook and as numbers in another. */
const units = z.pipe(
  z.union([z.int(), z.string().check(z.regex(/^-?\d{1,9}$/))]),
  z.transform((value) => Number(value)),
);
const none = z.optional(z.nullable(z.unknown()));

const envelope = z.object({
  webhook_type: z.optional(z.string()),
  test: z.optional(z.union([z.string(), z.number(), z.boolean()])),
  purchase_order: none,
  fulfillment: z.optional(z.nullable(z.looseObject({ webhook_type: z.optional(z.string()) }))),
});
const inventoryUpdate = z.object({
  inventory: z
    .array(
      z.object({
        sku,
        virtual: z.optional(z.nullable(z.boolean())),
        updated_warehouse: z.optional(z.nullable(z.object({ warehouse_id: idField, on_hand: units }))),
      }),
    )
    .check(z.minLength(1), z.maxLength(250)),
});
const inventoryChange = z.object({
  warehouse_id: idField,
  sku,
  quantity: units,
  location_name: z.optional(z.nullable(z.string())),
  previous_on_hand: units,
  timestamp: z.string().check(z.minLength(1)),
  source: z.optional(z.nullable(z.string())),
  lot_id: z.optional(z.nullable(idField)),
});
const poUpdate = z.object({
  purchase_order: z.object({
    po_id: idField,
    warehouse_id: z.optional(z.nullable(idField)),
    line_items: z
      .array(z.object({ id: idField, sku, quantity_received: units }))
      .check(z.minLength(1), z.maxLength(500)),
  }),
});
const shipmentUpdate = z.object({
  fulfillment: z.object({
    shipment_id: idField,
    warehouse_id: z.optional(z.nullable(idField)),
    partner_order_id: z.optional(z.nullable(z.string())),
    order_number: z.optional(z.nullable(z.string())),
    line_items: z
      .array(z.object({ id: idField, shiphero_id: z.optional(z.nullable(idField)), sku, quantity: units }))
      .check(z.minLength(1), z.maxLength(250)),
  }),
});

export const shiphero: Adapter = {
  name: "shiphero",
  async verify({ raw, headers }, credentials) {
    const signature = headers.get("x-shiphero-hmac-sha256");
    if (signature === null) return "headers_missing";
    const secrets = inForce(credentials, "webhook_secret");
    if (secrets.length === 0) return "credentials_missing";
    return (await isHmacOf([raw], signature, secrets)) ? null : "signature_mismatch";
  },
  eventId: (_, headers) => headers.get("x-shiphero-message-id")?.slice(0, 255) ?? null,
  project(body, context) {
    const known = envelope.safeParse(body);
    if (!known.success) return unreadable("shiphero/unreadable", problemsOf(known.error));
    const type = typeOf(known.data);
    if (["1", "true"].includes(String(known.data.test))) return nothing(topicOf(type), "test");
    return read(type, body, context);
  },
  keptFields: new Set([
    ...["webhook_type", "account_id", "test", "inventory", "sku", "virtual", "updated_warehouse", "warehouse_id"],
    ...["on_hand", "quantity", "previous_on_hand", "timestamp", "source", "lot_id", "purchase_order", "po_id"],
    ...["line_items", "id", "quantity_received", "fulfillment", "shipment_id", "partner_order_id", "order_number"],
    ...["shiphero_id", "location_name", "order_id"],
  ]),
  answer: JSON.stringify({ code: "200", Status: "Success" }),
};

type Type = (typeof TYPES)[number] | "other";
const TYPES = ["Inventory Update", "Inventory Change", "PO Update", "Shipment Update", "Order Canceled"] as const;

const topicOf = (type: Type): string => `shiphero/${type}`;

/** The published sample of a PO Update names no type. */
function typeOf({ webhook_type, fulfillment, purchase_order }: z.infer<typeof envelope>): Type {
  const told = webhook_type ?? fulfillment?.webhook_type ?? (purchase_order == null ? "" : "PO Update");
  return TYPES.find((type) => type.toLowerCase() === told.toLowerCase().replaceAll("_", " ")) ?? "other";
}

function read(type: Type, body: unknown, context: ReadContext): Projected {
  const topic = topicOf(type);
  const byChanges = (context.channel.eventTypes ?? []).some(
    (each) => each === "stock.received" || each === "stock.adjusted",
  );
  switch (type) {
    case "Inventory Update":
      return byChanges
        ? nothing(topic, "told_by_changes")
        : parsed(topic, inventoryUpdate, body, (told) => countsOf(told, context));
    case "Inventory Change":
      return byChanges
        ? parsed(topic, inventoryChange, body, (told) => adjustmentOf(told, context))
        : nothing(topic, "told_by_counts");
    case "PO Update":
      return byChanges
        ? parsed(topic, poUpdate, body, (told) => receiptsOf(told, context))
        : nothing(topic, "told_by_counts");
    case "Shipment Update":
      if (context.channel.eventTypes?.includes("shipment.confirmed") !== true) return nothing(topic, "told_by_seller");
      return parsed(topic, shipmentUpdate, body, (told) => shipmentOf(told, context));
    case "Order Canceled":
      // It names no line, and whoever sold the order tells of its cancellation.
      return nothing(topic, "no_lines");
    case "other":
      return nothing(topic, "topic_not_needed");
  }
}

type Reading = {
  readonly news: readonly News[];
  readonly problems: readonly string[];
  readonly occurredAtMs?: number | null;
};

function parsed<Schema extends z.ZodMiniType>(
  topic: string,
  schema: Schema,
  body: unknown,
  reading: (told: z.infer<Schema>) => Reading,
): Projected {
  const told = schema.safeParse(body);
  if (!told.success) return unreadable(topic, problemsOf(told.error));
  const { news, problems, occurredAtMs = null } = reading(told.data);
  if (problems.length > 0) return unreadable(topic, problems);
  return news.length === 0 ? nothing(topic, "no_quantity") : { kind: "news", topic, occurredAtMs, news };
}

/** What is on the shelf of one warehouse, as of its receipt here: the body tells no time. */
function countsOf({ inventory }: z.infer<typeof inventoryUpdate>, context: ReadContext): Reading {
  const problems: string[] = [];
  const news = inventory.flatMap((each, at): News[] => {
    const item = itemRefOf(each.sku, context);
    if (item === null) problems.push(`inventory.${at}.sku: is no SKU`);
    const warehouse = each.updated_warehouse;
    // A virtual item has no shelf: its stock is that of what it is made of.
    if (item === null || warehouse == null || each.virtual === true) return [];
    const { warehouse_id: location, on_hand: counted } = warehouse;
    return [
      {
        kind: "event",
        event: {
          ...{ type: "stock.counted", countId: `${context.eventId}/${at}`, location, of: "on_hand" },
          ...{ countedAtMs: context.receivedAtMs, lines: [{ line: "1", item, location: null, counted }] },
        },
      },
    ];
  });
  return { news, problems };
}

/** Its own content names it: a delivery that comes twice is the same change. Stock that was received is told by its PO. */
function adjustmentOf(told: z.infer<typeof inventoryChange>, context: ReadContext): Reading {
  const {
    warehouse_id: location,
    sku: text,
    quantity: delta,
    timestamp,
    previous_on_hand,
    location_name,
    lot_id,
  } = told;
  const item = itemRefOf(text, context);
  if (item === null) return { news: [], problems: ["sku: is no SKU"] };
  if (delta === 0 || TOLD_OTHERWISE.test(told.source ?? "")) return { news: [], problems: [] };
  const adjustmentId = [timestamp, text, location_name ?? "", lot_id ?? "", previous_on_hand, delta]
    .join("/")
    .slice(0, 255);
  const lines = [{ line: "1", item, location: null, delta, reason: told.source ?? null }];
  const at = Date.parse(`${timestamp.replace(" ", "T")}Z`);
  return {
    news: [{ kind: "event", event: { type: "stock.adjusted", adjustmentId, location, lines } }],
    ...{ problems: [], occurredAtMs: Number.isNaN(at) ? null : at },
  };
}

/** Receipts and shipments have webhooks of their own. */
const TOLD_OTHERWISE = /receiv|purchase|ship|fulfil/i;

/** `quantity_received` is all that came so far. */
function receiptsOf({ purchase_order: order }: z.infer<typeof poUpdate>, context: ReadContext): Reading {
  const problems: string[] = [];
  const news = order.line_items.flatMap(({ id, sku: text, quantity_received: units }, at): News[] => {
    const item = itemRefOf(text, context);
    if (item === null) problems.push(`purchase_order.line_items.${at}.sku: is no SKU`);
    if (item === null || units <= 0) return [];
    return [
      {
        ...{ kind: "running", type: "stock.received", subject: `received/${order.po_id}/${id}`, units },
        eventOf: ({ from, to }) => ({
          ...{ type: "stock.received", receiptId: `${order.po_id}/${from}-${to}`, reorderId: null },
          ...{ location: order.warehouse_id ?? null, lines: [{ line: id, item, location: null, quantity: to - from }] },
        }),
      },
    ];
  });
  return { news, problems };
}

function shipmentOf({ fulfillment }: z.infer<typeof shipmentUpdate>, context: ReadContext): Reading {
  const { shipment_id: shipmentId, warehouse_id: location = null } = fulfillment;
  const orderId = fulfillment.partner_order_id || fulfillment.order_number;
  if (!orderId) return { news: [], problems: ["fulfillment.partner_order_id: names no order"] };
  const problems: string[] = [];
  const seen = new Set<string>();
  const lines = fulfillment.line_items.flatMap((each, at) => {
    const item = itemRefOf(each.sku, context);
    if (item === null) problems.push(`fulfillment.line_items.${at}.sku: is no SKU`);
    // A line that was parted over packages comes once per package.
    const line = seen.has(each.id) ? `${each.id}#${at}` : each.id;
    seen.add(each.id);
    if (item === null || each.quantity <= 0) return [];
    return [{ line, item, location: null, quantity: each.quantity, ordered: each.quantity }];
  });
  if (lines.length === 0) return { news: [], problems };
  const event = { type: "shipment.confirmed", shipmentId, orderId, orderChannel: null, location, lines } as const;
  return { news: [{ kind: "event", event }], problems };
}
