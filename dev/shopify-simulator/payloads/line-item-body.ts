/** One line of an order as the REST body writes it. Field for field Shopify's published sample of 2026, in its order. */
import { gid } from "../model/ids.ts";
import type { LineGroup, OrderLine } from "../model/shop-model.ts";
import { money, moneySet, rawId } from "./raw-json.ts";

export function lineItemBody(line: OrderLine): Record<string, unknown> {
  const variant = line.variant?.item.isDeleted === true ? null : line.variant;
  const variantTitle = variant === null || variant.title === "Default Title" ? null : variant.title;
  return {
    id: rawId(line.id),
    admin_graphql_api_id: gid("LineItem", line.id),
    attributed_staffs: [],
    current_quantity: line.currentQuantity,
    fulfillable_quantity: line.fulfillableQuantity,
    fulfillment_service: line.isGiftCard ? "gift_card" : "manual",
    fulfillment_status: fulfillmentStatus(line),
    gift_card: line.isGiftCard,
    grams: variant?.grams ?? 0,
    name: variantTitle === null ? line.title : `${line.title} - ${variantTitle}`,
    price: money(line.priceCents),
    price_set: moneySet(line.priceCents),
    product_exists: variant !== null,
    product_id: variant === null ? null : rawId(variant.product.id),
    properties: [],
    quantity: line.quantity,
    requires_shipping: line.requiresShipping,
    sales_line_item_group_id: line.group === null ? null : rawId(line.group.id),
    sku: line.sku,
    taxable: true,
    title: line.title,
    total_discount: "0.00",
    total_discount_set: moneySet(0),
    variant_id: variant === null ? null : rawId(variant.id),
    variant_inventory_management: variant?.item.tracked ? "shopify" : null,
    variant_title: variantTitle,
    vendor: variant?.product.vendor ?? null,
    tax_lines: [],
    duties: [],
    discount_allocations: [],
  };
}

function fulfillmentStatus(line: OrderLine): string | null {
  if (line.fulfilledQuantity === 0) return null;
  return line.fulfillableQuantity === 0 ? "fulfilled" : "partial";
}

/** The bundle a group of lines came from. */
export function lineGroupBody(group: LineGroup): Record<string, unknown> {
  const { variant } = group;
  return {
    id: rawId(group.id),
    title: variant.product.title,
    quantity: group.quantity,
    product_id: rawId(variant.product.id),
    variant_id: rawId(variant.id),
    variant_sku: variant.item.sku,
    properties: [],
    product: { id: rawId(variant.product.id), title: variant.product.title, handle: variant.product.handle },
  };
}
