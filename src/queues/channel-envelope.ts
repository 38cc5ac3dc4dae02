/** Schema of a channel's event on its way: the projection that src/ingress made of what its sender wrote, nothing else. */
import * as z from "zod/mini";
import { CHANNEL_EVENT_TYPES } from "../domain/channel/channel-event.ts";

const text = z.string().check(z.minLength(1));
const textOrNull = z.nullable(text);
const units = z.int().check(z.positive());

const line = {
  line: text,
  item: z.union([z.object({ sku: text, itemId: z.null() }), z.object({ sku: z.null(), itemId: text })]),
  location: textOrNull,
};
const quantity = { ...line, quantity: units };
const ofOrder = { ...quantity, ordered: units };
/** None is left of an event whose lines have all counted, and then there is no message. */
const lines = <Line extends z.core.$ZodShape>(shape: Line) => z.array(z.object(shape)).check(z.minLength(1));
const document = { location: textOrNull };

const channelEvent = z.discriminatedUnion("type", [
  z.object({
    ...{ type: z.literal("order.created"), ...document, orderId: text },
    lines: lines({ ...quantity, fulfilled: z.boolean() }),
  }),
  z.object({
    ...{ type: z.literal("order.cancelled"), ...document, orderId: text, cancellationId: textOrNull },
    lines: lines(ofOrder),
  }),
  z.object({
    ...{ type: z.literal("order.returned"), ...document, orderId: text, returnId: text },
    lines: lines({ ...ofOrder, restock: z.boolean(), fulfilled: z.boolean() }),
  }),
  z.object({
    ...{ type: z.literal("shipment.confirmed"), ...document, shipmentId: text, orderId: text },
    orderChannel: textOrNull,
    lines: lines(ofOrder),
  }),
  z.object({
    ...{ type: z.literal("stock.received"), ...document, receiptId: text, reorderId: textOrNull },
    lines: lines(quantity),
  }),
  z.object({
    ...{ type: z.literal("stock.adjusted"), ...document, adjustmentId: text },
    lines: lines({ ...line, delta: z.int(), reason: textOrNull }),
  }),
  z.object({
    ...{ type: z.literal("stock.counted"), ...document, countId: text },
    ...{ of: z.enum(["on_hand", "available"]), countedAtMs: z.int() },
    lines: lines({ ...line, counted: z.int() }),
  }),
  z.object({
    ...{ type: z.literal("stock.transferred"), transferId: text, from: text, to: text },
    lines: lines({ line: line.line, item: line.item, quantity: units }),
  }),
  z.object({
    ...{ type: z.literal("stock.damaged"), ...document, damageId: text },
    lines: lines({ ...quantity, reason: textOrNull }),
  }),
  z.object({
    ...{ type: z.literal("reservation.created"), reservationId: text, ttlMs: units },
    lines: lines(quantity),
  }),
  z.object({ type: z.literal("reservation.extended"), reservationId: text, ttlMs: units }),
  z.object({ type: z.literal("reservation.committed"), reservationId: text, orderId: textOrNull }),
  z.object({ type: z.literal("reservation.released"), reservationId: text }),
]);

export const channelEnvelope = z.object({
  v: z.literal(1),
  id: text,
  correlationId: text,
  channel: z.object({ type: z.enum(["wms", "pos", "marketplace"]), id: text }),
  kind: z.enum(CHANNEL_EVENT_TYPES),
  occurredAt: z.int(),
  receivedAt: z.int(),
  data: channelEvent,
});
