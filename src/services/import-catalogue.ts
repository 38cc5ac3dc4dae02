/**
 * Import of a shop's catalogue, a page a call: locations first, then inventory items with their variants and levels.
 * Whoever drives it passes the cursor on, so it can be stopped, resumed and repeated: known levels count as news of
 * Shopify's level, unknown ones are adopted as opening stock, and nothing is ever deleted.
 */

import type { ConnectMode } from "../domain/counter/counter-event.ts";
import type {
  CorrelationId,
  InventoryItemId,
  LocationId,
  ShopDomain,
  ShopLocationId,
  Sku,
  SkuId,
  VariantId,
} from "../domain/ids.ts";
import type { LevelsView } from "../domain/levels-view.ts";
import type { NotCounted } from "./catalogue.ts";
import { connectItems } from "./connect-items.ts";
import type { Counters } from "./counter-contract.ts";
import { dryWriter } from "./dry-writer.ts";
import { placeItems, recordsOf } from "./place-items.ts";
import { findingsOfItems } from "./shop-findings.ts";
import { type ShopConnection, type ShopStore, subjectOfItem } from "./shop-store.ts";

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
  readonly productId?: string;
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
  /** These items; those that Shopify does not know any more are missing. At most 100. */
  itemsById(ids: readonly InventoryItemId[]): Promise<SourceReply<readonly SourceItem[]>>;
}

export type ListingRecord = {
  readonly variantId: VariantId;
  readonly item: InventoryItemId;
  readonly skuId: SkuId | null;
  readonly sku: string;
  readonly status: "active" | NotCounted;
  readonly title: string;
  readonly productId?: string | null;
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
    nowMs: number,
  ): Promise<ReadonlyMap<ShopLocationId, LocationId>>;
  locationsOf(shop: ShopDomain): Promise<ReadonlyMap<ShopLocationId, LocationId>>;
  /** Ids of those SKUs that have one. */
  skuIds(skus: readonly Sku[]): Promise<ReadonlyMap<Sku, SkuId>>;
  /** Ids of these SKUs; new ones are minted. */
  mint(skus: readonly Sku[], nowMs: number): Promise<ReadonlyMap<Sku, SkuId>>;
  /** Active listings of the shop that go, or went, by these SKUs; and those of these items, disconnected ones, too. */
  activeListings(shop: ShopDomain, skus: readonly Sku[], items: readonly InventoryItemId[]): Promise<ActiveListings>;
  /** The SKU id goes by another SKU from now on; the old one stays its alias. False when the new one is taken. */
  rename(skuId: SkuId, to: Sku): Promise<boolean>;
  putListings(shop: ShopDomain, listings: readonly ListingRecord[], nowMs: number): Promise<void>;
}

/** What a person should know of an item: it is not counted, or not as it should be. */
export type ImportFinding = {
  readonly kind: NotCounted | "no_levels" | "unknown_location" | "foreign_level" | "sku_taken";
  readonly variantId: VariantId;
  readonly item: InventoryItemId;
  readonly sku: string;
  readonly title: string;
  readonly detail: string;
};

/** What connecting a level comes to: shown by a dry run before it is done. Units. */
export type ListedPush = {
  readonly sku: Sku;
  readonly item: InventoryItemId;
  readonly shopLocation: ShopLocationId;
  readonly locationId: LocationId;
  /** `adopt`: Shopify's level becomes stock. `mirror`: it shall show ours. `refused`: another supplies it, and nobody said `mirror`. */
  readonly connection: "adopt" | "mirror" | "refused";
  /** Shopify's level, ours, and what the first push adds at Shopify. */
  readonly level: number;
  readonly ours: number;
  readonly delta: number;
};

export type ImportOptions = {
  /** Null: as the shop is connected already, else `adopt`. */
  readonly mode: ConnectMode | null;
  readonly dryRun: boolean;
};

export type ImportPage =
  | {
      readonly kind: "page";
      readonly mode: ConnectMode;
      readonly nextCursor: string | null;
      readonly counts: {
        readonly locations: number;
        readonly items: number;
        readonly connected: number;
        readonly levels: number;
      };
      readonly findings: readonly ImportFinding[];
      readonly firstPushes: readonly ListedPush[];
    }
  /** The shop is in no state for it; `message` says what to do. */
  | { readonly kind: "conflict"; readonly message: string }
  | Exclude<SourceReply<never>, { kind: "ok" }>;

export interface ImportDeps {
  readonly source: Pick<CatalogueSource, "locations" | "items">;
  readonly writer: CatalogueWriter;
  readonly shops: Pick<ShopStore, "connection" | "setConnection" | "putFindings">;
  readonly counters: Counters;
  /** The shop's gate lets pushes go again. */
  rejoin(): Promise<void>;
  mirror(views: readonly LevelsView[]): void;
  nowMs(): number;
}

/** @param cursor  null: from the start, locations first */
export async function importPage(
  shop: ShopDomain,
  cursor: string | null,
  options: ImportOptions,
  correlationId: CorrelationId,
  deps: ImportDeps,
): Promise<ImportPage> {
  const connection = await deps.shops.connection(shop);
  const mode = modeOf(connection, options);
  if (typeof mode !== "string") return mode;
  const { dryRun } = options;
  const writer = dryRun ? dryWriter(deps.writer) : deps.writer;
  const places = cursor === null || dryRun ? await deps.source.locations() : null;
  if (places !== null && places.kind !== "ok") return places;
  const page = await deps.source.items(cursor);
  if (page.kind !== "ok") return page;
  const { items, nextCursor } = page.value;
  const nowMs = deps.nowMs();
  const at = places === null ? await writer.locationsOf(shop) : await writer.putLocations(shop, places.value, nowMs);
  if (!dryRun) await noteConnection(shop, connection, mode, deps);
  const placed = await placeItems(shop, items, writer, nowMs);
  const how = { mode, dryRun, correlationId };
  const connected = await connectItems(shop, placed, at, how, deps.counters);
  await writer.putListings(shop, placed.flatMap(recordsOf), nowMs);
  if (connected.views.length > 0 && !dryRun) deps.mirror(connected.views);
  const findings = [...placed.flatMap(({ findings }) => findings), ...connected.findings];
  if (!dryRun) {
    const subjects = items.map(({ id }) => subjectOfItem(id));
    await deps.shops.putFindings(shop, subjects, findingsOfItems(findings), nowMs);
  }
  const counts = {
    locations: cursor === null ? (places?.value.length ?? 0) : 0,
    items: items.length,
    connected: connected.views.length,
    levels: connected.levels,
  };
  return { kind: "page", mode, nextCursor, counts, findings, firstPushes: connected.firstPushes };
}

type Conflict = ImportPage & { readonly kind: "conflict" };

/** A shop that left takes part again only when somebody says how: its levels are no opening stock any more. */
function modeOf(connection: ShopConnection | null, { mode, dryRun }: ImportOptions): ConnectMode | Conflict {
  if (connection?.state === "disconnecting" && !dryRun)
    return { kind: "conflict", message: "The shop is being disconnected: let that come to its end first." };
  if (mode !== null) return mode;
  if (connection?.state === "disconnected")
    return { kind: "conflict", message: 'The shop is disconnected: say "mode" to connect it again.' };
  return connection?.mode ?? "adopt";
}

async function noteConnection(
  shop: ShopDomain,
  before: ShopConnection | null,
  mode: ConnectMode,
  { shops, rejoin, nowMs }: ImportDeps,
): Promise<void> {
  if (before?.state === "connected" && before.mode === mode) return;
  await shops.setConnection(shop, { mode, state: "connected" }, nowMs());
  if (before?.state === "disconnected") await rejoin();
}
