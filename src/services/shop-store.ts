/** What the catalogue keeps of a shop itself: how it is connected, its locations, and what its news left to be seen to. */
import type { ConnectMode } from "../domain/counter/counter-event.ts";
import type { InventoryItemId, LocationId, ShopDomain, ShopLocationId, Sku, SkuId } from "../domain/ids.ts";

/** `disconnecting`: an operator has begun to part its listings, page by page. */
export type ShopConnection = {
  readonly mode: ConnectMode;
  readonly state: "connected" | "disconnecting" | "disconnected";
};

export type ShopLocation = {
  readonly shopLocationId: ShopLocationId;
  readonly locationId: LocationId;
  readonly name: string;
  readonly isActive: boolean;
};

export type OurLocation = { readonly locationId: LocationId; readonly name: string };

export type LocationMapping = { readonly shopLocationId: ShopLocationId; readonly locationId: LocationId };

/** What a shop's own news says of one of its locations; null: it does not say. `atMs` null: nothing undoes it. */
export type LocationNews = {
  readonly id: ShopLocationId;
  readonly name: string | null;
  readonly isActive: boolean | null;
  readonly atMs: number | null;
};

export type CountedListing = { readonly item: InventoryItemId; readonly skuId: SkuId; readonly sku: Sku };

export type ShopFinding = {
  /** "item 123", "item 123 at location 9", "location 9". */
  readonly subject: string;
  readonly kind: string;
  readonly sku: string;
  readonly detail: string;
};
export type SeenFinding = ShopFinding & { readonly seenAtMs: number };

export interface ShopStore {
  /** Null: never imported. */
  connection(shop: ShopDomain): Promise<ShopConnection | null>;
  setConnection(shop: ShopDomain, connection: ShopConnection, nowMs: number): Promise<void>;

  ourLocations(): Promise<readonly OurLocation[]>;
  locations(shop: ShopDomain): Promise<readonly ShopLocation[]>;
  /** Each of these locations of the shop is that one of ours from now on. */
  mapLocations(shop: ShopDomain, mappings: readonly LocationMapping[]): Promise<void>;
  /** Older news than what is known changes nothing. A location that is not known is put in only if `mayAdd`. */
  noteLocation(shop: ShopDomain, news: LocationNews, mayAdd: boolean): Promise<void>;

  /** Whether any listing of the shop has a counter that knows it. */
  hasCounted(shop: ShopDomain): Promise<boolean>;
  /** Listings that have, or had, a counter, in order of their items, those after `after`. */
  counted(shop: ShopDomain, after: InventoryItemId | null, limit: number): Promise<readonly CountedListing[]>;
  markDisconnected(shop: ShopDomain, items: readonly InventoryItemId[]): Promise<void>;
  /** No news of it counts from now on. @returns its counter, if it had one */
  retire(shop: ShopDomain, item: InventoryItemId): Promise<SkuId | null>;
  itemsOfProduct(shop: ShopDomain, productId: string): Promise<readonly InventoryItemId[]>;

  /** In place of what was found of these subjects before. */
  putFindings(
    shop: ShopDomain,
    subjects: readonly string[],
    findings: readonly ShopFinding[],
    nowMs: number,
  ): Promise<void>;
  /** Those of these subjects of which something was found that is not mended yet. */
  reported(shop: ShopDomain, subjects: readonly string[]): Promise<ReadonlySet<string>>;
  findings(shop: ShopDomain, limit: number): Promise<readonly SeenFinding[]>;
}

export const subjectOfItem = (item: InventoryItemId): string => `item ${item}`;
export const subjectOfLevel = (item: InventoryItemId, location: ShopLocationId): string =>
  `item ${item} at location ${location}`;
export const subjectOfLocation = (location: ShopLocationId): string => `location ${location}`;
