/**
 * One SKU on several items of a shop, or of several shops: an operator's word gives an item that has no counter to the
 * counter of a SKU. Where that counter's stock is supplied already, the item mirrors it: its level is brought to what is
 * there (one pool of 10 shown twice is 10, not 20). At a place that the counter does not know, its level is opening stock.
 * May be repeated: it goes on where it broke off, and takes in levels that are new.
 */
import type { FirstPush } from "../domain/counter/connection.ts";
import type { ConnectedLevel } from "../domain/counter/counter-event.ts";
import {
  type CorrelationId,
  type InventoryItemId,
  type LocationId,
  listingIdOf,
  type ShopDomain,
  type ShopLocationId,
  type Sku,
  type SkuId,
} from "../domain/ids.ts";
import type { LevelsView } from "../domain/levels-view.ts";
import type { Catalogue, Unmapped } from "./catalogue.ts";
import type { Counters } from "./counter-contract.ts";
import type { CatalogueSource, SourceLevel, SourceReply } from "./import-catalogue.ts";
import { knownSkuId } from "./known-sku-id.ts";

/** `skuId` beside a status other than active: a release has begun. */
export type CataloguedItem = { readonly status: "active" | Unmapped; readonly skuId: SkuId | null };

export interface AttachStore {
  find(shop: ShopDomain, item: InventoryItemId): Promise<CataloguedItem | null>;
  /** From now on its news goes to this counter. An item without a SKU is counted as `sku`. */
  activate(shop: ShopDomain, item: InventoryItemId, to: { readonly skuId: SkuId; readonly sku: Sku }): Promise<void>;
  /** In order of priority. */
  locationsOf(shop: ShopDomain): Promise<ReadonlyMap<ShopLocationId, LocationId>>;
}

export interface AttachDeps {
  readonly catalogue: Pick<Catalogue, "skuIds">;
  readonly store: AttachStore;
  readonly source: Pick<CatalogueSource, "itemsById">;
  readonly counters: Counters;
  mirror(views: readonly LevelsView[]): void;
}

export type AttachRequest = {
  readonly shop: ShopDomain;
  readonly item: InventoryItemId;
  readonly sku: Sku;
  readonly dryRun: boolean;
  readonly correlationId: CorrelationId;
};

export type Attached =
  | {
      readonly kind: "attached";
      /** What becomes of each level, and what Shopify sees of it first, before any buffer. */
      readonly levels: readonly FirstPush[];
      /** Places of Shopify's that are no locations of ours: import first. */
      readonly unknownLocations: readonly ShopLocationId[];
      readonly view: LevelsView;
    }
  | { readonly kind: "unknown_listing" }
  | { readonly kind: "unknown_sku" }
  /** The SKU's counter has no levels yet: there is nothing to show. */
  | { readonly kind: "not_connected" }
  /** The item is counted elsewhere: release it first. `isLeaving`: a release has begun, and is to be repeated. */
  | { readonly kind: "has_counter"; readonly isLeaving: boolean }
  /** Untracked, a gift card, a bundle, retired, of a disconnected shop: no stock to count. */
  | { readonly kind: "no_stock"; readonly status: Unmapped }
  | Exclude<SourceReply<never>, { readonly kind: "ok" }>;

/** Throws Unavailable when the catalogue or the counter is away. */
export async function attachListing(request: AttachRequest, deps: AttachDeps): Promise<Attached> {
  const { shop, item, sku } = request;
  const skuId = await knownSkuId(deps.catalogue, sku);
  if (skuId === null) return { kind: "unknown_sku" };
  const listed = await deps.store.find(shop, item);
  const refusal = refusalOf(listed, skuId);
  if (refusal !== null) return refusal;
  const [told, places] = await Promise.all([deps.source.itemsById([item]), deps.store.locationsOf(shop)]);
  if (told.kind !== "ok") return told;
  const [found] = told.value;
  if (found === undefined) return { kind: "unknown_listing" };
  const { levels, unknownLocations } = placed(found.levels, places);
  return attach({ ...request, skuId, levels, unknownLocations }, deps);
}

function refusalOf(listed: CataloguedItem | null, skuId: SkuId): Attached | null {
  if (listed === null) return { kind: "unknown_listing" };
  if (listed.status === "active") return listed.skuId === skuId ? null : { kind: "has_counter", isLeaving: false };
  const isStock = listed.status === "blank_sku" || listed.status === "duplicate_sku";
  if (!isStock) return { kind: "no_stock", status: listed.status };
  return listed.skuId === null ? null : { kind: "has_counter", isLeaving: true };
}

type Ready = AttachRequest & {
  readonly skuId: SkuId;
  readonly levels: readonly ConnectedLevel[];
  readonly unknownLocations: readonly ShopLocationId[];
};

async function attach(ready: Ready, { store, counters, mirror }: AttachDeps): Promise<Attached> {
  const { shop, item, sku, skuId, levels, unknownLocations, dryRun, correlationId } = ready;
  const counter = counters.of(skuId);
  const before = await counter.levels();
  if (before === null) return { kind: "not_connected" };
  // In this order: should it break off here, news of the item waits as dead letters, and the same call goes on.
  if (!dryRun) await store.activate(shop, item, { skuId, sku });
  const listingId = listingIdOf(shop, item);
  const request = { sku: before.sku, listingId, levels, correlationId, mode: "mirror", dryRun } as const;
  const reply = await counter.connectListing(request);
  if (reply.kind === "not_connected") return reply;
  if (!dryRun) mirror([reply.view]);
  return { kind: "attached", levels: reply.firstPushes ?? [], unknownLocations, view: reply.view };
}

function placed(told: readonly SourceLevel[], places: ReadonlyMap<ShopLocationId, LocationId>) {
  const unknownLocations: ShopLocationId[] = [];
  const levels = told.flatMap(({ location, available, committed, atMs }): ConnectedLevel[] => {
    const locationId = places.get(location);
    if (locationId === undefined) unknownLocations.push(location);
    return locationId === undefined ? [] : [{ locationId, shopLocationId: location, available, committed, atMs }];
  });
  return { levels, unknownLocations };
}
