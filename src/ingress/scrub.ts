/**
 * A body that could not be read, made fit to keep: only fields known to hold no personal data survive, at any depth.
 * An allow-list, because a body of unknown shape may hold a name anywhere.
 */
const KEPT_KEYS: ReadonlySet<string> = new Set([
  "id", "admin_graphql_api_id", "order_id", "line_item_id", "variant_id", "product_id", "inventory_item_id", "location_id",
  "sku", "quantity", "current_quantity", "fulfillable_quantity", "available", "restock_type", "restock",
  "created_at", "updated_at", "processed_at", "cancelled_at", "cancel_reason", "closed_at",
  "source_name", "financial_status", "fulfillment_status", "fulfillment_service", "gift_card", "test", "confirmed",
  "variant_inventory_management", "product_exists", "requires_shipping",
  "line_items", "line_item", "refunds", "refund_line_items",
]); // biome-ignore format: a list to read, not a column to scroll

const DEPTH_MAX = 8;

/** Keys that are dropped leave no trace; a value of an unexpected type under a kept key stays as its type's name. */
export function scrub(value: unknown, depth = 0): unknown {
  if (depth > DEPTH_MAX) return "…";
  if (Array.isArray(value)) return value.map((entry) => scrub(entry, depth + 1));
  if (typeof value !== "object" || value === null) return depth === 0 ? `(${typeof value})` : value;
  const kept: Record<string, unknown> = {};
  for (const [key, entry] of Object.entries(value)) if (KEPT_KEYS.has(key)) kept[key] = scrub(entry, depth + 1);
  return kept;
}
