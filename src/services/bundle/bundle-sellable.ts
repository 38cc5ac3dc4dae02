/** What a channel may sell of a bundle: what its rules leave of each component, as the counters tell it now. */
import type { FlatBundle } from "../../domain/bundle/bundle.ts";
import { unitsOfBundle, versionOf } from "../../domain/bundle/bundle-levels.ts";
import type { ChannelId, LocationId, Sku } from "../../domain/ids.ts";
import { atMost } from "../at-most.ts";
import type { Counters } from "../counter-contract.ts";

export type BundleSellable = {
  readonly channel: ChannelId;
  readonly version: number;
  readonly sellable: number;
  /** What a guarded sale of this channel can have now, in all. */
  readonly certain: number;
  readonly locations: readonly { readonly locationId: LocationId; readonly sellable: number }[];
  readonly components: readonly {
    readonly sku: Sku;
    readonly quantity: number;
    readonly sellable: number;
    readonly certain: number;
  }[];
  /** ISO 8601, UTC: of the oldest answer. */
  readonly asOf: string;
};

export type BundleSellableAnswer =
  | { readonly kind: "found"; readonly value: BundleSellable }
  | { readonly kind: "not_connected"; readonly sku: Sku };

export async function readBundleSellable(
  bundle: FlatBundle,
  channel: ChannelId,
  { counters, callsMax }: { readonly counters: Counters; readonly callsMax: number },
): Promise<BundleSellableAnswer> {
  const read = await atMost(callsMax, bundle.components, async ({ skuId, sku, quantity }) => {
    const reply = await counters.of(skuId).sellable(channel);
    return { sku, quantity, sellable: reply?.sellable ?? null };
  });
  const components = [];
  for (const { sku, quantity, sellable } of read) {
    if (sellable === null) return { kind: "not_connected", sku };
    components.push({ sku, quantity, told: sellable });
  }
  const units = unitsOfBundle(
    components.map(({ quantity, told }) => ({
      quantity,
      units: {
        total: told.sellable,
        locations: new Map(told.locations.map(({ locationId, sellable }) => [locationId, sellable])),
      },
    })),
  );
  const certain = components.map(({ quantity, told }) => Math.floor(told.certain / quantity));
  const versions = components.map(({ told }) => told.version);
  const value: BundleSellable = {
    channel,
    version: versionOf(bundle, versions),
    sellable: units.total,
    certain: Math.max(0, Math.min(units.total, ...certain)),
    locations: Array.from(units.locations, ([locationId, sellable]) => ({ locationId, sellable })),
    components: components.map(({ sku, quantity, told: { sellable, certain: sure } }) => ({
      ...{ sku, quantity, sellable, certain: sure },
    })),
    asOf: components.map(({ told }) => told.asOf).toSorted()[0] ?? "",
  };
  return { kind: "found", value };
}
