/**
 * From a shop's event to what each counter is told. Pure: the catalogue was asked before. What it does not know is a
 * problem that names itself, and the rest of the order counts all the same.
 */
import type { CounterEvent } from "../domain/counter/counter-event.ts";
import type {
  CorrelationId,
  HintId,
  InventoryItemId,
  LocationId,
  ShopDomain,
  ShopLocationId,
  Sku,
  SkuId,
  VariantId,
} from "../domain/ids.ts";
import { fromStore, parseSku } from "../domain/ids.ts";
import type {
  EditedLine,
  EditedOrderEvent,
  FulfilmentEvent,
  LevelEvent,
  LevelGoneEvent,
  OrderEvent,
  OrderLine,
  RefundEvent,
  Restock,
  ShippedLine,
  StockEvent,
} from "../domain/shop-event.ts";
import type { CatalogueAnswer, CatalogueQuery, Listing } from "./catalogue.ts";

export type RoutedEvent = { readonly skuId: SkuId; readonly event: CounterEvent };

export type RouteProblem = {
  readonly code: "unknown_variant" | "unknown_item" | "unknown_location";
  /** "variant 123 (SKU ABC)", "location 9". */
  readonly subject: string;
};

export type Routed = {
  readonly events: readonly RoutedEvent[];
  readonly problems: readonly RouteProblem[];
  /** The event cut down to what could not be routed: what a dead letter keeps and a replay sends. Null when all was. */
  readonly rest: StockEvent | null;
  /** Reason per line that moves no stock of ours. */
  readonly skipped: readonly string[];
};

export type RouteContext = {
  readonly correlationId: CorrelationId;
  readonly catalogue: Omit<CatalogueAnswer, "fault">;
  readonly locations: ReadonlyMap<ShopLocationId, LocationId>;
};

/**
 * All that routing these events will ask of the catalogue at first: items, and lines by their variant. Lines that are
 * skipped anyway ask nothing.
 */
export function catalogueQueryOf(shop: ShopDomain, events: readonly StockEvent[]): CatalogueQuery {
  const variants = new Set<VariantId>();
  const items = new Set<InventoryItemId>();
  for (const event of events) {
    if ("item" in event) items.add(event.item);
    else
      for (const { skip, variantId } of linesOf(event))
        if (skip === null && variantId !== null) variants.add(variantId);
  }
  return { shop, variants, items, skus: new Set() };
}

/**
 * What is left to ask: lines whose variant was not found, by the SKU that they carry. Not asked at once: a SKU text that
 * is no listing's is never remembered, and would cost every batch a query.
 */
export function skuQueryOf(shop: ShopDomain, events: readonly StockEvent[], answer: CatalogueAnswer): CatalogueQuery {
  const skus = new Set<Sku>();
  for (const event of events) {
    if ("item" in event) continue;
    for (const { skip, variantId, sku: text } of linesOf(event)) {
      if (skip !== null || (variantId !== null && answer.variants.has(variantId))) continue;
      const sku = parseSku(text);
      if (sku.ok) skus.add(sku.value);
    }
  }
  return { shop, variants: new Set(), items: new Set(), skus };
}

/** The shop's locations that these events name. */
export function locationsIn(events: readonly StockEvent[]): ReadonlySet<ShopLocationId> {
  const named = events.flatMap((event) => {
    if ("item" in event) return [event.location];
    const lines = linesOf(event).flatMap((line) => ("location" in line ? [line.location] : []));
    return event.kind === "order" ? [event.location, ...lines] : lines;
  });
  return new Set(named.filter((location) => location !== null));
}

type Line = OrderLine | Restock | ShippedLine | EditedLine;
type LinesEvent = Exclude<StockEvent, LevelEvent | LevelGoneEvent>;

/** What an event tells line by line. */
export function linesOf(event: LinesEvent): readonly Line[] {
  switch (event.kind) {
    case "order":
      return [...event.lines, ...event.restocks];
    case "refund":
      return event.restocks;
    case "fulfilment":
    case "edited_order":
      return event.lines;
  }
}

export function routeEvent(event: StockEvent, context: RouteContext): Routed {
  const draft: Draft = { context, events: [], problems: [], skipped: [] };
  const rest = routeInto(draft, event);
  return { events: draft.events, problems: draft.problems, skipped: draft.skipped, rest };
}

/** @returns what could not be routed */
function routeInto(draft: Draft, event: StockEvent): StockEvent | null {
  switch (event.kind) {
    case "level":
    case "level_gone":
      return routeLevel(draft, event);
    case "order":
    case "refund":
      return routeSale(draft, event);
    case "fulfilment":
    case "edited_order":
      return routeEach(draft, event);
  }
}

type Draft = {
  readonly context: RouteContext;
  readonly events: RoutedEvent[];
  readonly problems: RouteProblem[];
  readonly skipped: string[];
};

function routeLevel(draft: Draft, event: LevelEvent | LevelGoneEvent): StockEvent | null {
  const { catalogue, locations, correlationId } = draft.context;
  const listing = catalogue.items.get(event.item);
  const locationId = locations.get(event.location);
  if (listing?.kind === "unmapped") {
    draft.skipped.push(listing.reason); // an absolute level: the import that maps the item will read it
    return null;
  }
  if (listing === undefined) draft.problems.push({ code: "unknown_item", subject: `inventory item ${event.item}` });
  if (locationId === undefined)
    draft.problems.push({ code: "unknown_location", subject: `location ${event.location}` });
  if (listing === undefined || locationId === undefined) return event;
  const { listingId, skuId } = listing;
  if (event.kind === "level_gone") {
    draft.events.push({ skuId, event: { kind: "level_gone", listingId, locationId, correlationId } });
    return null;
  }
  const { available, atMs, location: shopLocationId } = event;
  draft.events.push({
    skuId,
    event: { kind: "snapshot", listingId, locationId, shopLocationId, available, atMs, correlationId },
  });
  // A level that was stocked again keeps the stamp of its quantity: only a read tells that it can take pushes.
  if (event.isConnected === true) draft.events.push({ skuId, event: { kind: "audit", listingId } });
  return null;
}

function routeSale(draft: Draft, event: OrderEvent | RefundEvent): StockEvent | null {
  const lines = event.kind === "order" ? event.lines.filter((line) => !routeOrderLine(draft, event, line)) : [];
  const restocks = event.restocks.filter((restock) => !routeRestock(draft, restock));
  if (event.kind === "order" && event.topic === "orders/cancelled") routeReads(draft, event);
  if (lines.length + restocks.length === 0) return null;
  return event.kind === "order" ? { ...event, lines, restocks } : { ...event, restocks };
}

function routeEach(draft: Draft, event: FulfilmentEvent | EditedOrderEvent): StockEvent | null {
  if (event.kind === "fulfilment") {
    const lines = event.lines.filter((line) => !routeShipped(draft, line));
    return lines.length === 0 ? null : { ...event, lines };
  }
  const lines = event.lines.filter((line) => !routeEdited(draft, event, line));
  return lines.length === 0 ? null : { ...event, lines };
}

/** `available` is not touched: the units were sold before. */
function routeShipped(draft: Draft, line: ShippedLine): boolean {
  return routeLine(draft, line, line.location, ({ listingId, skuId }, locationId) => {
    const { correlationId } = draft.context;
    const id = fromStore<HintId>(`fulfilment/${line.fulfilmentId}/${line.lineId}`);
    const { quantity, atMs } = line;
    draft.events.push({ skuId, event: { kind: "shipped", listingId, id, locationId, quantity, atMs, correlationId } });
  });
}

/**
 * Units that an edit added reserve at once, like an order's. What it removed brings nothing by itself: the level's own
 * news does, and the read measures `committed`.
 */
function routeEdited(draft: Draft, edit: EditedOrderEvent, line: EditedLine): boolean {
  const id = fromStore<HintId>(`edit/${edit.editId}/${line.lineId}`);
  return routeLine(draft, line, null, ({ listingId, skuId }) => {
    const { correlationId } = draft.context;
    const { atMs } = edit;
    const hint = { id, atMs, quantity: -line.quantity, commits: true, locationId: null };
    if (line.quantity > 0) draft.events.push({ skuId, event: { kind: "hint", listingId, correlationId, ...hint } });
    else draft.events.push({ skuId, event: { kind: "audit", listingId } });
  });
}

/** Every order event asserts the sale of its lines again: a cancellation that overtakes its order invents no stock. */
function routeOrderLine(draft: Draft, order: OrderEvent, line: OrderLine): boolean {
  return routeHint(draft, line, order.location, {
    id: fromStore<HintId>(`order/${order.orderId}/${line.lineId}`),
    atMs: order.createdAtMs,
    quantity: -line.quantity,
    commits: !line.fulfilled,
  });
}

/**
 * Units of a cancelled order that are not put back are no longer committed, and nothing but a read of the level tells so.
 * What is put back is told by its restock.
 */
function routeReads(draft: Draft, order: OrderEvent): void {
  const listings = new Set<Listing & { kind: "active" }>();
  for (const line of order.lines) {
    const restocked = order.restocks.filter(
      ({ lineId, restockType }) => lineId === line.lineId && restockType === "cancel",
    );
    const units = restocked.reduce((sum, { quantity }) => sum + quantity, 0);
    const listing = findListing(draft.context.catalogue, line);
    if (line.skip !== null || line.fulfilled || units >= line.quantity || listing?.kind !== "active") continue;
    listings.add(listing);
  }
  for (const { skuId, listingId } of listings) draft.events.push({ skuId, event: { kind: "audit", listingId } });
}

function routeRestock(draft: Draft, restock: Restock): boolean {
  return routeHint(draft, restock, restock.location, {
    id: fromStore<HintId>(`restock/${restock.refundLineId}`),
    atMs: restock.atMs,
    quantity: restock.quantity,
    commits: restock.restockType === "cancel",
  });
}

type HintPart = Pick<CounterEvent & { kind: "hint" }, "id" | "atMs" | "quantity" | "commits">;

function routeHint(draft: Draft, line: OrderLine | Restock, location: ShopLocationId | null, hint: HintPart): boolean {
  const { correlationId } = draft.context;
  return routeLine(draft, line, location, ({ listingId, skuId }, locationId) => {
    draft.events.push({ skuId, event: { kind: "hint", listingId, locationId, correlationId, ...hint } });
  });
}

/** @returns whether the line is done with: routed, or rightly skipped */
function routeLine(
  draft: Draft,
  line: Line,
  location: ShopLocationId | null,
  route: (listing: Listing & { kind: "active" }, locationId: LocationId | null) => void,
): boolean {
  if (line.skip !== null) return skip(draft, line.skip);
  const { catalogue, locations } = draft.context;
  const listing = findListing(catalogue, line);
  if (listing?.kind === "unmapped") return skip(draft, listing.reason);
  const locationId = location === null ? null : locations.get(location);
  if (listing === undefined) draft.problems.push({ code: "unknown_variant", subject: nameOf(line) });
  if (locationId === undefined) draft.problems.push({ code: "unknown_location", subject: `location ${location}` });
  if (listing === undefined || locationId === undefined) return false;
  route(listing, locationId);
  return true;
}

function skip(draft: Draft, reason: string): true {
  draft.skipped.push(reason);
  return true;
}

/** By variant; a variant that we do not know may still carry a SKU that we do. */
function findListing(catalogue: RouteContext["catalogue"], line: Line): Listing | undefined {
  const byVariant = line.variantId === null ? undefined : catalogue.variants.get(line.variantId);
  if (byVariant !== undefined) return byVariant;
  const sku = parseSku(line.sku);
  return sku.ok ? catalogue.skus.get(sku.value) : undefined;
}

const nameOf = (line: Line): string =>
  [line.variantId === null ? "no variant" : `variant ${line.variantId}`, line.sku ? `(SKU ${line.sku})` : ""]
    .join(" ")
    .trim();
