/**
 * What travels in the event queues. Versioned: during a deploy, and in dead letters for weeks, old and new meet.
 * `id` is stable for a redelivery and for a replay; the business keys inside `data` are what make it count once.
 */
import * as z from "zod/mini";
import type { ChannelEvent } from "../domain/channel/channel-event.ts";
import type { ChannelId, CorrelationId, ShopDomain } from "../domain/ids.ts";
import { err, ok, type Result } from "../domain/result.ts";
import type { ShopEvent } from "../domain/shop-event.ts";
import { channelEnvelope } from "./channel-envelope.ts";
import { type Unreadable, unreadable } from "./unreadable.ts";

type Common = {
  readonly v: 1;
  readonly id: string;
  readonly correlationId: CorrelationId;
  /** Topic, or type of event, under which it came. */
  readonly kind: string;
  /** Epoch ms: when it happened there, when it reached us. */
  readonly occurredAt: number;
  readonly receivedAt: number;
};

/**
 * Of a shop. `pos`: a channel that is no shop of Shopify's and keeps its stock as one does (it decrements itself and echoes
 * our pushes); its channel id stands in the place of the domain.
 */
export type ShopEnvelope = Common & {
  readonly channel: { readonly type: "shopify" | "pos"; readonly shop: ShopDomain };
  readonly data: ShopEvent;
};

/** Of a channel that tells what happened, in our words. */
export type ChannelEnvelope = Common & {
  readonly channel: { readonly type: "wms" | "pos" | "marketplace"; readonly id: ChannelId };
  readonly data: ChannelEvent;
};

export type Envelope = ShopEnvelope | ChannelEnvelope;

export const isOfShop = (envelope: Envelope): envelope is ShopEnvelope => "shop" in envelope.channel;

/** Whose news it is: a shop by its domain, any other channel by its name. */
export const senderOf = (envelope: Envelope): ShopDomain | ChannelId =>
  isOfShop(envelope) ? envelope.channel.shop : envelope.channel.id;

const text = z.string().check(z.minLength(1));
const textOrNull = z.nullable(z.string());
const count = z.int().check(z.nonnegative());

const line = z.object({
  lineId: text,
  variantId: textOrNull,
  sku: textOrNull,
  quantity: count,
  fulfilled: z.boolean(),
  skip: textOrNull,
});
const restock = z.object({
  refundLineId: text,
  lineId: text,
  variantId: textOrNull,
  sku: textOrNull,
  quantity: count,
  restockType: z.enum(["cancel", "return", "legacy_restock"]),
  location: textOrNull,
  atMs: z.int(),
  skip: textOrNull,
});
const shippedLine = z.object({
  fulfilmentId: text,
  lineId: text,
  variantId: textOrNull,
  sku: textOrNull,
  quantity: count,
  location: textOrNull,
  atMs: z.int(),
  skip: textOrNull,
});
const lineChange = z.object({ lineId: text, quantity: count });
const changedItem = z.object({
  item: text,
  variantId: textOrNull,
  sku: textOrNull,
  isTracked: z.nullable(z.boolean()),
});
const shopEvent = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("order"),
    topic: z.enum(["orders/create", "orders/cancelled"]),
    orderId: text,
    createdAtMs: z.int(),
    location: textOrNull,
    lines: z.array(line),
    restocks: z.array(restock),
  }),
  z.object({ kind: z.literal("refund"), refundId: text, orderId: text, restocks: z.array(restock) }),
  z.object({
    kind: z.literal("level"),
    item: text,
    location: text,
    available: z.int(),
    atMs: z.int(),
    isConnected: z.optional(z.boolean()),
  }),
  z.object({ kind: z.literal("level_gone"), item: text, location: text }),
  z.object({ kind: z.literal("fulfilment"), orderId: text, lines: z.array(shippedLine) }),
  z.object({
    kind: z.literal("order_edit"),
    editId: text,
    orderId: text,
    atMs: z.int(),
    added: z.array(lineChange),
    removed: z.array(lineChange),
  }),
  z.object({ kind: z.literal("items"), items: z.array(changedItem) }),
  z.object({ kind: z.literal("item_deleted"), item: text }),
  z.object({ kind: z.literal("product_deleted"), productId: text }),
  z.object({
    kind: z.literal("location"),
    location: text,
    name: textOrNull,
    isActive: z.nullable(z.boolean()),
    atMs: z.nullable(z.int()),
  }),
  z.object({ kind: z.literal("uninstalled") }),
]);
const shopEnvelope = z.object({
  v: z.literal(1),
  id: text,
  correlationId: text,
  channel: z.object({ type: z.enum(["shopify", "pos"]), shop: text }),
  kind: text,
  occurredAt: z.int(),
  receivedAt: z.int(),
  data: shopEvent,
});

export function parseEnvelope(body: unknown): Result<Envelope, Unreadable> {
  const parsed = (namesChannel(body) ? channelEnvelope : shopEnvelope).safeParse(body);
  // The ids in it were branded by the parser at the edge before the envelope was made.
  if (parsed.success) return ok(parsed.data as unknown as Envelope);
  return err(unreadable(parsed.error, "message"));
}

/** Which of the two it means to be, so that what is wrong with it is told in the right words. */
function namesChannel(body: unknown): boolean {
  const channel = typeof body === "object" && body !== null && "channel" in body ? body.channel : null;
  return typeof channel === "object" && channel !== null && "id" in channel;
}
