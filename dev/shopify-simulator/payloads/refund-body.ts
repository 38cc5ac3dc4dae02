/** A refund: the body of refunds/create, and the same object inside `order.refunds`. */
import { gid } from "../model/ids.ts";
import type { Refund, RefundLine } from "../model/shop-model.ts";
import { shopStamp } from "../model/stamps.ts";
import { lineItemBody } from "./line-item-body.ts";
import { money, moneySet, rawId } from "./raw-json.ts";

const STAFF_ID = "548380009128374650";

export function refundBody(refund: Refund): Record<string, unknown> {
  return {
    id: rawId(refund.id),
    order_id: rawId(refund.order.id),
    created_at: shopStamp(refund.createdAtMs),
    note: refund.note,
    user_id: rawId(STAFF_ID),
    processed_at: shopStamp(refund.createdAtMs),
    duties: [],
    total_duties_set: moneySet(0),
    return: null,
    restock: refund.lines.some((line) => line.restockType !== "no_restock"),
    additional_fees: [],
    total_additional_fees_set: moneySet(0),
    refund_shipping_lines: [],
    admin_graphql_api_id: gid("Refund", refund.id),
    order_adjustments: [],
    refund_line_items: refund.lines.map(refundLineBody),
    transactions: refund.amountCents === 0 ? [] : [transactionBody(refund)],
  };
}

function refundLineBody(refundLine: RefundLine): Record<string, unknown> {
  const subtotalCents = refundLine.line.priceCents * refundLine.quantity;
  return {
    location_id: refundLine.location === null ? null : rawId(refundLine.location.id),
    restock_type: refundLine.restockType,
    quantity: refundLine.quantity,
    id: rawId(refundLine.id),
    line_item_id: rawId(refundLine.line.id),
    subtotal: subtotalCents / 100,
    total_tax: 0,
    subtotal_set: moneySet(subtotalCents),
    total_tax_set: moneySet(0),
    line_item: lineItemBody(refundLine.line),
  };
}

function transactionBody(refund: Refund): Record<string, unknown> {
  const at = shopStamp(refund.createdAtMs);
  return {
    id: rawId(refund.transactionId),
    order_id: rawId(refund.order.id),
    kind: "refund",
    gateway: "bogus",
    status: "success",
    message: "Bogus Gateway: Forced success",
    created_at: at,
    test: refund.order.test,
    authorization: null,
    location_id: null,
    user_id: null,
    parent_id: null,
    processed_at: at,
    device_id: null,
    error_code: null,
    source_name: refund.order.sourceName,
    receipt: {},
    amount: money(refund.amountCents),
    currency: "CAD",
    payment_id: `#${refund.order.number}.${refund.order.refunds.length}`,
    manual_payment_gateway: false,
    amount_rounding: null,
    admin_graphql_api_id: gid("OrderTransaction", refund.transactionId),
  };
}
