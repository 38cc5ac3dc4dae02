/**
 * What happens to an order afterwards: shipped, cancelled, refunded. Stock follows the units, not the money:
 * shipping takes committed away; a restock of unshipped units moves committed to available; a return adds available;
 * without restock the units vanish from committed and the shelf.
 */
import type {
  Allocation,
  CancelReason,
  Fulfilment,
  Level,
  Location,
  Order,
  OrderLine,
  Refund,
  RefundLine,
  RestockType,
} from "./shop-model.ts";
import type { Cause, ShopStore } from "./shop-store.ts";

export type SettleOutcome =
  | { readonly kind: "done"; readonly order: Order; readonly refund: Refund | null }
  | { readonly kind: "refused"; readonly message: string };

export type RefundLineInput = {
  readonly lineId: string;
  readonly quantity: number;
  readonly restockType: RestockType;
  /** Where restocked units go; by default where the line was to ship from. */
  readonly locationId?: string;
};

export type RefundInput = {
  /** Empty: money only. */
  readonly lines: readonly RefundLineInput[];
  readonly note?: string;
  readonly amountCents?: number;
};

export type CancelInput = { readonly restock: boolean; readonly reason?: CancelReason };
export type FulfilInput = { readonly lines?: readonly { readonly lineId: string; readonly quantity: number }[] };

function refused(message: string): SettleOutcome {
  return { kind: "refused", message };
}

/** Ships all that is left, or the named units. */
export function fulfilOrder(store: ShopStore, order: Order, input: FulfilInput): SettleOutcome {
  if (order.cancelledAtMs !== null) return refused("the order is cancelled");
  const all = order.lines.map((line) => ({ line, quantity: line.fulfillableQuantity }));
  const wanted = input.lines?.map(({ lineId, quantity }) => ({ line: lineOf(order, lineId), quantity })) ?? all;
  const bad = wanted.find(({ line, quantity }) => line === undefined || quantity > line.fulfillableQuantity);
  if (bad !== undefined) return refused("no such line, or more than is left to ship");
  const cause = { kind: "fulfilment" as const, reference: order.id };
  const shipped = new Map<Location | null, { line: OrderLine; quantity: number }[]>();
  for (const { line, quantity } of wanted) {
    if (line === undefined || quantity === 0) continue;
    for (const { location, units } of shipUnits(store, line, quantity, cause)) {
      shipped.set(location, [...(shipped.get(location) ?? []), { line, quantity: units }]);
    }
    line.fulfilledQuantity += quantity;
    line.fulfillableQuantity -= quantity;
  }
  order.updatedAtMs = store.now();
  const fulfilments = Array.from(shipped, ([location, lines]): Fulfilment => {
    return { id: store.newId(), order, createdAtMs: store.now(), location, lines };
  });
  order.fulfilments.push(...fulfilments);
  store.events.orderFulfilled(order, fulfilments);
  return { kind: "done", order, refund: null };
}

/** One fulfilment per location; what has no stock ships from nowhere. */
function shipUnits(
  store: ShopStore,
  line: OrderLine,
  quantity: number,
  cause: Cause,
): readonly { readonly location: Location | null; readonly units: number }[] {
  if (line.reservesOnFulfillment) return [{ location: shipPreorder(store, line, quantity, cause), units: quantity }];
  const parts = takeAllocations(line, quantity);
  for (const part of parts) store.change(part.level, "committed", -part.quantity, cause);
  if (parts.length === 0) return [{ location: null, units: quantity }];
  return parts.map((part) => ({ location: part.level.location, units: part.quantity }));
}

/** A pre-order takes its stock now, at the first location that has the item. */
function shipPreorder(store: ShopStore, line: OrderLine, quantity: number, cause: Cause): Location | null {
  const levels = [...(line.variant?.item.levels.values() ?? [])].filter((level) => level.isActive);
  const level = levels.find((candidate) => candidate.quantities.available >= quantity) ?? levels[0];
  if (level !== undefined && line.variant?.item.tracked === true) store.change(level, "available", -quantity, cause);
  return level?.location ?? null;
}

/** Cancels what has not shipped. The refund carries the restock, as in the real shop. */
export function cancelOrder(store: ShopStore, order: Order, input: CancelInput): SettleOutcome {
  if (order.cancelledAtMs !== null) return refused("Order has already been cancelled");
  if (order.lines.some((line) => line.fulfilledQuantity > 0)) return refused("Cannot cancel a fulfilled order");
  const stranded = order.lines.some((line) => line.allocations.some(({ level }) => !level.location.isActive));
  if (stranded && order.isPaid && input.restock) return refused("Cannot restock at a deactivated location");
  const nowMs = store.now();
  const refundId = store.newId();
  const cause = { kind: "cancellation" as const, reference: order.id };
  const lines = order.lines.flatMap((line) => cancelLine(store, line, { restock: input.restock && !stranded, cause }));
  order.cancelledAtMs = nowMs;
  order.cancelReason = input.reason ?? "customer";
  order.closedAtMs = nowMs;
  order.updatedAtMs = nowMs;
  const isRefunded = order.isPaid || lines.some((line) => line.restockType === "cancel");
  const refund = isRefunded ? makeRefund(store, order, { id: refundId, lines, note: null, amountCents: null }) : null;
  const topics = ["orders/cancelled", "orders/updated"] as const;
  store.events.orderChanged(order, topics, refund);
  return { kind: "done", order, refund };
}

function cancelLine(
  store: ShopStore,
  line: OrderLine,
  how: { readonly restock: boolean; readonly cause: Cause },
): RefundLine[] {
  const open = line.fulfillableQuantity;
  if (open === 0) return [];
  const parts = takeAllocations(line, open);
  const lines: RefundLine[] = [];
  for (const { level, quantity } of parts) {
    store.change(level, "committed", -quantity, how.cause);
    if (how.restock) store.change(level, "available", quantity, how.cause);
    const restocked = how.restock ? ("cancel" as const) : ("no_restock" as const);
    lines.push(
      refundLine(store, line, { quantity, restockType: restocked, location: how.restock ? level.location : null }),
    );
  }
  const unallocated = open - parts.reduce((sum, part) => sum + part.quantity, 0);
  if (unallocated > 0) {
    lines.push(refundLine(store, line, { quantity: unallocated, restockType: "no_restock", location: null }));
  }
  line.fulfillableQuantity = 0;
  line.currentQuantity -= open;
  return lines;
}

/** Gives money back, and units where the lines say so. Nothing happens unless every line is possible. */
export function refundOrder(store: ShopStore, order: Order, input: RefundInput): SettleOutcome {
  const problem = refundProblem(store, order, input.lines);
  if (problem !== null) return refused(problem);
  const refundId = store.newId();
  const cause = { kind: "refund" as const, reference: refundId };
  const lines: RefundLine[] = [];
  for (const given of input.lines) {
    const line = lineOf(order, given.lineId);
    if (line !== undefined) lines.push(...refundUnits(store, line, given, cause));
  }
  const refund = makeRefund(store, order, {
    id: refundId,
    lines,
    note: input.note ?? null,
    amountCents: input.amountCents ?? null,
  });
  order.updatedAtMs = refund.createdAtMs;
  store.events.orderChanged(order, ["orders/updated"], refund);
  return { kind: "done", order, refund };
}

function refundProblem(store: ShopStore, order: Order, lines: readonly RefundLineInput[]): string | null {
  const seen = new Set<string>();
  for (const given of lines) {
    const line = lineOf(order, given.lineId);
    if (line === undefined) return `no line ${given.lineId}`;
    if (seen.has(given.lineId)) return "name a line once";
    seen.add(given.lineId);
    if (!Number.isSafeInteger(given.quantity) || given.quantity < 1) return "quantity must be at least 1";
    if (given.quantity > line.currentQuantity) return "Quantity cannot refund more items than were purchased";
    if (given.restockType === "cancel" && given.quantity > line.fulfillableQuantity)
      return "not that many are unshipped";
    if (given.restockType === "return" && given.quantity > line.fulfilledQuantity) return "not that many were shipped";
    if (given.locationId !== undefined && store.locationById(given.locationId) === undefined) return "no such location";
  }
  return null;
}

function refundUnits(store: ShopStore, line: OrderLine, given: RefundLineInput, cause: Cause): RefundLine[] {
  const { quantity } = given;
  const location = given.locationId === undefined ? null : (store.locationById(given.locationId) ?? null);
  line.currentQuantity -= quantity;
  if (given.restockType === "return") {
    line.fulfilledQuantity -= quantity;
    const level = returnLevel(store, line, location);
    if (level === null) return [refundLine(store, line, { quantity, restockType: "no_restock", location: null })];
    store.change(level, "available", quantity, cause);
    return [refundLine(store, line, { quantity, restockType: "return", location: level.location })];
  }
  const unshipped = Math.min(quantity, line.fulfillableQuantity);
  line.fulfillableQuantity -= unshipped;
  // What neither ships nor is on the shelf any more: shipped goods the customer keeps.
  line.fulfilledQuantity -= quantity - unshipped;
  const parts = takeAllocations(line, unshipped);
  for (const part of parts) store.change(part.level, "committed", -part.quantity, cause);
  if (given.restockType === "no_restock" || parts.length === 0) {
    return [refundLine(store, line, { quantity, restockType: "no_restock", location: null })];
  }
  return parts.map((part) => {
    const level = location === null ? part.level : store.connect(part.level.item, location);
    store.change(level, "available", part.quantity, cause);
    return refundLine(store, line, { quantity: part.quantity, restockType: "cancel", location: level.location });
  });
}

/**
 * Goods come back and are put on the shelf by the returns flow (a disposition), without any refund: Shopify tells of it by the
 * level alone.
 */
export function returnUnits(
  store: ShopStore,
  order: Order,
  input: { readonly lineId: string; readonly quantity: number; readonly locationId?: string },
): SettleOutcome {
  const line = lineOf(order, input.lineId);
  if (line === undefined || input.quantity > line.fulfilledQuantity) return refused("not that many were shipped");
  const location = input.locationId === undefined ? null : (store.locationById(input.locationId) ?? null);
  const level = returnLevel(store, line, location);
  if (level === null) return refused("it has no stock");
  store.change(level, "available", input.quantity, { kind: "return", reference: order.id });
  order.updatedAtMs = store.now();
  store.events.orderChanged(order, ["orders/updated"], null);
  return { kind: "done", order, refund: null };
}

/** Where returned goods go back on the shelf; null for what has no stock (custom, gift card, untracked). */
function returnLevel(store: ShopStore, line: OrderLine, location: Location | null): Level | null {
  const item = line.variant?.item;
  if (item === undefined || !item.tracked || line.isGiftCard) return null;
  if (location !== null) return store.connect(item, location);
  return [...item.levels.values()].find((level) => level.isActive) ?? null;
}

/** Releases the claim on `quantity` units, in order of allocation, and says where they were. */
export function takeAllocations(line: OrderLine, quantity: number): Allocation[] {
  const taken: Allocation[] = [];
  let left = quantity;
  for (const allocation of line.allocations) {
    const part = Math.min(left, allocation.quantity);
    if (part === 0) continue;
    allocation.quantity -= part;
    left -= part;
    taken.push({ level: allocation.level, quantity: part });
  }
  return taken;
}

function refundLine(
  store: ShopStore,
  line: OrderLine,
  parts: { readonly quantity: number; readonly restockType: RestockType; readonly location: Location | null },
): RefundLine {
  return { id: store.newId(), line, ...parts };
}

function makeRefund(
  store: ShopStore,
  order: Order,
  parts: {
    readonly id: string;
    readonly lines: readonly RefundLine[];
    readonly note: string | null;
    readonly amountCents: number | null;
  },
): Refund {
  const goodsCents = parts.lines.reduce((sum, { line, quantity }) => sum + line.priceCents * quantity, 0);
  const refund: Refund = {
    id: parts.id,
    transactionId: store.newId(),
    order,
    createdAtMs: store.now(),
    note: parts.note,
    amountCents: order.isPaid ? (parts.amountCents ?? goodsCents) : 0,
    lines: parts.lines,
  };
  order.refunds.push(refund);
  return refund;
}

function lineOf(order: Order, lineId: string): OrderLine | undefined {
  return order.lines.find((line) => line.id === lineId);
}
