/** How the control API shows locations, variants and orders: plain data, ids as digits. */
import type { CreateOrderOutcome } from "../model/create-order.ts";
import type { SettleOutcome } from "../model/settle-order.ts";
import type { Location, Order, Refund } from "../model/shop-model.ts";
import type { ShopStore } from "../model/shop-store.ts";
import { shopStamp } from "../model/stamps.ts";

export function locationWire(location: Location): unknown {
  return { id: location.id, name: location.name, isActive: location.isActive, priority: location.priority };
}

export function variantsWire(store: ShopStore): unknown[] {
  return store.variants.map((variant) => ({
    id: variant.id,
    sku: variant.item.sku,
    itemId: variant.item.id,
    title: `${variant.product.title} - ${variant.title}`,
    tracked: variant.item.tracked,
    policy: variant.policy,
    isBundle: variant.components.length > 0,
  }));
}

export function createWire(outcome: CreateOrderOutcome): unknown {
  return outcome.kind === "created" ? { kind: "created", order: orderWire(outcome.order) } : outcome;
}

export function settleWire(outcome: SettleOutcome): unknown {
  if (outcome.kind === "refused") return outcome;
  return {
    kind: "done",
    order: orderWire(outcome.order),
    refund: outcome.refund === null ? null : refundWire(outcome.refund),
  };
}

export function orderWire(order: Order | undefined): unknown {
  if (order === undefined) throw new RangeError("no such order");
  return {
    id: order.id,
    name: `#${order.number}`,
    createdAt: shopStamp(order.createdAtMs),
    cancelledAt: order.cancelledAtMs === null ? null : shopStamp(order.cancelledAtMs),
    lines: order.lines.map((line) => ({
      id: line.id,
      sku: line.sku,
      variantId: line.variant?.id ?? null,
      quantity: line.quantity,
      currentQuantity: line.currentQuantity,
      fulfillableQuantity: line.fulfillableQuantity,
      allocations: line.allocations.map(({ level, quantity: units }) => ({
        locationId: level.location.id,
        quantity: units,
      })),
    })),
    refunds: order.refunds.map(refundWire),
  };
}

function refundWire(refund: Refund): unknown {
  return {
    id: refund.id,
    lines: refund.lines.map((line) => ({
      id: line.id,
      lineId: line.line.id,
      quantity: line.quantity,
      restockType: line.restockType,
      locationId: line.location?.id ?? null,
    })),
  };
}
