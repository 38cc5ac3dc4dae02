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
import type { OrderEvent, OrderLine, Restock, ShopEvent } from "../domain/shop-event.ts";
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
  readonly rest: ShopEvent | null;
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
export function catalogueQueryOf(shop: ShopDomain, events: readonly ShopEvent[]): CatalogueQuery {
  const variants = new Set<VariantId>();
  const items = new Set<InventoryItemId>();
  for (const event of events) {
    if (event.kind === "level") items.add(event.item);
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
export function skuQueryOf(shop: ShopDomain, events: readonly ShopEvent[], answer: CatalogueAnswer): CatalogueQuery {
  const skus = new Set<Sku>();
  for (const event of events) {
    if (event.kind === "level") continue;
    for (const { skip, variantId, sku: text } of linesOf(event)) {
      if (skip !== null || (variantId !== null && answer.variants.has(variantId))) continue;
      const sku = parseSku(text);
      if (sku.ok) skus.add(sku.value);
    }
  }
  return { shop, variants: new Set(), items: new Set(), skus };
}

/** The shop's locations that these events name. */
export function locationsIn(events: readonly ShopEvent[]): ReadonlySet<ShopLocationId> {
  const named = events.flatMap((event) => {
    if (event.kind === "level") return [event.location];
    const restocks = event.restocks.map((restock) => restock.location);
    return event.kind === "order" ? [event.location, ...restocks] : restocks;
  });
  return new Set(named.filter((location) => location !== null));
}

const linesOf = (event: Exclude<ShopEvent, { kind: "level" }>): readonly (OrderLine | Restock)[] =>
  event.kind === "order" ? [...event.lines, ...event.restocks] : event.restocks;

export function routeEvent(event: ShopEvent, context: RouteContext): Routed {
  const draft: Draft = { context, events: [], problems: [], skipped: [] };
  const rest = event.kind === "level" ? routeLevel(draft, event) : routeLines(draft, event);
  return { events: draft.events, problems: draft.problems, skipped: draft.skipped, rest };
}

type Draft = {
  readonly context: RouteContext;
  readonly events: RoutedEvent[];
  readonly problems: RouteProblem[];
  readonly skipped: string[];
};

function routeLevel(draft: Draft, event: ShopEvent & { kind: "level" }): ShopEvent | null {
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
  const { available, atMs, location: shopLocationId } = event;
  const { listingId, skuId } = listing;
  draft.events.push({
    skuId,
    event: { kind: "snapshot", listingId, locationId, shopLocationId, available, atMs, correlationId },
  });
  return null;
}

function routeLines(draft: Draft, event: Exclude<ShopEvent, { kind: "level" }>): ShopEvent | null {
  const lines = event.kind === "order" ? event.lines.filter((line) => !routeOrderLine(draft, event, line)) : [];
  const restocks = event.restocks.filter((restock) => !routeRestock(draft, restock));
  if (event.kind === "order" && event.topic === "orders/cancelled") routeReads(draft, event);
  if (lines.length + restocks.length === 0) return null;
  return event.kind === "order" ? { ...event, lines, restocks } : { ...event, restocks };
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

/** @returns whether the line is done with: routed, or rightly skipped */
function routeHint(draft: Draft, line: OrderLine | Restock, location: ShopLocationId | null, hint: HintPart): boolean {
  if (line.skip !== null) return skip(draft, line.skip);
  const { catalogue, locations, correlationId } = draft.context;
  const listing = findListing(catalogue, line);
  if (listing?.kind === "unmapped") return skip(draft, listing.reason);
  const locationId = location === null ? null : locations.get(location);
  if (listing === undefined) draft.problems.push({ code: "unknown_variant", subject: nameOf(line) });
  if (locationId === undefined) draft.problems.push({ code: "unknown_location", subject: `location ${location}` });
  if (listing === undefined || locationId === undefined) return false;
  const { listingId, skuId } = listing;
  draft.events.push({ skuId, event: { kind: "hint", listingId, locationId, correlationId, ...hint } });
  return true;
}

function skip(draft: Draft, reason: string): true {
  draft.skipped.push(reason);
  return true;
}

/** By variant; a variant that we do not know may still carry a SKU that we do. */
function findListing(catalogue: RouteContext["catalogue"], line: OrderLine | Restock): Listing | undefined {
  const byVariant = line.variantId === null ? undefined : catalogue.variants.get(line.variantId);
  if (byVariant !== undefined) return byVariant;
  const sku = parseSku(line.sku);
  return sku.ok ? catalogue.skus.get(sku.value) : undefined;
}

const nameOf = (line: OrderLine | Restock): string =>
  [line.variantId === null ? "no variant" : `variant ${line.variantId}`, line.sku ? `(SKU ${line.sku})` : ""]
    .join(" ")
    .trim();
