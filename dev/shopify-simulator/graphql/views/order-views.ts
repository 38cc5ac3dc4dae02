/** Orders, their lines and refunds as GraphQL shows them. */
import { gid } from "../../model/ids.ts";
import type { Order, OrderLine, Refund, RefundLine } from "../../model/shop-model.ts";
import { utcStamp } from "../../model/stamps.ts";
import { financialStatus } from "../../payloads/order-body.ts";
import { personOf } from "../../payloads/person.ts";
import type { CallContext, View } from "../call-context.ts";
import { connection, type PageArgs } from "../connection.ts";
import { locationView, productView, variantView } from "./inventory-views.ts";

export function orderView(context: CallContext, order: Order): View {
  const units = (of: (line: OrderLine) => number): number => order.lines.reduce((sum, line) => sum + of(line), 0);
  return {
    __typename: "Order",
    id: gid("Order", order.id),
    legacyResourceId: order.id,
    name: `#${order.number}`,
    number: order.number,
    createdAt: utcStamp(order.createdAtMs),
    processedAt: utcStamp(order.createdAtMs),
    updatedAt: utcStamp(order.updatedAtMs),
    cancelledAt: order.cancelledAtMs === null ? null : utcStamp(order.cancelledAtMs),
    cancelReason: order.cancelReason?.toUpperCase() ?? null,
    closed: order.closedAtMs !== null,
    closedAt: order.closedAtMs === null ? null : utcStamp(order.closedAtMs),
    confirmed: true,
    edited: false,
    test: order.test,
    note: null,
    tags: [],
    sourceName: order.sourceName,
    email: () => personOf(order.customerSeed).email,
    currencyCode: "CAD",
    displayFinancialStatus: () => financialStatus(order).toUpperCase(),
    displayFulfillmentStatus: () => fulfillmentStatus(order),
    restockable: () => order.lines.some((line) => line.variant?.item.tracked === true && line.currentQuantity > 0),
    subtotalLineItemsQuantity: () => units((line) => line.quantity),
    currentSubtotalLineItemsQuantity: () => units((line) => line.currentQuantity),
    retailLocation: () => (order.location === null ? null : locationView(context, order.location)),
    lineItems: (args: PageArgs) => {
      const rows = order.lines.map((line, index) => ({ line, seq: index + 1 }));
      return connection(context, rows, args, { view: ({ line }) => lineView(context, line) });
    },
    refunds: (args: { first?: number | null }) =>
      order.refunds.slice(0, args.first ?? undefined).map((refund) => refundView(context, refund)),
  };
}

function fulfillmentStatus(order: Order): string {
  if (order.lines.every((line) => line.fulfilledQuantity === 0)) return "UNFULFILLED";
  return order.lines.some((line) => line.fulfillableQuantity > 0) ? "PARTIALLY_FULFILLED" : "FULFILLED";
}

export function lineView(context: CallContext, line: OrderLine): View {
  const { variant } = line;
  return {
    __typename: "LineItem",
    id: gid("LineItem", line.id),
    name: line.title,
    title: line.title,
    sku: line.sku,
    quantity: line.quantity,
    currentQuantity: line.currentQuantity,
    unfulfilledQuantity: line.fulfillableQuantity,
    nonFulfillableQuantity: line.quantity - line.fulfillableQuantity - line.fulfilledQuantity,
    refundableQuantity: line.currentQuantity,
    restockable: variant?.item.tracked === true,
    requiresShipping: line.requiresShipping,
    isGiftCard: line.isGiftCard,
    variantTitle: variant?.title ?? null,
    vendor: variant?.product.vendor ?? null,
    variant: () => (variant === null ? null : variantView(context, variant)),
    product: () => (variant === null ? null : productView(context, variant.product)),
  };
}

export function refundView(context: CallContext, refund: Refund): View {
  const at = utcStamp(refund.createdAtMs);
  return {
    __typename: "Refund",
    id: gid("Refund", refund.id),
    legacyResourceId: refund.id,
    createdAt: at,
    processedAt: at,
    updatedAt: at,
    note: refund.note,
    order: () => orderView(context, refund.order),
    refundLineItems: (args: PageArgs) => {
      const rows = refund.lines.map((line, index) => ({ line, seq: index + 1 }));
      return connection(context, rows, args, { view: ({ line }) => refundLineView(context, line) });
    },
  };
}

function refundLineView(context: CallContext, refundLine: RefundLine): View {
  return {
    id: gid("RefundLineItem", refundLine.id),
    quantity: refundLine.quantity,
    restockType: refundLine.restockType.toUpperCase(),
    restocked: refundLine.restockType !== "no_restock",
    location: () => (refundLine.location === null ? null : locationView(context, refundLine.location)),
    lineItem: () => lineView(context, refundLine.line),
  };
}
