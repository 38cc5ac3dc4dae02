/** Tells the counters of an imported page what Shopify's levels are: news of known ones, opening stock of the others. */
import type { FirstPush } from "../domain/counter/connection.ts";
import type { ConnectedLevel, ConnectMode } from "../domain/counter/counter-event.ts";
import {
  type CorrelationId,
  type LocationId,
  listingIdOf,
  type ShopDomain,
  type ShopLocationId,
  type Sku,
} from "../domain/ids.ts";
import type { LevelsView } from "../domain/levels-view.ts";
import { atMost } from "./at-most.ts";
import type { Counters } from "./counter-contract.ts";
import type { ImportFinding, ListedPush, SourceItem } from "./import-catalogue.ts";
import { findingOf, type Placed } from "./place-items.ts";

/** Counters woken together: most of a connection is waiting for a new object, which costs this side nothing. */
const CONNECTS_AT_ONCE = 50;

export type Connected = {
  readonly views: readonly LevelsView[];
  readonly levels: number;
  readonly findings: readonly ImportFinding[];
  /** Of levels that were not connected before. */
  readonly firstPushes: readonly ListedPush[];
};

export type ConnectOptions = {
  readonly mode: ConnectMode;
  readonly dryRun: boolean;
  readonly correlationId: CorrelationId;
};

export async function connectItems(
  shop: ShopDomain,
  placed: readonly Placed[],
  locations: ReadonlyMap<ShopLocationId, LocationId>,
  options: ConnectOptions,
  counters: Counters,
): Promise<Connected> {
  const order = new Map(Array.from(locations.keys(), (location, index) => [location, index]));
  const active = placed.filter((place) => place.status === "active" && place.tellsLevels);
  const each = await atMost(CONNECTS_AT_ONCE, active, async (place): Promise<Connected> => {
    const { item, skuId, sku } = place;
    const { levels, unknown } = levelsOf(item, locations, order);
    const findings: ImportFinding[] = unknown.flatMap((at) =>
      findingOf(item, "unknown_location", `location ${at} is not imported`),
    );
    if (levels.length === 0) findings.push(...findingOf(item, "no_levels", "it is stocked nowhere"));
    const nothing = { views: [], levels: levels.length, findings, firstPushes: [] };
    // The first news of a level will connect it.
    if (sku === null || levels.length === 0) return nothing;
    if (skuId === null) return { ...nothing, firstPushes: options.dryRun ? levels.map(adoptionOf(item, sku)) : [] };
    const listingId = listingIdOf(shop, item.id);
    const reply = await counters.of(skuId).connectListing({ sku, listingId, levels, ...options });
    if (reply.kind !== "applied") return nothing;
    if (reply.outcomes.some(({ kind }) => kind === "unknown_level")) {
      findings.push(...findingOf(item, "foreign_level", FOREIGN_LEVEL));
    }
    const firstPushes = listedPushes(item, sku, levels, reply.firstPushes ?? []);
    return { views: [reply.view], levels: levels.length, findings, firstPushes };
  });
  return {
    views: each.flatMap(({ views }) => views),
    levels: each.reduce((sum, { levels }) => sum + levels, 0),
    findings: each.flatMap(({ findings }) => findings),
    firstPushes: each.flatMap(({ firstPushes }) => firstPushes),
  };
}

const FOREIGN_LEVEL =
  "the stock of one of its locations is known already (another listing's, or ours): import with mode mirror to show it there";

/** A SKU that is new to us: whatever Shopify has is its opening stock. */
const adoptionOf =
  (item: SourceItem, sku: Sku) =>
  ({ locationId, shopLocationId: shopLocation, available }: ConnectedLevel): ListedPush => ({
    ...{ sku, item: item.id, shopLocation, locationId },
    ...{ connection: "adopt", level: available, ours: available, delta: 0 },
  });

function listedPushes(
  item: SourceItem,
  sku: Sku,
  levels: readonly ConnectedLevel[],
  pushes: readonly FirstPush[],
): readonly ListedPush[] {
  return pushes.flatMap(({ connection, ...push }, i): ListedPush[] => {
    const level = levels[i];
    if (level === undefined || connection === "known") return [];
    return [{ sku, item: item.id, shopLocation: level.shopLocationId, connection, ...push }];
  });
}

/** In the order of import, which is that in which an unplaced take tries them. */
function levelsOf(
  item: SourceItem,
  locations: ReadonlyMap<ShopLocationId, LocationId>,
  order: ReadonlyMap<ShopLocationId, number>,
): { readonly levels: readonly ConnectedLevel[]; readonly unknown: readonly ShopLocationId[] } {
  const place = (location: ShopLocationId): number => order.get(location) ?? -1;
  const sorted = item.levels.toSorted((a, b) => place(a.location) - place(b.location));
  const unknown: ShopLocationId[] = [];
  const levels = sorted.flatMap(({ location, available, committed, atMs }): ConnectedLevel[] => {
    const locationId = locations.get(location);
    if (locationId === undefined) unknown.push(location);
    return locationId === undefined ? [] : [{ locationId, shopLocationId: location, available, committed, atMs }];
  });
  return { levels, unknown };
}
