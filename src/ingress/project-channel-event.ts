/** From an event as its sender wrote it, already held against the schema, to what travels: ids, places, units and times. */
import type { ChannelEvent, ItemRef } from "../domain/channel/channel-event.ts";
import { fromStore, type Sku } from "../domain/ids.ts";
import type { ChannelEventBody } from "./channel-event-schema.ts";

type LineBody = {
  readonly line: string;
  readonly sku?: string | undefined;
  readonly itemId?: string | undefined;
  readonly locationId?: string | undefined;
};

/** @param occurredAtMs  a count without a time of its own was taken then */
export function projectChannelEvent(body: ChannelEventBody, occurredAtMs: number): ChannelEvent {
  switch (body.type) {
    case "order.created": {
      const { orderId, lines, locationId } = body.data;
      const created = lines.map((line) => ({ ...partOf(line), fulfilled: line.fulfilled ?? false }));
      return { type: body.type, orderId, location: locationId ?? null, lines: created };
    }
    case "order.cancelled": {
      const { orderId, cancellationId = null, locationId: location = null, lines } = body.data;
      return { type: body.type, orderId, cancellationId, location, lines: lines.map(orderedOf) };
    }
    case "order.returned": {
      const { orderId, returnId, locationId: location = null, lines } = body.data;
      const returned = lines.map((line) => ({
        ...{ ...orderedOf(line), restock: line.restock ?? true, fulfilled: line.fulfilled ?? false },
      }));
      return { type: body.type, orderId, returnId, location, lines: returned };
    }
    case "shipment.confirmed": {
      const { shipmentId, orderId, orderChannel = null, locationId: location = null, lines } = body.data;
      return { type: body.type, shipmentId, orderId, orderChannel, location, lines: lines.map(orderedOf) };
    }
    case "stock.received": {
      const { receiptId, reorderId = null, locationId: location, lines } = body.data;
      return { type: body.type, receiptId, reorderId, location, lines: lines.map(partOf) };
    }
    case "stock.adjusted": {
      const { adjustmentId, locationId: location, lines } = body.data;
      const adjusted = lines.map((line) => ({ ...lineOf(line), delta: line.delta, reason: line.reason ?? null }));
      return { type: body.type, adjustmentId, location, lines: adjusted };
    }
    case "stock.counted": {
      const { countId, locationId: location, countedAt, of = "on_hand", lines } = body.data;
      const countedAtMs = countedAt === undefined ? occurredAtMs : Date.parse(countedAt);
      const counted = lines.map((line) => ({ ...lineOf(line), counted: line.counted }));
      return { type: body.type, countId, location, of, countedAtMs, lines: counted };
    }
    case "stock.transferred": {
      const { transferId, fromLocationId: from, toLocationId: to, lines } = body.data;
      const moved = lines.map((line) => ({ line: line.line, item: itemOf(line), quantity: line.quantity }));
      return { type: body.type, transferId, from, to, lines: moved };
    }
    case "stock.damaged": {
      const { damageId, locationId: location, lines } = body.data;
      const damaged = lines.map((line) => ({ ...partOf(line), reason: line.reason ?? null }));
      return { type: body.type, damageId, location, lines: damaged };
    }
    case "reservation.created": {
      const { reservationId, ttlSeconds, lines } = body.data;
      return { type: body.type, reservationId, ttlMs: ttlSeconds * 1_000, lines: lines.map(partOf) };
    }
    case "reservation.extended":
      return { type: body.type, reservationId: body.data.reservationId, ttlMs: body.data.ttlSeconds * 1_000 };
    case "reservation.committed":
      return { type: body.type, reservationId: body.data.reservationId, orderId: body.data.orderId ?? null };
    case "reservation.released":
      return { type: body.type, reservationId: body.data.reservationId };
  }
}

/** The schema has seen to it that one of the two is there, and that a SKU is one; its spaces are not part of it. */
const itemOf = ({ sku, itemId = "" }: LineBody): ItemRef =>
  sku === undefined ? { sku: null, itemId } : { sku: fromStore<Sku>(sku.trim()), itemId: null };

const lineOf = (line: LineBody) => ({ line: line.line, item: itemOf(line), location: line.locationId ?? null });

const partOf = (line: LineBody & { readonly quantity: number }) => ({ ...lineOf(line), quantity: line.quantity });

/** Who names no number means the whole line. */
const orderedOf = (line: LineBody & { readonly quantity: number; readonly ordered?: number | undefined }) => ({
  ...partOf(line),
  ordered: line.ordered ?? line.quantity,
});
