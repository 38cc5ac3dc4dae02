/**
 * What an order's events tell of what is to be sent out, and which channels are told of it. Pure but for the look-ups: the
 * same event always makes the same facts, under the same keys.
 */
import { type Channel, speaksOurs } from "../../domain/channel/channel.ts";
import type { ChannelEvent } from "../../domain/channel/channel-event.ts";
import type { FulfilmentFacts, OrderedLine } from "../../domain/channel/fulfilment.ts";
import type { ChannelId, LocationId, ShopDomain, ShopLocationId } from "../../domain/ids.ts";
import { parseSku } from "../../domain/ids.ts";
import type { EditedOrderEvent, OrderLine, Restock, ShopEvent } from "../../domain/shop-event.ts";
import type { Catalogue, Listing } from "../catalogue.ts";
import { catalogueQueryOf, locationsIn, skuQueryOf } from "../route-event.ts";
import type { EventNames } from "./route-channel-event.ts";

export type OrderNews = { readonly orderId: string; readonly news: FulfilmentFacts };

/** Those that send out what is ordered at `orderChannel`; a paused one hears of it when it goes on. */
export const fulfillersOf = (channels: readonly Channel[], orderChannel: ChannelId): readonly Channel[] =>
  channels.filter(
    (channel) =>
      channel.id !== orderChannel &&
      speaksOurs(channel) &&
      channel.outbound.orders.some((told) => told === "*" || told === orderChannel),
  );

/** Whether an event may tell of something to be sent out: asked before anything is looked up. */
export const isOrderNews = (event: ShopEvent | ChannelEvent): boolean =>
  "kind" in event
    ? event.kind === "order" || event.kind === "refund" || event.kind === "order_edit"
    : event.type === "order.created" || event.type === "order.cancelled";

/**
 * Of a shop's event. Lines that are no stock of ours, or were handed over when they were sold, are left out.
 * @param edited  of an order edit: what its lines are, as it was taken in; null: not known
 * Rejects when the catalogue could not be asked.
 */
export async function newsOfShop(
  shop: ShopDomain,
  event: ShopEvent,
  edited: EditedOrderEvent | null,
  catalogue: Pick<Catalogue, "resolve" | "locationsOf">,
): Promise<OrderNews | null> {
  if (event.kind !== "order" && event.kind !== "refund" && event.kind !== "order_edit") return null;
  const asked = event.kind === "order_edit" ? edited : event;
  const known = asked === null ? null : await lookUp(shop, asked, catalogue);
  const lines: Record<string, OrderedLine> = {};
  const cancelled: Record<string, { line: string; quantity: number }> = {};
  const note = (
    name: string,
    line: Pick<OrderLine, "variantId" | "sku" | "quantity" | "skip">,
    at: LocationId | null,
  ) => {
    const listing = line.skip === null ? known?.listingOf(line) : undefined;
    if (listing?.kind !== "active" || line.quantity <= 0) return;
    lines[name] = { sku: listing.sku, quantity: line.quantity, locationId: at };
  };
  if (event.kind === "order")
    for (const line of event.lines)
      if (!line.fulfilled) note(line.lineId, line, known?.locationOf(event.location) ?? null);
  if (event.kind === "order_edit") {
    // Units added to a line stand beside it: what was ordered first does not change.
    for (const line of edited?.lines ?? []) note(`${line.lineId}/edit/${event.editId}`, line, null);
    for (const { lineId, quantity } of event.removed)
      if (quantity > 0) cancelled[`edit/${event.editId}/${lineId}`] = { line: lineId, quantity };
  } else
    for (const { refundLineId, lineId, quantity, restockType } of event.restocks)
      if (restockType === "cancel" && quantity > 0) cancelled[`refund/${refundLineId}`] = { line: lineId, quantity };
  const isCancelled = event.kind === "order" && event.topic === "orders/cancelled";
  return newsOf(event.orderId, { lines, cancelled, isCancelled: isCancelled && Object.keys(lines).length > 0 });
}

async function lookUp(
  shop: ShopDomain,
  event: (ShopEvent & { kind: "order" | "refund" }) | EditedOrderEvent,
  catalogue: Pick<Catalogue, "resolve" | "locationsOf">,
) {
  const [first, places] = await Promise.all([
    catalogue.resolve(catalogueQueryOf(shop, [event])),
    catalogue.locationsOf(shop, locationsIn([event])),
  ]);
  const query = skuQueryOf(shop, [event], first);
  const second = first.fault === null && query.skus.size > 0 ? await catalogue.resolve(query) : null;
  const fault = first.fault ?? second?.fault ?? places.fault;
  if (fault !== null) throw new Error(fault);
  const skus = second?.skus ?? first.skus;
  return {
    listingOf(line: Pick<OrderLine | Restock, "variantId" | "sku">): Listing | undefined {
      const byVariant = line.variantId === null ? undefined : first.variants.get(line.variantId);
      const sku = parseSku(line.sku);
      return byVariant ?? (sku.ok ? skus.get(sku.value) : undefined);
    },
    locationOf: (location: ShopLocationId | null): LocationId | null =>
      location === null ? null : (places.locations.get(location) ?? null),
  };
}

/**
 * Of another channel's event.
 * @param names  as the event was counted; a line whose item is not known waits in a dead letter of its own
 */
export function newsOfChannel(event: ChannelEvent, names: EventNames): OrderNews | null {
  if (event.type !== "order.created" && event.type !== "order.cancelled") return null;
  const lines: Record<string, OrderedLine> = {};
  const cancelled: Record<string, { line: string; quantity: number }> = {};
  if (event.type === "order.created")
    for (const { line, item: ref, quantity, fulfilled, location } of event.lines) {
      const known = names.item(ref);
      if (fulfilled || known.kind !== "known") continue;
      const place = location ?? event.location;
      const locationId = place === null ? null : names.location(place);
      const parts = known.parts.map(({ sku, units }) => ({ sku, units }));
      lines[line] = { sku: known.sku, quantity, locationId, ...(known.isBundle ? { parts } : {}) };
    }
  else
    for (const { line, quantity } of event.lines)
      cancelled[`cancel/${event.cancellationId ?? "-"}/${line}`] = { line, quantity };
  return newsOf(event.orderId, { lines, cancelled, isCancelled: false });
}

function newsOf(orderId: string, news: FulfilmentFacts): OrderNews | null {
  const isEmpty = Object.keys(news.lines).length + Object.keys(news.cancelled).length === 0;
  return isEmpty ? null : { orderId, news };
}
