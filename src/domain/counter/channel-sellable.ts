/** What one channel may show and sell of a counter's SKU, as things stand. */
import { type ChannelId, type ListingId, type LocationId, parseShopDomain, partsOfListing, type Sku } from "../ids.ts";
import { type EffectiveRules, effectiveRules } from "../policy/effective-rules.ts";
import { type LevelToSell, sellableOf } from "../policy/sellable.ts";
import type { MergeState } from "../replica/state.ts";
import type { CounterState } from "./counter-state.ts";

export type ChannelSellable = {
  readonly sku: Sku;
  readonly channel: ChannelId;
  readonly version: number;
  readonly rules: EffectiveRules["rules"];
  readonly rulesFrom: EffectiveRules["from"];
  /** Of what is shown: available, less what the rules withhold. */
  readonly sellable: number;
  readonly withheld: number;
  /** Of what is certainly there: what guarded takes of this channel can have now. */
  readonly certain: number;
  /** Those at which the channel sells, in order of import. */
  readonly locations: readonly {
    readonly locationId: LocationId;
    readonly available: number;
    readonly withheld: number;
    readonly sellable: number;
  }[];
  /** ISO 8601, UTC. */
  readonly asOf: string;
};

export function channelSellable(state: CounterState, channel: ChannelId, nowMs: number): ChannelSellable {
  const { rules, from } = effectiveRules(state.policy, state.defaults, channel);
  const levels = levelsOfChannel(state.merge, channel, state.shown);
  const { sellable, withheld, locations } = sellableOf(levels, rules);
  const floors = levels.map(({ locationId, floor }) => ({ locationId, available: floor }));
  return {
    ...{ sku: state.sku, channel, version: state.version, rules, rulesFrom: from, sellable, withheld },
    certain: sellableOf(floors, rules).sellable,
    locations: locations.map((location, at) => ({ ...location, available: levels[at]?.available ?? 0 })),
    asOf: new Date(nowMs).toISOString(),
  };
}

/** A shop sells from the locations at which it has a level; any other channel from all. */
export function levelsOfChannel<Level extends Pick<LevelToSell, "locationId">>(
  { listings }: MergeState,
  channel: ChannelId,
  levels: readonly Level[],
): readonly Level[] {
  if (!parseShopDomain(channel).ok) return levels;
  const ofShop = Array.from(listings).filter(([listingId]) => shopOf(listingId) === channel);
  return levels.filter(({ locationId }) => ofShop.some(([, listing]) => listing.levels.has(locationId)));
}

const shopOf = (listingId: ListingId): string => partsOfListing(listingId).shop;
