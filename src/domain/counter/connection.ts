/**
 * How a level that a listing brings is connected: exactly one adopts a location's stock, every other shows it (border rule
 * B13), or one pool of 10 would count as 20.
 */
import type { ListingId, LocationId } from "../ids.ts";
import { sentTotal } from "../replica/containment.ts";
import { targetsOf } from "../replica/truth.ts";
import type { ConnectedLevel, ConnectMode } from "./counter-event.ts";
import type { CounterState } from "./counter-state.ts";

/**
 * Stock that is ours alone (a shop was disconnected, a warehouse delivered) is supplied, too. Where we know of none, units
 * at Shopify can only be adopted; in mode `mirror` a location that we know of counts as ours even when it is empty.
 * @param books  as the batch has left them so far
 */
export function connectionOf(
  state: CounterState,
  books: CounterState["books"],
  listingId: ListingId,
  locationId: LocationId,
  mode: ConnectMode = "adopt",
): "adopt" | "mirror" | "refused" {
  const isAnothers = Array.from(books).some(([other, levels]) => other !== listingId && levels.has(locationId));
  if (mode === "mirror") return isAnothers || state.merge.locations.includes(locationId) ? "mirror" : "adopt";
  return isAnothers || (state.merge.own.get(locationId) ?? 0) > 0 ? "refused" : "adopt";
}

/** What connecting a level comes to, for a person to look at before it is done. */
export type FirstPush = {
  readonly locationId: LocationId;
  /** `known`: connected before; its level is news like any. */
  readonly connection: "adopt" | "mirror" | "refused" | "known";
  /** Shopify's `available`, and ours there once it is connected. */
  readonly level: number;
  readonly ours: number;
  /** Units that the first push would add at Shopify, before any buffer. */
  readonly delta: number;
};

/** @param after  the state with the listing connected */
export function firstPushes(
  before: CounterState,
  after: CounterState,
  listingId: ListingId,
  levels: readonly ConnectedLevel[],
  mode: ConnectMode | undefined,
): readonly FirstPush[] {
  const targets = targetsOf(after.merge, listingId);
  return levels.map(({ locationId, available }) => {
    const isKnown = before.merge.listings.get(listingId)?.levels.has(locationId) === true;
    const connection = isKnown ? "known" : connectionOf(before, before.books, listingId, locationId, mode);
    const level = after.merge.listings.get(listingId)?.levels.get(locationId);
    const target = targets.get(locationId);
    const ours = after.shown.find((shown) => shown.locationId === locationId)?.available ?? 0;
    const delta = level === undefined || target === undefined ? 0 : target - (sentTotal(level) - level.moved);
    return { locationId, connection, level: available, ours, delta };
  });
}
