/**
 * Buying. All lines or none: routing is decided for every line first, then stock moves in the same step
 * (available −q, committed +q at the chosen location), then the order is told.
 */
import { mayShip, type RoutedPart, routeLine } from "./order-routing.ts";
import type { SeededRandom } from "./seeded-random.ts";
import type { Level, LineGroup, Location, Order, OrderLine, Variant } from "./shop-model.ts";
import type { ShopStore } from "./shop-store.ts";

export type OrderLineInput = {
  readonly quantity: number;
  /** Which variant: by id, or by SKU (the first variant that carries it). Neither: a custom line. */
  readonly variantId?: string;
  readonly sku?: string;
  readonly title?: string;
  readonly priceCents?: number;
  /** Pre-order: the stock is taken when it ships. */
  readonly reservesOnFulfillment?: boolean;
};

export type CreateOrderInput = {
  readonly lines: readonly OrderLineInput[];
  /** `shopify_draft_order`: a draft that was completed; until then it took nothing. */
  readonly source?: "web" | "pos" | "shopify_draft_order";
  /** Needed for `pos`: where it was sold. */
  readonly locationId?: string;
  readonly test?: boolean;
  /** Default true. */
  readonly paid?: boolean;
};

export type CreateOrderOutcome =
  | { readonly kind: "created"; readonly order: Order }
  | { readonly kind: "out_of_stock"; readonly sku: string | null; readonly wanted: number; readonly available: number }
  | { readonly kind: "invalid"; readonly message: string };

export type CreateOrderDeps = {
  readonly store: ShopStore;
  readonly random: SeededRandom;
  /** How much earlier than the stock change an order may claim to have been made. */
  readonly orderSkewMs: () => number;
};

type PlannedLine = { readonly line: OrderLine; readonly parts: readonly RoutedPart[] };
type Wanted = {
  readonly input: OrderLineInput;
  readonly variant: Variant | null;
  readonly quantity: number;
  readonly group: LineGroup | null;
};
type Plan =
  | { readonly kind: "planned"; readonly lines: PlannedLine[] }
  | Exclude<CreateOrderOutcome, { kind: "created" }>;

export function createOrder(deps: CreateOrderDeps, input: CreateOrderInput): CreateOrderOutcome {
  const { store } = deps;
  const location = input.locationId === undefined ? null : (store.locationById(input.locationId) ?? null);
  if (input.locationId !== undefined && location === null) return invalid(`no location ${input.locationId}`);
  if (input.source === "pos" && location === null) return invalid("a POS order needs a location_id");
  if (input.lines.length === 0) return invalid("an order needs a line");
  const wanted = resolveLines(store, input.lines);
  if (wanted.kind === "invalid") return wanted;
  const posLocation = input.source === "pos" ? location : null;
  const plan = planLines(store, wanted.lines, posLocation);
  if (plan.kind !== "planned") return plan;
  const order = makeOrder(deps, input, { posLocation, lines: plan.lines.map(({ line }) => line) });
  for (const { line, parts } of plan.lines) takeStock(store, order, line, parts);
  store.addOrder(order);
  const topics = ["orders/create", "orders/updated"] as const;
  store.events.orderChanged(order, order.isPaid ? [...topics, "orders/paid"] : topics, null);
  return { kind: "created", order };
}

function invalid(message: string): { readonly kind: "invalid"; readonly message: string } {
  return { kind: "invalid", message };
}

/** Finds the variants and explodes bundles: the buyer pays for the parent, the order lists the components. */
export function resolveLines(
  store: ShopStore,
  inputs: readonly OrderLineInput[],
): { readonly kind: "resolved"; readonly lines: Wanted[] } | { readonly kind: "invalid"; readonly message: string } {
  const lines: Wanted[] = [];
  for (const input of inputs) {
    const { quantity } = input;
    if (!Number.isSafeInteger(quantity) || quantity < 1) return invalid(`quantity ${quantity}`);
    const isCustom = input.variantId === undefined && input.sku === undefined;
    const variant = isCustom ? null : findVariant(store, input);
    if (!isCustom && variant === null) return invalid(`no variant ${input.variantId ?? input.sku}`);
    if (variant === null || variant.components.length === 0) {
      lines.push({ input, variant, quantity, group: null });
      continue;
    }
    const group: LineGroup = { id: store.newId(), variant, quantity };
    for (const component of variant.components) {
      // The parent's price is spread over its components.
      const priceCents = Math.round(variant.priceCents / variant.components.length / component.quantity);
      const line = { quantity, priceCents };
      lines.push({ input: line, variant: component.variant, quantity: quantity * component.quantity, group });
    }
  }
  return { kind: "resolved", lines };
}

function findVariant(store: ShopStore, input: OrderLineInput): Variant | null {
  if (input.variantId !== undefined) return store.variantById(input.variantId) ?? null;
  if (input.sku === undefined) return null;
  return store.itemsBySku(input.sku)[0]?.variants[0] ?? null;
}

export function planLines(store: ShopStore, wanted: readonly Wanted[], posLocation: Location | null): Plan {
  const claims = new Map<Level, number>();
  const lines: PlannedLine[] = [];
  for (const want of wanted) {
    const line = makeLine(store, want);
    const { variant } = want;
    if (variant === null || !takesStock(line)) {
      lines.push({ line, parts: [] });
      continue;
    }
    const levels = [...variant.item.levels.values()].filter(
      (level) => level.isActive && mayShip(level.location, posLocation),
    );
    const routed = routeLine({
      quantity: want.quantity,
      // A sale at the till has happened: the goods were on the counter whatever the books say.
      policy: posLocation === null ? variant.policy : "CONTINUE",
      levels: levels.length === 0 && posLocation !== null ? [store.connect(variant.item, posLocation)] : levels,
      claimed: (level) => claims.get(level) ?? 0,
    });
    if (routed.kind === "out_of_stock") {
      return { kind: "out_of_stock", sku: line.sku, wanted: want.quantity, available: routed.available };
    }
    for (const part of routed.parts) claims.set(part.level, (claims.get(part.level) ?? 0) + part.quantity);
    lines.push({ line, parts: routed.parts });
  }
  return { kind: "planned", lines };
}

/** Custom lines, gift cards, untracked items and pre-orders leave the stock alone. */
function takesStock(line: OrderLine): boolean {
  return line.variant?.item.tracked === true && !line.isGiftCard && !line.reservesOnFulfillment;
}

function makeLine(store: ShopStore, want: Wanted): OrderLine {
  const { input, variant, quantity, group } = want;
  const priceCents = input.priceCents ?? variant?.priceCents ?? 1_000;
  return {
    id: store.newId(),
    variant,
    title: input.title ?? variant?.product.title ?? "Custom item",
    sku: variant?.item.sku ?? null,
    priceCents,
    quantity,
    isGiftCard: variant?.product.isGiftCard ?? false,
    requiresShipping: variant?.item.requiresShipping ?? false,
    reservesOnFulfillment: input.reservesOnFulfillment ?? false,
    group,
    currentQuantity: quantity,
    fulfilledQuantity: 0,
    fulfillableQuantity: quantity,
    allocations: [],
  };
}

function makeOrder(
  deps: CreateOrderDeps,
  input: CreateOrderInput,
  parts: { readonly posLocation: Location | null; readonly lines: readonly OrderLine[] },
): Order {
  const { store, random } = deps;
  const skewMs = deps.orderSkewMs();
  const createdAtMs = store.now() - (skewMs === 0 ? 0 : random.between(0, skewMs));
  const hexDigit = (): string => random.between(0, 15).toString(16);
  return {
    seq: store.nextSeq(),
    id: store.newId(),
    number: 1_001 + store.orders.length,
    sourceName: input.source ?? "web",
    location: parts.posLocation,
    test: input.test ?? false,
    createdAtMs,
    shippingCents: parts.posLocation === null ? 490 : 0,
    customerSeed: random.between(0, 0xffff_ffff),
    customerId: store.newId(),
    token: Array.from({ length: 32 }, hexDigit).join(""),
    isPaid: input.paid ?? true,
    updatedAtMs: createdAtMs,
    cancelledAtMs: null,
    cancelReason: null,
    closedAtMs: null,
    lines: [...parts.lines],
    refunds: [],
    fulfilments: [],
  };
}

export function takeStock(store: ShopStore, order: Order, line: OrderLine, parts: readonly RoutedPart[]): void {
  const cause = { kind: "order" as const, reference: order.id };
  for (const { level, quantity } of parts) {
    line.allocations.push({ level, quantity });
    store.change(level, "available", -quantity, cause);
    store.change(level, "committed", quantity, cause);
  }
}
