/**
 * What a channel may show and sell of one SKU. Pure sums.
 *
 * A rule speaks of the whole channel; units stand at locations. So what a rule withholds is taken from the LAST location
 * in the caller's order (order of import) first, then from the one before it: the same stock under the same rules gives
 * the same answer, and the first location, from which most is shipped, keeps showing longest. An excluded location gives
 * everything it has. A location below zero gives nothing, and what it lacks is missing from the channel's total: whoever
 * ships an oversold unit takes it from elsewhere.
 */
import type { LocationId } from "../ids.ts";
import type { Buffer, ChannelRules } from "./sku-policy.ts";

/** `available`: what is there, however the caller counts it (shown or certain); may be negative. */
export type LevelToSell = { readonly locationId: LocationId; readonly available: number };

export type SellableLocation = {
  readonly locationId: LocationId;
  /** Kept back here by the rules: 0 … max(0, available). */
  readonly withheld: number;
  /** 0 … max(0, available − withheld). Less where another location is below zero. */
  readonly sellable: number;
};

export type Sellable = {
  /** Σ of the locations. Never negative; never above Σ available of the locations that count. */
  readonly sellable: number;
  readonly withheld: number;
  /** Same order as given. */
  readonly locations: readonly SellableLocation[];
};

/** @param levels  the locations at which the channel sells, each once, in order of import */
export function sellableOf(levels: readonly LevelToSell[], rules: ChannelRules): Sellable {
  const excluded = new Set(rules.excludedLocations);
  const counted = levels.filter(({ locationId }) => !excluded.has(locationId));
  const there = Math.max(
    0,
    counted.reduce((sum, { available }) => sum + available, 0),
  );
  const sellable = shownOf(there, rules);
  const present = levels.map(({ available }) => Math.max(0, available));
  const positive = levels.map(({ locationId }, at) => (excluded.has(locationId) ? 0 : (present[at] ?? 0)));
  const deficit = positive.reduce((sum, units) => sum + units, 0) - there;
  // Stopped: every unit is withheld, those too that another location lacks.
  const kept = takeFromLast(positive, rules.isStopped ? there + deficit : there - sellable);
  const left = positive.map((units, at) => units - (kept[at] ?? 0));
  const missing = takeFromLast(left, left.reduce((sum, units) => sum + units, 0) - sellable);
  const locations = levels.map(({ locationId }, at) => ({
    locationId,
    withheld: excluded.has(locationId) ? (present[at] ?? 0) : (kept[at] ?? 0),
    sellable: (left[at] ?? 0) - (missing[at] ?? 0),
  }));
  return { sellable, withheld: locations.reduce((sum, { withheld }) => sum + withheld, 0), locations };
}

/** @param there  units that could be sold without any rule; 0 or more */
function shownOf(there: number, rules: ChannelRules): number {
  if (rules.isStopped) return 0;
  const left = Math.max(0, there - bufferUnits(rules.buffer, there));
  if (left < rules.zeroBelow) return 0;
  return rules.cap === null ? left : Math.min(left, rules.cap);
}

/** A percentage is rounded up: a buffer is never smaller than asked for. */
function bufferUnits(buffer: Buffer, there: number): number {
  switch (buffer.kind) {
    case "none":
      return 0;
    case "fixed":
      return buffer.units;
    case "percentage":
      return Math.ceil((there * buffer.percent) / 100);
  }
}

/** `wanted` units taken from `stocks`, the last first; never more than each has. */
function takeFromLast(stocks: readonly number[], wanted: number): readonly number[] {
  const taken = stocks.map(() => 0);
  let open = wanted;
  for (let at = stocks.length - 1; at >= 0 && open > 0; at--) {
    const units = Math.min(open, stocks[at] ?? 0);
    taken[at] = units;
    open -= units;
  }
  return taken;
}
