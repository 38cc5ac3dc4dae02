/**
 * Import of a shop's catalogue, a page a call: locations first, then inventory items with their variants and levels.
 * Whoever drives it passes the cursor on, so it can be stopped, resumed and repeated: known levels count as news of
 * Shopify's level, unknown ones are adopted as opening stock, and nothing is ever deleted.
 */
import type { ConnectedLevel } from "../domain/counter/counter-event.ts";
import {
  type CorrelationId,
  type InventoryItemId,
  type LocationId,
  listingIdOf,
  parseSku,
  type ShopDomain,
  type ShopLocationId,
  type Sku,
  type SkuId,
  type VariantId,
} from "../domain/ids.ts";
import type { LevelsView } from "../domain/levels-view.ts";
import type { Unmapped } from "./catalogue.ts";
import type { Counters } from "./counter-contract.ts";

export type SourceLocation = { readonly id: ShopLocationId; readonly name: string; readonly isActive: boolean };

export type SourceLevel = {
  readonly location: ShopLocationId;
  readonly available: number;
  readonly committed: number;
  readonly atMs: number;
};

export type SourceVariant = {
  readonly id: VariantId;
  readonly title: string;
  readonly isGiftCard: boolean;
  readonly isBundleParent: boolean;
};

export type SourceItem = {
  readonly id: InventoryItemId;
  readonly sku: string | null;
  readonly isTracked: boolean;
  readonly variants: readonly SourceVariant[];
  readonly levels: readonly SourceLevel[];
};

/** What Shopify said; `later`: it said nothing yet, ask again after that. */
export type SourceReply<Value> =
  | { readonly kind: "ok"; readonly value: Value }
  | { readonly kind: "later"; readonly afterMs: number; readonly reason: string }
  | { readonly kind: "refused"; readonly code: string; readonly message: string };

export interface CatalogueSource {
  locations(): Promise<SourceReply<readonly SourceLocation[]>>;
  items(
    cursor: string | null,
  ): Promise<SourceReply<{ readonly items: readonly SourceItem[]; readonly nextCursor: string | null }>>;
}

export type ListingRecord = {
  readonly variantId: VariantId;
  readonly item: InventoryItemId;
  readonly skuId: SkuId | null;
  readonly sku: string;
  readonly status: "active" | Unmapped;
  readonly title: string;
};

/** What a listing is known as already. */
export type KnownListing = { readonly item: InventoryItemId; readonly skuId: SkuId; readonly sku: Sku };

export type ActiveListings = {
  readonly bySku: ReadonlyMap<Sku, KnownListing>;
  readonly byItem: ReadonlyMap<InventoryItemId, KnownListing>;
};

export interface CatalogueWriter {
  /** Our ids of the shop's locations; new ones are appended in the order given. */
  putLocations(
    shop: ShopDomain,
    locations: readonly SourceLocation[],
  ): Promise<ReadonlyMap<ShopLocationId, LocationId>>;
  locationsOf(shop: ShopDomain): Promise<ReadonlyMap<ShopLocationId, LocationId>>;
  /** Ids of these SKUs; new ones are minted. */
  mint(skus: readonly Sku[], nowMs: number): Promise<ReadonlyMap<Sku, SkuId>>;
  /** Active listings of the shop that go, or went, by these SKUs, and those of these items. */
  activeListings(shop: ShopDomain, skus: readonly Sku[], items: readonly InventoryItemId[]): Promise<ActiveListings>;
  /** The SKU id goes by another SKU from now on; the old one stays its alias. False when the new one is taken. */
  rename(skuId: SkuId, to: Sku): Promise<boolean>;
  putListings(shop: ShopDomain, listings: readonly ListingRecord[], nowMs: number): Promise<void>;
}

export type ImportFinding = {
  readonly kind: Unmapped | "no_levels" | "unknown_location" | "foreign_level" | "sku_taken";
  readonly variantId: VariantId;
  readonly sku: string;
  readonly title: string;
  readonly detail: string;
};

export type ImportPage =
  | {
      readonly kind: "page";
      readonly nextCursor: string | null;
      readonly counts: {
        readonly locations: number;
        readonly items: number;
        readonly connected: number;
        readonly levels: number;
      };
      readonly findings: readonly ImportFinding[];
    }
  | Exclude<SourceReply<never>, { kind: "ok" }>;

export interface ImportDeps {
  readonly source: CatalogueSource;
  readonly writer: CatalogueWriter;
  readonly counters: Counters;
  mirror(views: readonly LevelsView[]): void;
  nowMs(): number;
}

/** @param cursor  null: from the start, locations first */
export async function importPage(
  shop: ShopDomain,
  cursor: string | null,
  correlationId: CorrelationId,
  deps: ImportDeps,
): Promise<ImportPage> {
  let places = 0;
  if (cursor === null) {
    const locations = await deps.source.locations();
    if (locations.kind !== "ok") return locations;
    await deps.writer.putLocations(shop, locations.value);
    places = locations.value.length;
  }
  const page = await deps.source.items(cursor);
  if (page.kind !== "ok") return page;
  const { items, nextCursor } = page.value;
  const placed = await placeItems(shop, items, deps);
  const connected = await connectItems(shop, placed, await deps.writer.locationsOf(shop), correlationId, deps);
  await deps.writer.putListings(shop, placed.flatMap(recordsOf), deps.nowMs());
  if (connected.views.length > 0) deps.mirror(connected.views);
  const findings = [...placed.flatMap(({ findings }) => findings), ...connected.findings];
  const counts = {
    locations: places,
    items: items.length,
    connected: connected.views.length,
    levels: connected.levels,
  };
  return { kind: "page", nextCursor, counts, findings };
}

type Placed = {
  readonly item: SourceItem;
  readonly status: "active" | Unmapped;
  readonly sku: Sku | null;
  /** Set only for what is active. */
  readonly skuId: SkuId | null;
  readonly findings: readonly ImportFinding[];
};

/** Which items get a counter, and which. One SKU on several items of a shop: the first one imported keeps it. */
async function placeItems(
  shop: ShopDomain,
  items: readonly SourceItem[],
  deps: ImportDeps,
): Promise<readonly Placed[]> {
  const candidates = items.map((item) => ({ item, ...classify(item) }));
  const skus = [
    ...new Set(candidates.flatMap(({ sku, status }) => (sku !== null && status === "active" ? [sku] : []))),
  ];
  const listed = await deps.writer.activeListings(
    shop,
    skus,
    items.map(({ id }) => id),
  );
  const owners = new Map(Array.from(listed.bySku, ([sku, { item }]) => [sku, item]));
  const formerly = listed.byItem;
  const renamed = await renameAll(candidates, formerly, deps.writer);
  const minted = await deps.writer.mint(
    skus.filter((sku) => !owners.has(sku)),
    deps.nowMs(),
  );
  return candidates.map(({ item, status, sku }): Placed => {
    const [variant] = item.variants;
    const find = (kind: ImportFinding["kind"], detail: string): ImportFinding[] =>
      variant === undefined ? [] : [{ kind, variantId: variant.id, sku: item.sku ?? "", title: variant.title, detail }];
    if (status !== "active" || sku === null) {
      return { item, status, sku, skuId: null, findings: status === "active" ? [] : find(status, WHY[status]) };
    }
    const owner = owners.get(sku);
    if (owner !== undefined && owner !== item.id) {
      return {
        item,
        status: "duplicate_sku",
        sku,
        skuId: null,
        findings: find("duplicate_sku", `its SKU belongs to item ${owner}`),
      };
    }
    owners.set(sku, item.id);
    const known = formerly.get(item.id);
    if (known === undefined) return { item, status, sku, skuId: minted.get(sku) ?? null, findings: [] };
    if (known.sku === sku || renamed.has(item.id)) return { item, status, sku, skuId: known.skuId, findings: [] };
    const detail = `renamed from "${known.sku}", but this SKU is another counter's: mend one of them`;
    return { item, status, sku: known.sku, skuId: known.skuId, findings: find("sku_taken", detail) };
  });
}

type Candidate = { readonly item: SourceItem; readonly sku: Sku | null; readonly status: "active" | Unmapped };

async function renameAll(
  candidates: readonly Candidate[],
  formerly: ReadonlyMap<InventoryItemId, KnownListing>,
  writer: CatalogueWriter,
): Promise<ReadonlySet<InventoryItemId>> {
  const renamed = new Set<InventoryItemId>();
  for (const { item, sku, status } of candidates) {
    const known = formerly.get(item.id);
    if (status !== "active" || sku === null || known === undefined || known.sku === sku) continue;
    if (await writer.rename(known.skuId, sku)) renamed.add(item.id);
  }
  return renamed;
}

const WHY: Record<Unmapped, string> = {
  untracked: "Shopify does not track its quantity",
  gift_card: "gift cards have no stock",
  bundle_parent: "its stock is that of its components",
  blank_sku: "it has no SKU, or one with control characters",
  duplicate_sku: "its SKU belongs to another item of this shop",
};

function classify(item: SourceItem): { readonly status: "active" | Unmapped; readonly sku: Sku | null } {
  const sku = parseSku(item.sku);
  const known = sku.ok ? sku.value : null;
  if (item.variants.some((variant) => variant.isGiftCard)) return { status: "gift_card", sku: known };
  if (!item.isTracked) return { status: "untracked", sku: known };
  if (item.variants.some((variant) => variant.isBundleParent)) return { status: "bundle_parent", sku: known };
  return { status: known === null ? "blank_sku" : "active", sku: known };
}

const recordsOf = ({ item, status, sku, skuId }: Placed): readonly ListingRecord[] =>
  item.variants.map(({ id, title }) => ({
    variantId: id,
    item: item.id,
    skuId,
    sku: sku ?? item.sku?.trim() ?? "",
    status,
    title,
  }));

const CONNECTS_AT_ONCE = 25; // counters woken together: a page is not an emergency

async function connectItems(
  shop: ShopDomain,
  placed: readonly Placed[],
  locations: ReadonlyMap<ShopLocationId, LocationId>,
  correlationId: CorrelationId,
  deps: ImportDeps,
): Promise<{
  readonly views: readonly LevelsView[];
  readonly levels: number;
  readonly findings: readonly ImportFinding[];
}> {
  const views: LevelsView[] = [];
  const findings: ImportFinding[] = [];
  let connectedLevels = 0;
  const active = placed.filter((place) => place.skuId !== null && place.status === "active");
  for (let i = 0; i < active.length; i += CONNECTS_AT_ONCE) {
    await Promise.all(
      active.slice(i, i + CONNECTS_AT_ONCE).map(async (place) => {
        const { levels, unknown } = levelsOf(place.item, locations);
        connectedLevels += levels.length;
        for (const location of unknown)
          findings.push(...findAt(place, "unknown_location", `location ${location} is not imported`));
        if (levels.length === 0) findings.push(...findAt(place, "no_levels", "it is stocked nowhere"));
        const { skuId, sku, item } = place;
        if (skuId === null || sku === null || levels.length === 0) return;
        const reply = await deps.counters
          .of(skuId)
          .connectListing({ sku, listingId: listingIdOf(shop, item.id), levels, correlationId });
        if (reply.kind !== "applied") return;
        views.push(reply.view);
        if (reply.outcomes.some(({ kind }) => kind === "unknown_level")) {
          findings.push(
            ...findAt(place, "foreign_level", "another listing supplies the stock of one of its locations"),
          );
        }
      }),
    );
  }
  return { views, levels: connectedLevels, findings };
}

function findAt({ item }: Placed, kind: ImportFinding["kind"], detail: string): readonly ImportFinding[] {
  return item.variants
    .slice(0, 1)
    .map(({ id, title }) => ({ kind, variantId: id, sku: item.sku ?? "", title, detail }));
}

function levelsOf(
  item: SourceItem,
  locations: ReadonlyMap<ShopLocationId, LocationId>,
): { readonly levels: readonly ConnectedLevel[]; readonly unknown: readonly ShopLocationId[] } {
  const order = [...locations.keys()];
  const sorted = item.levels.toSorted((a, b) => order.indexOf(a.location) - order.indexOf(b.location));
  const unknown: ShopLocationId[] = [];
  const levels = sorted.flatMap(({ location, available, committed, atMs }): ConnectedLevel[] => {
    const locationId = locations.get(location);
    if (locationId === undefined) unknown.push(location);
    return locationId === undefined ? [] : [{ locationId, shopLocationId: location, available, committed, atMs }];
  });
  return { levels, unknown };
}
