/**
 * Where a take falls when nobody said: by the order of a priority list, or where most is there; whole at one location, or
 * split. A guarded take finds only what is certainly there, at each place and in all.
 */
import type { LocationId } from "../ids.ts";
import type { Allocation } from "../policy/sku-policy.ts";

/** Levels of one location while a batch is decided. */
export type Standing = {
  readonly locationId: LocationId;
  readonly ledger: number;
  readonly floor: number;
  /** What it shows: above `floor` while a doubt lasts. */
  readonly available: number;
};

export type Part = { readonly locationId: LocationId; readonly quantity: number };

export type Take = {
  readonly quantity: number;
  /** Null: the allocation says. */
  readonly locationId: LocationId | null;
  readonly allocation: Allocation;
  /** Closed locations: they take nothing unless they are named. */
  readonly avoid: readonly LocationId[];
  /** What the channel may take; null: no channel was named. */
  readonly channel: ChannelShare | null;
};

/** `units`: in all, from whichever places are not excluded. */
export type ChannelShare = { readonly units: number; readonly excluded: readonly LocationId[] };

/** Where the take may fall, the best place first. */
export function placesFor(take: Take, standings: readonly Standing[]): readonly Standing[] {
  if (take.locationId !== null) return standings.filter(({ locationId }) => locationId === take.locationId);
  const open = standings.filter(({ locationId }) => !take.avoid.includes(locationId));
  const { by, locations } = take.allocation;
  const rank = ({ locationId }: Standing): number => {
    const place = locations.indexOf(locationId);
    return place < 0 ? locations.length : place;
  };
  // Sorting is stable: ties stay in the order of import.
  if (by === "most_stock") return open.toSorted((a, b) => b.floor - a.floor || rank(a) - rank(b));
  return open.toSorted((a, b) => rank(a) - rank(b));
}

/** Units that a guarded take may have at a place. */
export function bearableAt({ channel }: Take, { locationId, floor }: Standing): number {
  if (channel === null) return floor;
  return channel.excluded.includes(locationId) ? Math.min(floor, 0) : Math.min(floor, channel.units);
}

/**
 * The parts of a guarded take; null when it cannot be had. Proven is the sum: one location may seem to have enough while
 * another is as far below zero.
 */
export function allocate(take: Take, standings: readonly Standing[]): readonly Part[] | null {
  if (take.quantity > mostInAll(take, standings)) return null;
  const places = placesFor(take, standings);
  const whole = places.find((place) => take.quantity <= bearableAt(take, place));
  if (whole !== undefined) return [{ locationId: whole.locationId, quantity: take.quantity }];
  if (!take.allocation.split || take.locationId !== null) return null;
  const parts: Part[] = [];
  let open = take.quantity;
  for (const place of places) {
    const quantity = Math.min(open, Math.max(0, bearableAt(take, place)));
    if (quantity > 0) parts.push({ locationId: place.locationId, quantity });
    open -= quantity;
  }
  return open === 0 ? parts : null;
}

/** The largest take that `allocate` would have granted; may be negative. */
export function mostBearable(take: Take, standings: readonly Standing[]): number {
  const places = placesFor(take, standings).map((place) => bearableAt(take, place));
  if (places.length === 0) return 0;
  const isSplit = take.allocation.split && take.locationId === null;
  const there = isSplit ? places.reduce((sum, units) => sum + Math.max(0, units), 0) : Math.max(...places);
  return Math.min(mostInAll(take, standings), there);
}

/** What is certainly there over all locations, and what the channel may have of it. */
function mostInAll({ channel }: Take, standings: readonly Standing[]): number {
  const floor = standings.reduce((sum, standing) => sum + standing.floor, 0);
  return channel === null ? floor : Math.min(floor, channel.units);
}
