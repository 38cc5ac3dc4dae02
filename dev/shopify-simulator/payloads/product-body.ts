/** products/update: told on each sale as well, so that receivers meet a topic which they should drop. */
import { gid } from "../model/ids.ts";
import type { Product, Variant } from "../model/shop-model.ts";
import { totalAvailable } from "../model/shop-store.ts";
import { shopStamp } from "../model/stamps.ts";
import { money, rawId } from "./raw-json.ts";

/** Shopify sends full variants for the first hundred only. */
const VARIANTS_MAX = 100;

export function productBody(product: Product): Record<string, unknown> {
  return {
    admin_graphql_api_id: gid("Product", product.id),
    body_html: `<p>${product.title}</p>`,
    created_at: shopStamp(product.createdAtMs),
    handle: product.handle,
    id: rawId(product.id),
    product_type: product.productType,
    published_at: shopStamp(product.createdAtMs),
    template_suffix: null,
    title: product.title,
    updated_at: shopStamp(product.updatedAtMs),
    vendor: product.vendor,
    status: "active",
    published_scope: "global",
    tags: product.tags.join(", "),
    variants: product.variants.slice(0, VARIANTS_MAX).map(variantBody),
    options: [{ name: "Title", id: rawId(product.id), product_id: rawId(product.id), position: 1, values: [] }],
    images: [],
    image: null,
    media: [],
    variant_gids: product.variants.map((variant) => ({
      admin_graphql_api_id: gid("ProductVariant", variant.id),
      updated_at: shopStamp(variant.updatedAtMs),
    })),
    has_variants_that_requires_components: product.variants.some((variant) => variant.components.length > 0),
    category: null,
  };
}

function variantBody(variant: Variant): Record<string, unknown> {
  const total = totalAvailable(variant.item);
  return {
    admin_graphql_api_id: gid("ProductVariant", variant.id),
    barcode: variant.barcode,
    compare_at_price: null,
    created_at: shopStamp(variant.createdAtMs),
    id: rawId(variant.id),
    inventory_policy: variant.policy.toLowerCase(),
    position: variant.position,
    price: money(variant.priceCents),
    product_id: rawId(variant.product.id),
    sku: variant.item.sku,
    taxable: true,
    title: variant.title,
    updated_at: shopStamp(variant.updatedAtMs),
    option1: variant.title,
    option2: null,
    option3: null,
    image_id: null,
    inventory_item_id: rawId(variant.item.id),
    inventory_quantity: total,
    old_inventory_quantity: total,
  };
}
