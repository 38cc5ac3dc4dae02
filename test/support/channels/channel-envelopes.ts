/** Channel events on their way, with honest defaults. */
import type { ChannelEvent } from "../../../src/domain/channel/channel-event.ts";
import { fromStore, type Sku } from "../../../src/domain/ids.ts";
import type { ChannelEnvelope } from "../../../src/queues/envelope.ts";

export const sku = (name: string) => ({ sku: fromStore<Sku>(name), itemId: null });

/** A line of two "ABC", at no place of its own. */
export const lineOf = (line = "1", name = "ABC") => ({ line, item: sku(name), location: null, quantity: 2 });

/** One of each type. */
export const ONE_OF_EACH: readonly ChannelEvent[] = [
  {
    ...{ type: "order.created", orderId: "o1", location: "store-9" },
    lines: [{ ...lineOf(), fulfilled: false }],
  },
  {
    ...{ type: "order.cancelled", orderId: "o1", cancellationId: null, location: null },
    lines: [{ ...lineOf(), ordered: 2 }],
  },
  {
    ...{ type: "order.returned", orderId: "o1", returnId: "r1", location: null },
    lines: [{ ...lineOf(), ordered: 2, restock: true, fulfilled: false }],
  },
  {
    ...{ type: "shipment.confirmed", shipmentId: "s1", orderId: "o1", orderChannel: null, location: null },
    lines: [{ ...lineOf(), ordered: 2 }],
  },
  { type: "stock.received", receiptId: "p1", reorderId: "ro1", location: "main", lines: [lineOf()] },
  {
    ...{ type: "stock.adjusted", adjustmentId: "a1", location: "main" },
    lines: [{ line: "1", item: { sku: null, itemId: "item-5" }, location: null, delta: -3, reason: "lost" }],
  },
  {
    ...{ type: "stock.counted", countId: "c1", of: "on_hand", countedAtMs: 400, location: "main" },
    lines: [{ line: "1", item: sku("ABC"), location: null, counted: 7 }],
  },
  {
    ...{ type: "stock.transferred", transferId: "t1", from: "main", to: "store-9" },
    lines: [{ line: "1", item: sku("ABC"), quantity: 2 }],
  },
  { type: "stock.damaged", damageId: "d1", location: "main", lines: [{ ...lineOf(), reason: null }] },
  { type: "reservation.created", reservationId: "v1", ttlMs: 60_000, lines: [lineOf()] },
  { type: "reservation.extended", reservationId: "v1", ttlMs: 60_000 },
  { type: "reservation.committed", reservationId: "v1", orderId: "o2" },
  { type: "reservation.released", reservationId: "v1" },
];

export const channelEnvelopeOf = (id: string, data: ChannelEvent, channel = "wms-main"): ChannelEnvelope => ({
  ...{ v: 1, id, correlationId: fromStore(`correlation-${id}`), channel: { type: "wms", id: fromStore(channel) } },
  ...{ kind: data.type, occurredAt: 500, receivedAt: 600, data },
});
