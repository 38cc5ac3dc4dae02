/**
 * An order edit names lines by their ids and tells no variant: what they are is asked of Shopify, once per edit. Asked again
 * (a message that comes twice), the answer is the same, and the keys of its lines are, too.
 */
import type { ShopDomain, VariantId } from "../domain/ids.ts";
import type { EditedLine, EditedOrderEvent, OrderEditEvent, SkipReason } from "../domain/shop-event.ts";
import type { SourceReply } from "./import-catalogue.ts";

export type SourceLine = {
  readonly lineId: string;
  readonly variantId: VariantId | null;
  readonly sku: string | null;
  readonly skip: SkipReason | null;
};

export interface OrderLineSource {
  /** Empty for an order that Shopify does not know any more. */
  linesOf(orderId: string): Promise<SourceReply<readonly SourceLine[]>>;
}

export interface OrderEditDeps {
  orderLinesOf(shop: ShopDomain): OrderLineSource;
}

export async function readOrderEdit(
  shop: ShopDomain,
  edit: OrderEditEvent,
  deps: OrderEditDeps,
): Promise<SourceReply<EditedOrderEvent>> {
  const reply = await deps.orderLinesOf(shop).linesOf(edit.orderId);
  if (reply.kind !== "ok") return reply;
  const { editId, orderId, atMs } = edit;
  const added = new Map(edit.added.map(({ lineId, quantity }) => [lineId, quantity]));
  const touched = new Set([...added.keys(), ...edit.removed.map(({ lineId }) => lineId)]);
  const lines = reply.value
    .filter(({ lineId }) => touched.has(lineId))
    .map((line): EditedLine => ({ ...line, quantity: added.get(line.lineId) ?? 0 }));
  return { kind: "ok", value: { kind: "edited_order", editId, orderId, atMs, lines } };
}
