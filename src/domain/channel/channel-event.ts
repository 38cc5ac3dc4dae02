/**
 * What a channel that is no shop of Shopify's tells, in our own words: whatever format it came in, this is what travels in
 * the event queue. Ids are the sender's own text. Each event may come late, twice, or before what it follows from.
 * docs/channels.md has the JSON.
 */
import type { Sku } from "../ids.ts";

export const CHANNEL_EVENT_TYPES = [
  ...(["order.created", "order.cancelled", "order.returned", "shipment.confirmed"] as const),
  ...(["stock.received", "stock.adjusted", "stock.counted", "stock.transferred", "stock.damaged"] as const),
  ...(["reservation.created", "reservation.extended", "reservation.committed", "reservation.released"] as const),
] as const;
export type ChannelEventType = (typeof CHANNEL_EVENT_TYPES)[number];

/** Which SKU: ours by name, or the item as the channel lists it. */
export type ItemRef = { readonly sku: Sku; readonly itemId: null } | { readonly sku: null; readonly itemId: string };

/** `line`: its name within the document, unique there. `location`: the sender's name of it; null: the document's. */
type Line = { readonly line: string; readonly item: ItemRef; readonly location: string | null };
/** Units, 1 or more. */
type Quantity = Line & { readonly quantity: number };
/** `ordered`: units of the order line that it undoes or ships: that sale is booked first, if its own news has not come. */
type OfOrder = Quantity & { readonly ordered: number };

type Document = { readonly location: string | null };

export type OrderCreated = Document & {
  readonly type: "order.created";
  readonly orderId: string;
  /** `fulfilled`: handed over at once (a till): it is never committed. */
  readonly lines: readonly (Quantity & { readonly fulfilled: boolean })[];
};
export type OrderCancelled = Document & {
  readonly type: "order.cancelled";
  readonly orderId: string;
  /** Tells two part cancellations of one line apart. */
  readonly cancellationId: string | null;
  readonly lines: readonly OfOrder[];
};
export type OrderReturned = Document & {
  readonly type: "order.returned";
  readonly orderId: string;
  readonly returnId: string;
  /** `restock` false: it came back and is not for sale (damaged). `fulfilled`: as its sale was. */
  readonly lines: readonly (OfOrder & { readonly restock: boolean; readonly fulfilled: boolean })[];
};
export type ShipmentConfirmed = Document & {
  readonly type: "shipment.confirmed";
  readonly shipmentId: string;
  readonly orderId: string;
  /** Whose order it is; null: the sender's own. A Shopify shop's is counted when Shopify tells of it. */
  readonly orderChannel: string | null;
  readonly lines: readonly OfOrder[];
};
export type StockReceived = Document & {
  readonly type: "stock.received";
  readonly receiptId: string;
  /** The reorder that it answers. */
  readonly reorderId: string | null;
  readonly lines: readonly Quantity[];
};
export type StockAdjusted = Document & {
  readonly type: "stock.adjusted";
  readonly adjustmentId: string;
  readonly lines: readonly (Line & { readonly delta: number; readonly reason: string | null })[];
};
export type StockCounted = Document & {
  readonly type: "stock.counted";
  readonly countId: string;
  readonly of: "on_hand" | "available";
  /** When the shelf was looked at (epoch ms). */
  readonly countedAtMs: number;
  readonly lines: readonly (Line & { readonly counted: number })[];
};
export type StockTransferred = {
  readonly type: "stock.transferred";
  readonly transferId: string;
  readonly from: string;
  readonly to: string;
  readonly lines: readonly Omit<Quantity, "location">[];
};
export type StockDamaged = Document & {
  readonly type: "stock.damaged";
  readonly damageId: string;
  readonly lines: readonly (Quantity & { readonly reason: string | null })[];
};
export type ReservationCreated = {
  readonly type: "reservation.created";
  readonly reservationId: string;
  readonly ttlMs: number;
  readonly lines: readonly Quantity[];
};
export type ReservationExtended = {
  readonly type: "reservation.extended";
  readonly reservationId: string;
  readonly ttlMs: number;
};
/** `orderId`: of what it became. */
export type ReservationCommitted = {
  readonly type: "reservation.committed";
  readonly reservationId: string;
  readonly orderId: string | null;
};
export type ReservationReleased = { readonly type: "reservation.released"; readonly reservationId: string };

export type ChannelEvent =
  | OrderCreated
  | OrderCancelled
  | OrderReturned
  | ShipmentConfirmed
  | StockReceived
  | StockAdjusted
  | StockCounted
  | StockTransferred
  | StockDamaged
  | ReservationCreated
  | ReservationExtended
  | ReservationCommitted
  | ReservationReleased;
