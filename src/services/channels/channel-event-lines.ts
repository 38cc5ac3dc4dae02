/**
 * The lines of a channel's event, each with what a counter would be told of it. Which counter, and where, is not known here:
 * `tell` gets the units of the counter's SKU per unit of the line (above 1 in a bundle), and the places.
 */
import { orderLineOf } from "../../domain/channel/bundle-line.ts";
import type { ChannelEvent, ItemRef } from "../../domain/channel/channel-event.ts";
import type { CountRequest } from "../../domain/counter/count.ts";
import type { CounterEvent } from "../../domain/counter/counter-event.ts";
import type { ChannelId, LocationId } from "../../domain/ids.ts";
import { assertedSale, type Fact, type FactContext, factOf, keyOf, saleKey, soldOf } from "./channel-facts.ts";

export type FactEvent = Exclude<ChannelEvent, { readonly type: `reservation.${string}` }>;
type Of<Type extends FactEvent["type"]> = FactEvent & { readonly type: Type };

export type EventLine = {
  readonly line: string;
  readonly item: ItemRef;
  /** As the sender names them; null: anywhere. Of a transfer two. */
  readonly places: readonly (string | null)[];
  tell(units: number, places: readonly (LocationId | null)[]): readonly CounterEvent[];
};

/** @param context  its `seller`: whose order it is, where it is one's */
export function linesOfEvent(
  event: FactEvent,
  context: FactContext & { readonly seller: ChannelId },
): readonly EventLine[] {
  const { channel, seller } = context;
  switch (event.type) {
    case "order.created":
      return event.lines.map((line) =>
        at(event, line, (units, place) => {
          const told = { key: saleKey(seller, event.orderId, line.line), place, document: event.orderId };
          return [soldOf(units * line.quantity, line.fulfilled, seller, told, context)];
        }),
      );
    case "order.cancelled":
      return event.lines.map((line) => {
        const key = keyOf(channel, "cancel", event.orderId, event.cancellationId ?? "-", line.line);
        return endOfSale(event, { ...line, key, fulfilled: false }, cancelled, context);
      });
    case "order.returned":
      return event.lines.map((line) => {
        const key = keyOf(channel, "return", event.returnId, line.line);
        return endOfSale(event, { ...line, key }, line.restock ? returned : returnedBroken, context);
      });
    case "shipment.confirmed":
      return event.lines.map((line) => {
        // Named by the component or by its bundle, a shipment ends the same sale, and is the same shipment.
        const key = keyOf(channel, "shipment", event.shipmentId, orderLineOf(line.line));
        return endOfSale(event, { ...line, key, fulfilled: false }, shipped, context);
      });
    default:
      return linesOfStock(event, context);
  }
}

type StockEvent = Of<"stock.received" | "stock.adjusted" | "stock.counted" | "stock.transferred" | "stock.damaged">;

function linesOfStock(event: StockEvent, context: FactContext): readonly EventLine[] {
  const { channel } = context;
  switch (event.type) {
    case "stock.received": {
      // Whoever waits for what was ordered again finds it by that name.
      const document = event.reorderId ?? event.receiptId;
      return event.lines.map((line) =>
        at(event, line, (units, place) => {
          const key = keyOf(channel, "receipt", event.receiptId, line.line);
          return [factOf(ours("receipt", units * line.quantity, {}), { key, place, document }, context)];
        }),
      );
    }
    case "stock.adjusted":
      return event.lines.map((line) =>
        at(event, line, (units, place) => {
          const key = keyOf(channel, "adjustment", event.adjustmentId, line.line);
          const fact = ours("adjustment", units * line.delta, {}, line.reason);
          return [factOf(fact, { key, place, document: event.adjustmentId }, context)];
        }),
      );
    case "stock.damaged":
      return event.lines.map((line) =>
        at(event, line, (units, place) => {
          const key = keyOf(channel, "damage", event.damageId, line.line);
          const broken = units * line.quantity;
          const fact = ours("damage", -broken, { damaged: broken }, line.reason);
          return [factOf(fact, { key, place, document: event.damageId }, context)];
        }),
      );
    case "stock.counted":
      return event.lines.map((line) =>
        at(event, line, (_, place) => (place === null ? [] : [countOf(event, line, place, context)])),
      );
    case "stock.transferred":
      return event.lines.map(({ line, item, quantity }) => ({
        ...{ line, item, places: [event.from, event.to] },
        tell(units, [place = null, to = null]) {
          const key = keyOf(channel, "transfer", event.transferId, line);
          const fact = { ...ours("transfer", -units * quantity, {}), ...(to === null ? {} : { to }) };
          return [factOf(fact, { key, place, document: event.transferId }, context)];
        },
      }));
  }
}

const ours = (kind: Fact["kind"], delta: number, moves: Fact["moves"], reason: string | null = null): Fact => ({
  ...{ kind, delta, moves, reason, seller: null },
});

type Placed = { readonly line: string; readonly item: ItemRef; readonly location: string | null };

/** A line without a place of its own has its document's. */
const at = (
  { location }: { readonly location: string | null },
  line: Placed,
  tell: (units: number, place: LocationId | null) => readonly CounterEvent[],
): EventLine => ({
  ...{ line: line.line, item: line.item, places: [line.location ?? location] },
  tell: (units, [place = null]) => tell(units, place),
});

type EndOfSale = Of<"order.cancelled" | "order.returned" | "shipment.confirmed">;
type EndedLine = Placed & { readonly quantity: number; readonly ordered: number; readonly fulfilled: boolean };
type End = (units: number) => Pick<Fact, "kind" | "delta" | "moves">;

const cancelled: End = (units) => ({ kind: "cancellation", delta: units, moves: { committed: -units } });
const returned: End = (units) => ({ kind: "return", delta: units, moves: {} });
/** It came back, and is not for sale. */
const returnedBroken: End = (units) => ({ kind: "return", delta: 0, moves: { damaged: units } });
const shipped: End = (units) => ({ kind: "shipment", delta: 0, moves: { committed: -units } });

function endOfSale(
  event: EndOfSale,
  line: EndedLine & { readonly key: ReturnType<typeof keyOf> },
  end: End,
  context: FactContext & { readonly seller: ChannelId },
): EventLine {
  const { seller } = context;
  return at(event, line, (units, place) => {
    const fact = { ...end(units * line.quantity), reason: null, seller };
    const sale = { key: saleKey(seller, event.orderId, orderLineOf(line.line)), place, document: event.orderId };
    return [
      assertedSale(fact, units * line.ordered, line.fulfilled, sale, context),
      factOf(fact, { key: line.key, place, document: event.orderId }, context),
    ];
  });
}

function countOf(
  { of, countId, countedAtMs }: Of<"stock.counted">,
  { line, counted }: Of<"stock.counted">["lines"][number],
  locationId: LocationId,
  { channel: actor, correlationId, countApproval }: FactContext,
): CounterEvent {
  const request: CountRequest = {
    ...{ key: keyOf(actor, "count", countId, line), fingerprint: JSON.stringify(["count", of, counted]) },
    ...{ locationId, counted, of, countedAtMs },
    ...(countApproval === undefined ? {} : { approval: countApproval }),
    cause: { reason: "count", reference: countId, source: "channel", actor, correlationId },
  };
  return { kind: "count", request };
}
