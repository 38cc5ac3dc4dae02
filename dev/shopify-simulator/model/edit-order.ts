/**
 * Editing an order in the admin: lines are added or grow (stock is taken as by a purchase), or lose units that have not
 * shipped (put back on the shelf). Lines that lost everything stay, with a current quantity of 0.
 */
import { planLines, resolveLines, takeStock } from "./create-order.ts";
import { type SettleOutcome, takeAllocations } from "./settle-order.ts";
import type { Order, OrderEdit, OrderLine } from "./shop-model.ts";
import type { ShopStore } from "./shop-store.ts";

export type EditOrderInput = {
  readonly add?: readonly { readonly quantity: number; readonly variantId?: string; readonly sku?: string }[];
  readonly remove?: readonly { readonly lineId: string; readonly quantity: number }[];
};

const refused = (message: string): SettleOutcome => ({ kind: "refused", message });

export function editOrder(store: ShopStore, order: Order, input: EditOrderInput): SettleOutcome {
  if (order.cancelledAtMs !== null) return refused("the order is cancelled");
  const removals = (input.remove ?? []).map(({ lineId, quantity }) => ({
    line: order.lines.find((line) => line.id === lineId),
    quantity,
  }));
  const bad = removals.some(({ line, quantity }) => line === undefined || quantity > line.fulfillableQuantity);
  if (bad) return refused("no such line, or more than is left to ship");
  const wanted = resolveLines(store, input.add ?? []);
  if (wanted.kind === "invalid") return refused(wanted.message);
  const plan = planLines(store, wanted.lines, null);
  if (plan.kind !== "planned") return refused("not in stock");
  for (const { line, parts } of plan.lines) {
    order.lines.push(line);
    takeStock(store, order, line, parts);
  }
  for (const { line, quantity } of removals) if (line !== undefined) removeUnits(store, order, line, quantity);
  order.updatedAtMs = store.now();
  const edit: OrderEdit = {
    id: store.newId(),
    order,
    createdAtMs: order.updatedAtMs,
    additions: plan.lines.map(({ line }) => ({ lineId: line.id, delta: line.quantity })),
    removals: removals.flatMap(({ line, quantity }) =>
      line === undefined ? [] : { lineId: line.id, delta: quantity },
    ),
  };
  store.events.orderEdited(edit);
  return { kind: "done", order, refund: null };
}

function removeUnits(store: ShopStore, order: Order, line: OrderLine, quantity: number): void {
  const cause = { kind: "edit" as const, reference: order.id };
  for (const part of takeAllocations(line, quantity)) {
    store.change(part.level, "committed", -part.quantity, cause);
    store.change(part.level, "available", part.quantity, cause);
  }
  line.fulfillableQuantity -= quantity;
  line.currentQuantity -= quantity;
}
