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

/**
 * @param waiting  oldest first
 * @returns null if none waits; the oldest read is always in it, however dear
 */
export function chunkReads<Read extends WaitingRead>(
  waiting: readonly Read[],
  limits: { readonly pointsPerWeight: number; readonly bucketMaximum: number },
): ReadChunk<Read> | null {
  const oldest = waiting[0];
  if (oldest === undefined) return null;
  const pointsMax = Math.min(QUERY_POINTS_MAX, limits.bucketMaximum * READ_BUCKET_SHARE);
  const locationsMax = Math.max(READ_LOCATIONS_MAX, oldest.locations.length);
  const reads: Read[] = [];
  let items = new Set<InventoryItemId>();
  let locations = new Set<ShopLocationId>();
  for (const read of waiting) {
    const nextItems = new Set(items).add(read.item);
    const nextLocations = new Set([...locations, ...read.locations]);
    const isFirst = reads.length === 0;
    const points = readWeight(nextItems.size, nextLocations.size) * limits.pointsPerWeight;
    if (!isFirst && (nextLocations.size > locationsMax || points > pointsMax || nextItems.size > READ_ITEMS_MAX))
      continue;
    items = nextItems;
    locations = nextLocations;
    reads.push(read);
  }
  const weight = readWeight(items.size, locations.size);
  const cost = Math.max(1, Math.ceil(weight * limits.pointsPerWeight));
  return { reads, items: [...items], locations: [...locations], weight, cost };
}
