/**
 * A body that could not be read, made fit to keep: only fields known to hold no personal data survive, and of them only
 * values of the kind that belongs there. An allow-list twice, because a body of unknown shape may hold a name anywhere.
 */
type Kind = "id" | "gid" | "count" | "flag" | "time" | "token" | "sku" | "container";

const KINDS: ReadonlyMap<string, Kind> = new Map(
  Object.entries({
    id: ["id", "order_id", "line_item_id", "variant_id", "product_id", "inventory_item_id", "location_id"],
    gid: ["admin_graphql_api_id"],
    count: ["quantity", "current_quantity", "fulfillable_quantity", "available", "delta"],
    flag: ["restock", "gift_card", "test", "confirmed", "product_exists", "requires_shipping", "active", "tracked"],
    time: ["created_at", "updated_at", "processed_at", "cancelled_at", "closed_at"],
    token: [
      ...["restock_type", "cancel_reason", "source_name", "financial_status", "fulfillment_status", "status"],
      ...["fulfillment_service", "variant_inventory_management"],
    ],
    sku: ["sku"],
    container: [
      ...["line_items", "line_item", "refunds", "refund_line_items", "fulfillments"],
      ...["order_edit", "additions", "removals", "variants"],
    ],
  } satisfies Record<Kind, readonly string[]>).flatMap(([kind, keys]) => keys.map((key) => [key, kind as Kind])),
);

const COUNT_MAX = 1_000_000_000; // Shopify's own; a telephone number is larger

const isText = (value: unknown, pattern: RegExp): boolean => typeof value === "string" && pattern.test(value);

/** Ids too long for a float come as text. A token is what an enum spells: no capital, no space, no dot. */
const FITS: Readonly<Record<Exclude<Kind, "container">, (value: unknown) => boolean>> = {
  id: (value) => Number.isSafeInteger(value) || isText(value, /^\d{1,20}$/),
  gid: (value) => isText(value, /^gid:\/\/shopify\/[A-Za-z]{1,40}\/\d{1,20}(?:\?[a-z_]{1,40}=\d{1,20})?$/),
  count: (value) => (Number.isInteger(value) && Math.abs(Number(value)) <= COUNT_MAX) || isText(value, /^-?\d{1,9}$/),
  flag: (value) => typeof value === "boolean",
  time: (value) => isText(value, /^\d{4}-\d{2}-\d{2}[T ][\d:.]{5,12} ?(?:Z|[+-]\d{2}:?\d{2})?$/),
  token: (value) => isText(value, /^[a-z0-9_-]{1,40}$/),
  sku: (value) => isText(value, /^[^@]{0,255}$/),
};

const DEPTH_MAX = 8;

/** Keys that are dropped leave no trace; a value that does not belong under a kept key stays as its type's name. */
export function scrub(value: unknown, depth = 0): unknown {
  if (depth > DEPTH_MAX) return "…";
  if (Array.isArray(value)) return value.map((entry) => scrub(entry, depth + 1));
  if (typeof value !== "object" || value === null) return typeName(value);
  const kept: Record<string, unknown> = {};
  for (const [key, entry] of Object.entries(value)) {
    const kind = KINDS.get(key);
    if (kind !== undefined) kept[key] = scrubField(kind, entry, depth);
  }
  return kept;
}

function scrubField(kind: Kind, value: unknown, depth: number): unknown {
  if (value === null) return null;
  if (kind === "container") return scrub(value, depth + 1);
  return FITS[kind](value) ? value : typeName(value);
}

const typeName = (value: unknown): string | null =>
  value === null ? null : `(${Array.isArray(value) ? "array" : typeof value})`;
