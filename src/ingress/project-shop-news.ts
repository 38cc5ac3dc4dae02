/**
 * Projections of what tells of orders beside their sale (edits, fulfilments), and of the shop itself: items, products,
 * locations.
 */
import { fromStore, type InventoryItemId, type ShopLocationId, type VariantId } from "../domain/ids.ts";
import type { ShippedLine } from "../domain/shop-event.ts";
import { NO_LINES, type Projected, told } from "./projected.ts";
import type {
  FulfilmentPayload,
  ItemPayload,
  LocationPayload,
  NamedPayload,
  OrderEditPayload,
  ProductPayload,
} from "./shopify-payloads.ts";
import { skipReason } from "./skip-reason.ts";

/** Nothing has left the shelf by one of these. */
const NOT_SHIPPED: ReadonlySet<string> = new Set(["cancelled", "error", "failure"]);

/** A line is told by its fulfilment's id and its own: the same in whichever body it comes. */
export function projectFulfilments(orderId: string, fulfilments: readonly FulfilmentPayload[]): Projected {
  const lines = fulfilments.flatMap((each): ShippedLine[] => {
    if (NOT_SHIPPED.has(each.status ?? "")) return [];
    return each.line_items.map((line) => ({
      fulfilmentId: each.id,
      lineId: line.id,
      variantId: line.variant_id ? fromStore<VariantId>(line.variant_id) : null,
      sku: line.sku ?? null,
      quantity: line.quantity,
      location: each.location_id ? fromStore<ShopLocationId>(each.location_id) : null,
      atMs: each.created_at,
      skip: skipReason(line, line.quantity),
    }));
  });
  if (lines.length === 0) return NO_LINES;
  return told({ kind: "fulfilment", orderId, lines }, Math.max(...lines.map(({ atMs }) => atMs)));
}

export function projectOrderEdit({ order_edit: edit }: OrderEditPayload): Projected {
  const changes = (deltas: readonly { readonly id: string; readonly delta: number }[] | null | undefined) =>
    (deltas ?? [])
      .map(({ id, delta }) => ({ lineId: id, quantity: Math.abs(delta) }))
      .filter((each) => each.quantity > 0);
  const added = changes(edit.line_items?.additions);
  const removed = changes(edit.line_items?.removals);
  if (added.length + removed.length === 0) return NO_LINES; // discounts, shipping
  const { id: editId, order_id: orderId, created_at: atMs } = edit;
  return told({ kind: "order_edit", editId, orderId, atMs, added, removed }, atMs);
}

export function projectProduct({ variants }: ProductPayload): Projected {
  const items = variants.flatMap(({ id, sku, inventory_item_id: item }) =>
    item
      ? [
          {
            item: fromStore<InventoryItemId>(item),
            variantId: fromStore<VariantId>(id),
            sku: sku ?? null,
            isTracked: null,
          },
        ]
      : [],
  );
  return items.length === 0 ? NO_LINES : told({ kind: "items", items });
}

export function projectItem({ id, sku, tracked }: ItemPayload): Projected {
  const item = { item: fromStore<InventoryItemId>(id), variantId: null, sku: sku ?? null, isTracked: tracked ?? null };
  return told({ kind: "items", items: [item] });
}

export function projectLocation({ id, name, active, updated_at: atMs }: LocationPayload): Projected {
  const location = fromStore<ShopLocationId>(id);
  return told({ kind: "location", location, name: name ?? null, isActive: active ?? null, atMs }, atMs);
}

export function projectLocationGone({ id }: NamedPayload): Projected {
  const location = fromStore<ShopLocationId>(id);
  return told({ kind: "location", location, name: null, isActive: false, atMs: null });
}
