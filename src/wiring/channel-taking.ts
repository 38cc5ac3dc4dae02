/** Taking in what channels tell: names, places and coordinators. */
import { LIMITS } from "../config.ts";
import type { LocationId } from "../domain/ids.ts";
import { consoleLog as log } from "../observability/log.ts";
import { avoidingClosed } from "../services/avoid-closed.ts";
import type { BundleCatalogue } from "../services/bundle/bundle-book.ts";
import type { Catalogue } from "../services/catalogue.ts";
import type { ChannelItem, ChannelItems } from "../services/channels/resolve-items.ts";
import type { Counters } from "../services/counter-contract.ts";
import type { TakeInBatchDeps } from "../services/take-in-batch.ts";
import { reaching } from "../services/unavailable.ts";
import { type ChannelItemCache, d1ChannelItems } from "../store/d1-channel-items.ts";
import { ExpiringMap } from "../store/expiring-map.ts";
import { channelsOf, channelTtlMsOf } from "./channels.ts";
import { notifierOf } from "./notifier.ts";
import { coordinatorsOf } from "./reservations.ts";
import { meterOf } from "./telemetry.ts";

const caches = new WeakMap<object, ChannelItemCache>();

/** Kept per isolate, as the catalogue is. */
function cacheOf(env: Env): ChannelItemCache {
  const known = caches.get(env);
  if (known !== undefined) return known;
  const cache = new ExpiringMap<string, ChannelItem>(channelTtlMsOf(env), LIMITS.catalogueEntriesMax);
  caches.set(env, cache);
  return cache;
}

const channelItemsOf = (env: Env): ChannelItems =>
  d1ChannelItems(env.DB, cacheOf(env), LIMITS.catalogueMsMax, () => Date.now());

type Parts = {
  readonly catalogue: Catalogue;
  readonly bundles: BundleCatalogue;
  readonly counters: Counters;
  readonly closed: () => Promise<ReadonlySet<LocationId>>;
  readonly nowMs: () => number;
};

export function channelTakingDeps(
  env: Env,
  { catalogue, bundles, counters, closed, nowMs }: Parts,
): TakeInBatchDeps["channels"] {
  const reached: Counters = { of: (skuId) => reaching("counter", counters.of(skuId)) };
  return {
    ...{ directory: channelsOf(env), catalogue, bundles, notifier: notifierOf(env), log, nowMs },
    items: channelItemsOf(env),
    reserve: {
      ...{ catalogue, bundles, counters: avoidingClosed(reached, closed), coordinators: coordinatorsOf(env), closed },
      ...{ callsMax: LIMITS.counterCallsMax, skusMax: LIMITS.reservationSkusMax, meter: meterOf(env), log },
    },
  };
}
