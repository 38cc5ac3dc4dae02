/** Tells the counters of an imported page what Shopify's levels are: news of known ones, opening stock of the others. */
import type { ConnectedLevel } from "../domain/counter/counter-event.ts";
import {
  type CorrelationId,
  type LocationId,
  listingIdOf,
  type ShopDomain,
  type ShopLocationId,
} from "../domain/ids.ts";
import type { LevelsView } from "../domain/levels-view.ts";
import { atMost } from "./at-most.ts";
import type { Counters } from "./counter-contract.ts";
import type { ImportFinding, SourceItem } from "./import-catalogue.ts";
import { findingOf, type Placed } from "./place-items.ts";

/** Counters woken together: most of a connection is waiting for a new object, which costs this side nothing. */
const CONNECTS_AT_ONCE = 50;

export type Connected = {
  readonly views: readonly LevelsView[];
  readonly levels: number;
  readonly findings: readonly ImportFinding[];
};

export async function connectItems(
  shop: ShopDomain,
  placed: readonly Placed[],
  locations: ReadonlyMap<ShopLocationId, LocationId>,
  correlationId: CorrelationId,
  counters: Counters,
): Promise<Connected> {
  const order = new Map(Array.from(locations.keys(), (location, index) => [location, index]));
  const active = placed.filter((place) => place.skuId !== null && place.tellsLevels);
  const each = await atMost(CONNECTS_AT_ONCE, active, async ({ item, skuId, sku }): Promise<Connected> => {
    const { levels, unknown } = levelsOf(item, locations, order);
    const findings: ImportFinding[] = unknown.flatMap((at) =>
      findingOf(item, "unknown_location", `location ${at} is not imported`),
    );
    if (levels.length === 0) findings.push(...findingOf(item, "no_levels", "it is stocked nowhere"));
    const nothing = { views: [], levels: levels.length, findings };
    // The first news of a level will connect it.
    if (skuId === null || sku === null || levels.length === 0) return nothing;
    const listingId = listingIdOf(shop, item.id);
    const reply = await counters.of(skuId).connectListing({ sku, listingId, levels, correlationId });
    if (reply.kind !== "applied") return nothing;
    if (reply.outcomes.some(({ kind }) => kind === "unknown_level")) {
      findings.push(...findingOf(item, "foreign_level", "another listing supplies the stock of one of its locations"));
    }
    return { views: [reply.view], levels: levels.length, findings };
  });
  return {
    views: each.flatMap(({ views }) => views),
    levels: each.reduce((sum, { levels }) => sum + levels, 0),
    findings: each.flatMap(({ findings }) => findings),
  };
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
