/** What a channel is told of a SKU's levels, in the words of `stock.levels` (docs/channels.md). */
import type { ChannelSellable } from "../counter/channel-sellable.ts";
import type { LocationId, Sku } from "../ids.ts";
import type { Channel } from "./channel.ts";

export type LevelRow = {
  readonly sku: Sku;
  /** What the channel calls it; null: as we do. */
  readonly itemId: string | null;
  /** Of the counter: the receiver keeps the highest. */
  readonly version: number;
  /** Units that it may show, never below 0; of its mapped locations, if it maps any. */
  readonly available: number;
  readonly locations: readonly { readonly locationId: string; readonly available: number }[];
  /** ISO 8601, UTC. */
  readonly asOf: string;
};

/** One row per item under which it is listed. */
export function levelRowsOf(
  { locations: map }: Pick<Channel, "locations">,
  items: readonly string[],
  { sku, version, sellable, locations, asOf }: ChannelSellable,
): readonly LevelRow[] {
  const names = namesOf(map);
  const shown = locations.flatMap((level) => {
    const locationId = names === null ? level.locationId : names.get(level.locationId);
    return locationId === undefined ? [] : [{ locationId, available: level.sellable }];
  });
  const available = names === null ? sellable : shown.reduce((sum, level) => sum + level.available, 0);
  const listed: readonly (string | null)[] = items.length === 0 ? [null] : items;
  return listed.map((itemId) => ({ sku, itemId, version, available, locations: shown, asOf }));
}

/** Of a location that goes by several names, the first: its units must not be told twice. Null: none is mapped. */
function namesOf(map: ReadonlyMap<string, LocationId>): ReadonlyMap<LocationId, string> | null {
  if (map.size === 0) return null;
  return new Map(Array.from(map, ([theirs, ours]) => [ours, theirs] as const).reverse());
}
