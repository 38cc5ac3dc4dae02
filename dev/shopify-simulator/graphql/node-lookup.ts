/** Finds what a GID names, for `node`, `nodes` and the lookups by id. */
import { parseGid } from "../model/ids.ts";
import type { CallContext, View } from "./call-context.ts";
import { callError } from "./call-error.ts";
import { findLevel } from "./inventory/activate-level.ts";
import { itemView, levelView, locationView, productView, variantView } from "./views/inventory-views.ts";
import { orderView, refundView } from "./views/order-views.ts";
import { bulkOperationView, subscriptionView } from "./views/system-views.ts";

type Finder = (context: CallContext, id: string, gid: string) => View | null;

function shown<T>(record: T | undefined, view: (record: T) => View): View | null {
  return record === undefined ? null : view(record);
}

const FINDERS: Readonly<Record<string, Finder>> = {
  Location: (context, id) => shown(context.store.locationById(id), (found) => locationView(context, found)),
  InventoryItem: (context, id) => shown(context.store.itemById(id), (found) => itemView(context, found)),
  InventoryLevel: (context, _, gid) => shown(findLevel(context, gid), (found) => levelView(context, found)),
  ProductVariant: (context, id) => shown(context.store.variantById(id), (found) => variantView(context, found)),
  Product: (context, id) => shown(context.store.productById(id), (found) => productView(context, found)),
  Order: (context, id) => shown(context.store.orderById(id), (found) => orderView(context, found)),
  Refund: (context, id) => {
    const refunds = context.store.orders.flatMap((order) => order.refunds);
    return shown(
      refunds.find((refund) => refund.id === id),
      (found) => refundView(context, found),
    );
  },
  WebhookSubscription: (context, id) => shown(context.registry.byId(id), (found) => subscriptionView(context, found)),
  BulkOperation: (context, id) => shown(context.bulk.byId(id), bulkOperationView),
};

/** Null for an id that names nothing, or a type the simulator does not keep. */
export function findNode(context: CallContext, id: string): View | null {
  const parsed = parseGid(id);
  return parsed === null ? null : (FINDERS[parsed.type]?.(context, parsed.id, id) ?? null);
}

/** The same for a field that expects one type. Errors: RESOURCE_NOT_FOUND for an id of another type. */
export function findTyped(context: CallContext, type: string, id: string): View | null {
  if (parseGid(id)?.type !== type) throw callError(`Invalid id: ${id}`, "RESOURCE_NOT_FOUND");
  return findNode(context, id);
}
