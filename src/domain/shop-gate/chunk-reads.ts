/**
 * Which waiting reads share the next query. One query reads N items at L locations (the union of what its reads ask
 * for), so it weighs N × (1 + 2 L): an item, and per location a level and its quantities. What a unit of weight costs in
 * points is learned from Shopify's replies.
 */
import type { InventoryItemId, ReadKey, ShopLocationId } from "../ids.ts";
import { QUERY_POINTS_MAX, READ_BUCKET_SHARE, READ_ITEMS_MAX, READ_LOCATIONS_MAX } from "./limits.ts";

export type WaitingRead = {
  readonly readKey: ReadKey;
  readonly item: InventoryItemId;
  readonly locations: readonly ShopLocationId[];
};

export type ReadChunk<Read extends WaitingRead = WaitingRead> = {
  readonly reads: readonly Read[];
  readonly items: readonly InventoryItemId[];
  readonly locations: readonly ShopLocationId[];
  readonly weight: number;
  /** Points to reserve. */
  readonly cost: number;
};

export const readWeight = (itemCount: number, locationCount: number): number => itemCount * (1 + 2 * locationCount);

/** Reads looked at for one query: what is passed over is not searched for ever. */
const CANDIDATES_MAX = 500;

/**
 * @param waiting  oldest first
 * @param limits.readsMax  1 or more: fewer after a query of many failed
 * @returns null if none waits; the oldest read is always in it, however dear
 */
export function chunkReads<Read extends WaitingRead>(
  waiting: Iterable<Read>,
  limits: { readonly pointsPerWeight: number; readonly bucketMaximum: number; readonly readsMax: number },
): ReadChunk<Read> | null {
  const pointsMax = Math.min(QUERY_POINTS_MAX, limits.bucketMaximum * READ_BUCKET_SHARE);
  const reads: Read[] = [];
  const items = new Set<InventoryItemId>();
  const locations = new Set<ShopLocationId>();
  let locationsMax = READ_LOCATIONS_MAX;
  let candidates = 0;
  for (const read of waiting) {
    if (reads.length >= limits.readsMax) break;
    candidates += 1;
    const itemCount = items.size + (items.has(read.item) ? 0 : 1);
    const news = read.locations.filter((location) => !locations.has(location));
    const points = readWeight(itemCount, locations.size + news.length) * limits.pointsPerWeight;
    if (reads.length === 0) locationsMax = Math.max(locationsMax, news.length);
    else if (candidates > CANDIDATES_MAX || readWeight(itemCount, locations.size) * limits.pointsPerWeight > pointsMax)
      break;
    else if (points > pointsMax || locations.size + news.length > locationsMax || itemCount > READ_ITEMS_MAX) continue;
    reads.push(read);
    items.add(read.item);
    for (const location of news) locations.add(location);
  }
  if (reads.length === 0) return null;
  const weight = readWeight(items.size, locations.size);
  const cost = Math.max(1, Math.ceil(weight * limits.pointsPerWeight));
  return { reads, items: [...items], locations: [...locations], weight, cost };
}
