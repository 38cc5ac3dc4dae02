/**
 * A shop's news of its catalogue, its locations and itself. They never move stock by what they say: whoever is named is asked
 * for at Shopify and placed as an import would, so news may come late, twice, or in any order. What is known already is not
 * asked for: products/update comes with every sale.
 */
import { type CorrelationId, type InventoryItemId, listingIdOf, parseSku, type ShopDomain } from "../domain/ids.ts";
import type { LevelsView } from "../domain/levels-view.ts";
import type { CatalogueEvent, ItemsEvent, LocationEvent, ShopEvent } from "../domain/shop-event.ts";
import type { PauseCause } from "../domain/shop-gate/hold.ts";
import { type Log, reasonOf } from "../observability/log.ts";
import type { Catalogue, CatalogueAnswer, Listing } from "./catalogue.ts";
import { connectItems } from "./connect-items.ts";
import type { Counters } from "./counter-contract.ts";
import type { CatalogueSource, CatalogueWriter } from "./import-catalogue.ts";
import { placeItems, recordsOf } from "./place-items.ts";
import { findingsOfItems } from "./shop-findings.ts";
import { type ShopStore, subjectOfItem, subjectOfLocation } from "./shop-store.ts";
import type { RetryCode } from "./take-in-events.ts";
import { type LaterVerdict, unanswered } from "./unanswered.ts";

export interface CatalogueNewsDeps {
  readonly catalogue: Pick<Catalogue, "resolve">;
  readonly shops: ShopStore;
  readonly writer: CatalogueWriter;
  readonly counters: Counters;
  sourceOf(shop: ShopDomain): Pick<CatalogueSource, "itemsById">;
  suspend(shop: ShopDomain, cause: PauseCause, by: string): Promise<void>;
  mirror(views: readonly LevelsView[]): void;
  readonly log: Log;
  nowMs(): number;
}

export type CatalogueNews = {
  readonly shop: ShopDomain;
  readonly correlationId: CorrelationId;
  /** Of the envelope. */
  readonly eventId: string;
  readonly event: CatalogueEvent;
};

/** Taken in, or to be tried again. */
export type NewsVerdict =
  | { readonly kind: "done" }
  | LaterVerdict
  | { readonly kind: "retry"; readonly reason: string; readonly code?: RetryCode };

const DONE: NewsVerdict = { kind: "done" };

/** Never rejects. */
export async function takeInCatalogueNews(news: CatalogueNews, deps: CatalogueNewsDeps): Promise<NewsVerdict> {
  try {
    return await takeIn(news, deps);
  } catch (error) {
    return { kind: "retry", reason: reasonOf(error) };
  }
}

async function takeIn(news: CatalogueNews, deps: CatalogueNewsDeps): Promise<NewsVerdict> {
  const { shop, event } = news;
  switch (event.kind) {
    case "items":
      return takeItems(news, event, deps);
    case "item_deleted":
      await retireItem(news, event.item, deps);
      return DONE;
    case "product_deleted":
      return refresh(news, await deps.shops.itemsOfProduct(shop, event.productId), deps);
    case "location":
      return takeLocation(news, event, deps);
    case "uninstalled":
      await deps.suspend(shop, "app_uninstalled", news.eventId);
      deps.log("error", "shop.uninstalled", { shop, correlationId: news.correlationId });
      return DONE;
  }
}

async function takeItems(news: CatalogueNews, event: ItemsEvent, deps: CatalogueNewsDeps): Promise<NewsVerdict> {
  const { shop } = news;
  const items = new Set(event.items.map(({ item }) => item));
  const variants = new Set(event.items.flatMap(({ variantId }) => variantId ?? []));
  const known = await deps.catalogue.resolve({ shop, items, variants, skus: new Set() });
  if (known.fault !== null) return { kind: "retry", reason: known.fault, code: "catalogue" };
  // What was reported may be mended, though name and counter are as they were. A sale tells products, and mends nothing.
  const direct = event.items.filter(({ isTracked }) => isTracked !== null).map(({ item }) => subjectOfItem(item));
  const reported = direct.length === 0 ? new Set() : await deps.shops.reported(shop, direct);
  const isWorthALook = (each: ItemsEvent["items"][number]): boolean =>
    isNews(each, known) || reported.has(subjectOfItem(each.item));
  const changed = event.items.filter(isWorthALook).map(({ item }) => item);
  return refresh(news, [...new Set(changed)], deps);
}

/**
 * Whether a product's body says anything that an isolate does not know already: it comes with every sale. Whatever changed
 * is told by the item itself, too, and that is always taken in.
 */
export function isOldProductNews(
  shop: ShopDomain,
  event: ShopEvent,
  catalogue: Pick<Catalogue, "remembered">,
): boolean {
  if (event.kind !== "items" || event.items.some(({ isTracked }) => isTracked !== null)) return false;
  const items = new Set(event.items.map(({ item }) => item));
  const variants = new Set(event.items.flatMap(({ variantId }) => variantId ?? []));
  const known = catalogue.remembered({ shop, items, variants, skus: new Set() });
  return event.items.every((each) => !isNews(each, known));
}

/** Whether what the body says differs from what we know. A body that does not tell says nothing new. */
function isNews(told: ItemsEvent["items"][number], known: CatalogueAnswer): boolean {
  const listing = known.items.get(told.item);
  if (listing === undefined) return true;
  if (told.variantId !== null && !known.variants.has(told.variantId)) return true;
  return listing.kind === "active"
    ? told.isTracked === false || skuOf(told.sku) !== listing.sku
    : isMended(told, listing);
}

/** Whether what kept an item from being counted may be gone. */
function isMended(told: ItemsEvent["items"][number], { reason, skuText }: Listing & { kind: "unmapped" }): boolean {
  if (reason === "retired" || reason === "disconnected") return false;
  return reason === "untracked" ? told.isTracked === true : (skuOf(told.sku) ?? "") !== (skuText ?? "");
}

function skuOf(text: string | null): string | null {
  const sku = parseSku(text);
  return sku.ok ? sku.value : null;
}

/** Asks Shopify for these items and places them as an import would; what is not there any more retires. */
async function refresh(
  news: CatalogueNews,
  items: readonly InventoryItemId[],
  deps: CatalogueNewsDeps,
): Promise<NewsVerdict> {
  const { shop, correlationId } = news;
  if (items.length === 0) return DONE;
  // What was never imported, or left, is an operator's to connect.
  const connection = await deps.shops.connection(shop);
  if (connection?.state !== "connected") return DONE;
  const reply = await deps.sourceOf(shop).itemsById(items);
  if (reply.kind !== "ok") return unanswered(reply);
  const { writer, shops, counters, log } = deps;
  const found = new Set(reply.value.map(({ id }) => id));
  for (const item of items) if (!found.has(item)) await retireItem(news, item, deps);
  const nowMs = deps.nowMs();
  const placed = await placeItems(shop, reply.value, writer, nowMs);
  const options = { mode: connection.mode, dryRun: false, correlationId };
  const connected = await connectItems(shop, placed, await writer.locationsOf(shop), options, counters);
  await writer.putListings(shop, placed.flatMap(recordsOf), nowMs);
  if (connected.views.length > 0) deps.mirror(connected.views);
  const findings = [...placed.flatMap(({ findings: each }) => each), ...connected.findings];
  await shops.putFindings(shop, [...found].map(subjectOfItem), findingsOfItems(findings), nowMs);
  log("info", "catalogue.refreshed", {
    shop,
    correlationId,
    counts: { items: items.length, findings: findings.length },
  });
  return DONE;
}

/** In this order: a level that is told in between must not connect it again. Its units stay in the count, as ours. */
async function retireItem(
  { shop, correlationId }: CatalogueNews,
  item: InventoryItemId,
  { shops, counters, mirror, log, nowMs }: CatalogueNewsDeps,
): Promise<void> {
  const skuId = await shops.retire(shop, item);
  if (skuId === null) return;
  const listingId = listingIdOf(shop, item);
  const reply = await counters.of(skuId).disconnect(listingId, correlationId);
  await shops.putFindings(shop, [subjectOfItem(item)], [], nowMs());
  if (reply.kind !== "disconnected") return;
  mirror([reply.view]);
  const units = reply.folded.reduce((sum, each) => sum + each.units, 0);
  log("info", "listing.retired", { shop, listingId, skuId, correlationId, units });
}

async function takeLocation(
  { shop }: CatalogueNews,
  { location, name, isActive, atMs }: LocationEvent,
  { shops, nowMs }: CatalogueNewsDeps,
): Promise<NewsVerdict> {
  const connection = await shops.connection(shop);
  await shops.noteLocation(shop, { id: location, name, isActive, atMs }, connection?.state === "connected");
  const now = (await shops.locations(shop)).find(({ shopLocationId }) => shopLocationId === location);
  if (now === undefined) return DONE;
  const subject = subjectOfLocation(location);
  const detail = `"${now.name}" is deactivated at Shopify: it takes no new orders of ours, and its stock stays in the count`;
  const findings = now.isActive ? [] : [{ subject, kind: "location_inactive", sku: "", detail }];
  await shops.putFindings(shop, [subject], findings, nowMs());
  return DONE;
}
