/**
 * The body of every orders/* webhook: Shopify's published sample of 2026 (no checkout_id), field for field, personal data
 * included. It names no inventory item and no location per line: a receiver has to cope with that.
 */
import { gid } from "../model/ids.ts";
import type { LineGroup, Order } from "../model/shop-model.ts";
import { shopStamp } from "../model/stamps.ts";
import { fulfilmentBody } from "./fulfilment-body.ts";
import { lineGroupBody, lineItemBody } from "./line-item-body.ts";
import { addressBlock, type Person, personOf } from "./person.ts";
import { money, moneySet, rawId } from "./raw-json.ts";
import { refundBody } from "./refund-body.ts";

export function orderBody(order: Order, shop: string): Record<string, unknown> {
  const person = personOf(order.customerSeed);
  return {
    id: rawId(order.id),
    admin_graphql_api_id: gid("Order", order.id),
    ...stateFields(order, person),
    ...moneyFields(order),
    ...referenceFields(order, shop),
    billing_address: addressBlock(person),
    customer: customerBlock(order, person),
    discount_applications: [],
    fulfillments: order.fulfilments.map(fulfilmentBody),
    line_items: order.lines.map(lineItemBody),
    line_item_groups: groupsOf(order).map(lineGroupBody),
    payment_terms: null,
    refunds: order.refunds.map(refundBody),
    shipping_address: order.location === null ? addressBlock(person) : null,
    shipping_lines: order.location === null ? [shippingLine(order)] : [],
    returns: [],
  };
}

function groupsOf(order: Order): LineGroup[] {
  return [...new Set(order.lines.flatMap((line) => (line.group === null ? [] : [line.group])))];
}

function stateFields(order: Order, person: Person): Record<string, unknown> {
  const createdAt = shopStamp(order.createdAtMs);
  return {
    app_id: rawId(order.sourceName === "pos" ? "129785" : "580111"),
    browser_ip: order.location === null ? person.browserIp : null,
    buyer_accepts_marketing: false,
    cancel_reason: order.cancelReason,
    cancelled_at: order.cancelledAtMs === null ? null : shopStamp(order.cancelledAtMs),
    cart_token: null,
    checkout_token: order.token,
    client_details: null,
    closed_at: order.closedAtMs === null ? null : shopStamp(order.closedAtMs),
    confirmation_number: order.token.slice(0, 9).toUpperCase(),
    confirmed: true,
    contact_email: person.email,
    created_at: createdAt,
    currency: "CAD",
    customer_locale: "en-CA",
    device_id: null,
    discount_codes: [],
    duties_included: false,
    email: person.email,
    estimated_taxes: false,
    financial_status: financialStatus(order),
    fulfillment_status: fulfillmentStatus(order),
    landing_site: null,
    landing_site_ref: null,
    location_id: order.location === null ? null : rawId(order.location.id),
    merchant_business_entity_id: "MTU0ODM4MDAwOQ",
    merchant_of_record_app_id: null,
    name: `#${order.number}`,
    note: null,
    note_attributes: [],
    number: order.number - 1_000,
    order_number: order.number,
    phone: person.phone,
    po_number: null,
    presentment_currency: "CAD",
    processed_at: createdAt,
    reference: null,
    referring_site: null,
    source_identifier: null,
    source_name: order.sourceName,
    source_url: null,
    updated_at: shopStamp(order.updatedAtMs),
  };
}

function moneyFields(order: Order): Record<string, unknown> {
  const goodsCents = order.lines.reduce((sum, line) => sum + line.priceCents * line.quantity, 0);
  const currentCents = order.lines.reduce((sum, line) => sum + line.priceCents * line.currentQuantity, 0);
  const totalCents = goodsCents + order.shippingCents;
  const amounts: Readonly<Record<string, number>> = {
    current_subtotal_price: currentCents,
    current_total_discounts: 0,
    current_total_price: currentCents + order.shippingCents,
    current_total_tax: 0,
    subtotal_price: goodsCents,
    total_discounts: 0,
    total_line_items_price: goodsCents,
    total_price: totalCents,
    total_tax: 0,
  };
  const fields: Record<string, unknown> = {};
  for (const [name, cents] of Object.entries(amounts)) {
    fields[name] = money(cents);
    fields[`${name}_set`] = moneySet(cents);
  }
  return {
    ...fields,
    current_shipping_price_set: moneySet(order.shippingCents),
    current_total_additional_fees_set: null,
    current_total_duties_set: null,
    original_total_additional_fees_set: null,
    original_total_duties_set: null,
    total_cash_rounding_payment_adjustment_set: moneySet(0),
    total_cash_rounding_refund_adjustment_set: moneySet(0),
    total_outstanding: money(order.isPaid ? 0 : totalCents),
    total_shipping_price_set: moneySet(order.shippingCents),
    total_tip_received: "0.00",
  };
}

function referenceFields(order: Order, shop: string): Record<string, unknown> {
  return {
    order_status_url: `https://${shop}/548380009/orders/${order.token}/authenticate?key=${order.token.slice(0, 12)}`,
    payment_gateway_names: order.isPaid ? ["bogus"] : [],
    tags: "",
    tax_exempt: false,
    tax_lines: [],
    taxes_included: false,
    test: order.test,
    token: order.token,
    total_weight: order.lines.reduce((sum, line) => sum + (line.variant?.grams ?? 0) * line.quantity, 0),
    user_id: null,
  };
}

function customerBlock(order: Order, person: Person): Record<string, unknown> {
  return {
    id: rawId(order.customerId),
    email: person.email,
    created_at: shopStamp(order.createdAtMs),
    updated_at: shopStamp(order.updatedAtMs),
    first_name: person.firstName,
    last_name: person.lastName,
    state: "disabled",
    note: null,
    verified_email: true,
    multipass_identifier: null,
    tax_exempt: false,
    phone: person.phone,
    currency: "CAD",
    tax_exemptions: [],
    admin_graphql_api_id: gid("Customer", order.customerId),
    default_address: {
      id: rawId(order.customerId),
      customer_id: rawId(order.customerId),
      ...addressBlock(person),
      country_name: "Canada",
      default: true,
    },
  };
}

function shippingLine(order: Order): Record<string, unknown> {
  return {
    id: rawId(`${order.id.slice(0, -3)}001`),
    carrier_identifier: null,
    code: "Standard",
    current_discounted_price_set: moneySet(order.shippingCents),
    discounted_price: money(order.shippingCents),
    discounted_price_set: moneySet(order.shippingCents),
    is_removed: false,
    phone: null,
    price: money(order.shippingCents),
    price_set: moneySet(order.shippingCents),
    requested_fulfillment_service_id: null,
    source: "shopify",
    title: "Standard",
    tax_lines: [],
    discount_allocations: [],
  };
}

/** REST's financial_status. */
export function financialStatus(order: Order): string {
  const refundedCents = order.refunds.reduce((sum, refund) => sum + refund.amountCents, 0);
  if (!order.isPaid) return order.cancelledAtMs === null ? "pending" : "voided";
  if (refundedCents === 0) return "paid";
  const isAllBack = order.lines.every((line) => line.currentQuantity === 0);
  return isAllBack ? "refunded" : "partially_refunded";
}

function fulfillmentStatus(order: Order): string | null {
  const shipped = order.lines.reduce((sum, line) => sum + line.fulfilledQuantity, 0);
  if (shipped === 0) return null;
  return order.lines.some((line) => line.fulfillableQuantity > 0) ? "partial" : "fulfilled";
}
