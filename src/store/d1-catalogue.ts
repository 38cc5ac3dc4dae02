/**
 * The catalogue in D1, read through a cache of the isolate: a batch of known SKUs asks D1 nothing. Only what is certain
 * to have a counter is remembered: unknown and unmapped listings are asked for again each time, so that an import is
 * seen at once. While D1 is away, what was known goes on being known: the mapping hardly changes, and sales go on.
 */
import type { D1Database, D1PreparedStatement } from "@cloudflare/workers-types";
import { chunksOf } from "../domain/chunks-of.ts";
import {
  fromStore,
  type InventoryItemId,
  type ListingId,
  type LocationId,
  listingIdOf,
  parseSku,
  partsOfListing,
  type ShopDomain,
  type ShopLocationId,
  type Sku,
  type SkuId,
  type VariantId,
} from "../domain/ids.ts";
import { reasonOf } from "../observability/log.ts";
import type {
  Catalogue,
  CatalogueAnswer,
  CatalogueFault,
  CatalogueQuery,
  Connectable,
  Listing,
  LocationsAnswer,
  SkuIdsAnswer,
  Unmapped,
} from "../services/catalogue.ts";
import { inTime } from "../services/with-deadline.ts";
import { ExpiringMap } from "./expiring-map.ts";

type ActiveListing = Listing & { readonly kind: "active" };

export type CatalogueCache = {
  /** Active ones alone, by `variant:…`, `item:…`, `sku:…` of a shop. */
  readonly listings: ExpiringMap<string, ActiveListing>;
  readonly locations: ExpiringMap<ShopDomain, ReadonlyMap<ShopLocationId, LocationId>>;
  readonly skuIds: ExpiringMap<Sku, SkuId>;
};

const SHOPS_MAX = 1_000; // as many as an allow-list could ever name

export const newCatalogueCache = (ttlMs: number, entriesMax: number): CatalogueCache => ({
  listings: new ExpiringMap(ttlMs, entriesMax),
  locations: new ExpiringMap(ttlMs, SHOPS_MAX),
  skuIds: new ExpiringMap(ttlMs, entriesMax),
});

type ListingRow = {
  variant_id: string;
  inventory_item_id: string;
  sku_id: string | null;
  sku_text: string;
  status: string;
};

const COLUMNS = "variant_id, inventory_item_id, sku_id, sku_text, status";
const KEYS_PER_STATEMENT = 90; // D1 binds at most 100 parameters; the shop is one of them

type Source = {
  readonly db: D1Database;
  readonly cache: CatalogueCache;
  readonly timeoutMs: number;
  nowMs(): number;
};

/** @param timeoutMs  after which D1 counts as away */
export function d1Catalogue(db: D1Database, cache: CatalogueCache, timeoutMs: number, nowMs: () => number): Catalogue {
  const source: Source = { db, cache, timeoutMs, nowMs };
  return {
    resolve: (query) => resolve(source, query),
    remembered: (query) => {
      const draft = newDraft(query);
      takeRemembered(draft, (key) => cache.listings.getExpired(key));
      return { ...draft.found, fault: null };
    },
    locationsOf: (shop, wanted) => locationsOf(source, shop, wanted),
    connectable: (listing, skuId) => inTime(timeoutMs, () => connectable(db, listing, skuId)),
    skuIds: (skus) => skuIdsOf(source, skus),
  };
}

type By = "variant" | "item" | "sku";
const BYS = ["variant", "item", "sku"] as const;
const COLUMN_OF = { variant: "variant_id", item: "inventory_item_id", sku: "sku_text" } as const;

type Draft = {
  readonly shop: ShopDomain;
  readonly wanted: Readonly<Record<By, ReadonlySet<string>>>;
  readonly byKind: Readonly<Record<By, Map<string, Listing>>>;
  /** The same maps by their public names. */
  readonly found: Omit<CatalogueAnswer, "fault">;
};

function newDraft({ shop, variants, items, skus }: CatalogueQuery): Draft {
  const found = {
    variants: new Map<VariantId, Listing>(),
    items: new Map<InventoryItemId, Listing>(),
    skus: new Map<Sku, Listing>(),
  };
  // A map of branded keys is one of texts to whoever only copies keys from the query into it.
  const byKind = { variant: found.variants, item: found.items, sku: found.skus } as unknown as Draft["byKind"];
  return { shop, wanted: { variant: variants, item: items, sku: skus }, byKind, found };
}

async function resolve(source: Source, query: CatalogueQuery): Promise<CatalogueAnswer> {
  const { cache } = source;
  const nowMs = source.nowMs();
  const draft = newDraft(query);
  const missing = takeRemembered(draft, (key) => cache.listings.get(key, nowMs));
  if (missing.length === 0) return { ...draft.found, fault: null };
  const answer = await ask<ListingRow>(source, (db) =>
    missing.map(({ by, keys }) =>
      db
        .prepare(`SELECT ${COLUMNS} FROM listings WHERE shop = ? AND ${COLUMN_OF[by]} IN (${placesOf(keys)})`)
        .bind(query.shop, ...keys),
    ),
  );
  if (answer.kind === "away") {
    const isAllKnown = takeRemembered(draft, (key) => cache.listings.getExpired(key)).length === 0;
    return { ...draft.found, fault: isAllKnown ? null : answer.reason };
  }
  for (const { by, keys } of missing) for (const key of keys) cache.listings.delete(keyOf(by, query.shop, key));
  for (const row of answer.rows) takeRow(cache, draft, row, nowMs);
  return { ...draft.found, fault: null };
}

const keyOf = (by: By, shop: ShopDomain, key: string): string => `${by}:${shop}:${key}`;
const placesOf = (keys: readonly string[]): string => keys.map(() => "?").join(", ");

/** What the cache knows is taken; the rest comes back in chunks that fit a statement. */
function takeRemembered(
  { shop, wanted, byKind }: Draft,
  recall: (key: string) => Listing | undefined,
): readonly { readonly by: By; readonly keys: readonly string[] }[] {
  return BYS.flatMap((by) => {
    const missing: string[] = [];
    for (const key of wanted[by]) {
      const listing = byKind[by].get(key) ?? recall(keyOf(by, shop, key));
      if (listing === undefined) missing.push(key);
      else byKind[by].set(key, listing);
    }
    return chunksOf(missing, KEYS_PER_STATEMENT).map((keys) => ({ by, keys }));
  });
}

/** Of several variants that share an item or a SKU, one that is active speaks for it. */
function takeRow(cache: CatalogueCache, { shop, wanted, byKind }: Draft, row: ListingRow, nowMs: number): void {
  const listing = toListing(shop, row);
  const keys: Readonly<Record<By, string>> = {
    variant: row.variant_id,
    item: row.inventory_item_id,
    sku: row.sku_text,
  };
  for (const by of BYS) {
    const key = keys[by];
    if (listing.kind === "active") cache.listings.set(keyOf(by, shop, key), listing, nowMs);
    if (!wanted[by].has(key)) continue;
    if (listing.kind === "active" || byKind[by].get(key)?.kind !== "active") byKind[by].set(key, listing);
  }
}

function toListing(shop: ShopDomain, row: ListingRow): Listing {
  if (row.status !== "active" || row.sku_id === null)
    return { kind: "unmapped", reason: row.status as Unmapped, skuText: row.sku_text };
  const listingId = listingIdOf(shop, fromStore(row.inventory_item_id));
  return { kind: "active", skuId: fromStore(row.sku_id), sku: fromStore(row.sku_text), listingId };
}

/** A location that is not among the known ones may have been imported a moment ago. */
async function locationsOf(
  source: Source,
  shop: ShopDomain,
  wanted: ReadonlySet<ShopLocationId>,
): Promise<LocationsAnswer> {
  const { cache } = source;
  const nowMs = source.nowMs();
  const known = cache.locations.get(shop, nowMs) ?? new Map<ShopLocationId, LocationId>();
  if (isSubset(wanted, known)) return { locations: known, fault: null };
  const answer = await ask<{ shop_location_id: string; location_id: string }>(source, (db) => [
    db.prepare("SELECT shop_location_id, location_id FROM shop_locations WHERE shop = ?").bind(shop),
  ]);
  if (answer.kind === "away") {
    const locations = cache.locations.getExpired(shop) ?? new Map<ShopLocationId, LocationId>();
    return { locations, fault: isSubset(wanted, locations) ? null : answer.reason };
  }
  const locations = new Map<ShopLocationId, LocationId>(
    answer.rows.map((row) => [fromStore(row.shop_location_id), fromStore(row.location_id)]),
  );
  if (locations.size > 0) cache.locations.set(shop, locations, nowMs);
  return { locations, fault: null };
}

const isSubset = <Key>(wanted: ReadonlySet<Key>, known: ReadonlyMap<Key, unknown>): boolean =>
  [...wanted].every((key) => known.has(key));

async function connectable(db: D1Database, listing: ListingId, skuId: SkuId): Promise<Connectable | null> {
  const { shop, item } = partsOfListing(listing);
  const row = await db
    .prepare(
      `SELECT s.sku, COALESCE(h.mode, 'adopt') AS mode FROM listings l JOIN skus s USING (sku_id) LEFT JOIN shops h USING (shop)
       WHERE l.shop = ? AND l.inventory_item_id = ? AND l.sku_id = ? AND l.status = 'active'`,
    )
    .bind(shop, item, skuId)
    .first<{ sku: string; mode: Connectable["mode"] }>();
  return row === null ? null : { sku: fromStore<Sku>(row.sku), mode: row.mode };
}

async function skuIdsOf(source: Source, skus: readonly Sku[]): Promise<SkuIdsAnswer> {
  const { cache } = source;
  const nowMs = source.nowMs();
  const skuIds = new Map<Sku, SkuId>();
  const missing: Sku[] = [];
  for (const sku of skus) {
    const skuId = cache.skuIds.get(sku, nowMs);
    if (skuId === undefined) missing.push(sku);
    else skuIds.set(sku, skuId);
  }
  if (missing.length === 0) return { skuIds, fault: null };
  const answer = await ask<{ sku: string; sku_id: string }>(source, (db) =>
    chunksOf(missing, KEYS_PER_STATEMENT).map((keys) =>
      db.prepare(`SELECT sku, sku_id FROM sku_aliases WHERE sku IN (${placesOf(keys)})`).bind(...keys),
    ),
  );
  if (answer.kind === "away") {
    for (const sku of missing) {
      const skuId = cache.skuIds.getExpired(sku);
      if (skuId !== undefined) skuIds.set(sku, skuId);
    }
    const isAllKnown = missing.every((sku) => skuIds.has(sku));
    return { skuIds, fault: isAllKnown ? null : answer.reason };
  }
  for (const row of answer.rows) {
    const sku = parseSku(row.sku);
    if (!sku.ok) continue;
    cache.skuIds.set(sku.value, fromStore(row.sku_id), nowMs);
    skuIds.set(sku.value, fromStore(row.sku_id));
  }
  return { skuIds, fault: null };
}

type Asked<Row> =
  | { readonly kind: "rows"; readonly rows: readonly Row[] }
  | { readonly kind: "away"; readonly reason: NonNullable<CatalogueFault> };

async function ask<Row>(
  { db, timeoutMs }: Source,
  statementsOn: (db: D1Database) => D1PreparedStatement[],
): Promise<Asked<Row>> {
  try {
    const results = await inTime(timeoutMs, async () => db.batch<Row>(statementsOn(db)));
    return { kind: "rows", rows: results.flatMap(({ results: rows }) => rows) };
  } catch (error) {
    return { kind: "away", reason: `catalogue: ${reasonOf(error)}` };
  }
}
