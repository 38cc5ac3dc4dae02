/** Reservations and bundles: what their coordinators and use cases get from the environment. */
import { LIMITS } from "../config.ts";
import type { FlatBundle } from "../domain/bundle/bundle.ts";
import { type ChannelId, fromStore, type LocationId, type ReservationId, type Sku } from "../domain/ids.ts";
import type { LevelsView } from "../domain/levels-view.ts";
import type { Task } from "../domain/reservation/task.ts";
import { consoleLog as log } from "../observability/log.ts";
import type { AskedMovement, Asking } from "../services/asked-events.ts";
import { avoidingClosed } from "../services/avoid-closed.ts";
import type { BundleCatalogue } from "../services/bundle/bundle-book.ts";
import { readBundleSellable } from "../services/bundle/bundle-sellable.ts";
import { type ReadWithBundlesDeps, readWithBundles } from "../services/bundle/read-with-bundles.ts";
import { writeBundle } from "../services/bundle/write-bundle.ts";
import type { Catalogue } from "../services/catalogue.ts";
import type { Counters } from "../services/counter-contract.ts";
import { askCounter } from "../services/reservation/ask-counter.ts";
import type { Coordinator, Coordinators } from "../services/reservation/coordinator-contract.ts";
import { type ReserveGiven, reserve } from "../services/reservation/reserve.ts";
import { bundleOf } from "../services/reservation/sold-as.ts";
import { reaching } from "../services/unavailable.ts";
import { type BundleCache, d1BundleBook, d1BundleCatalogue } from "../store/d1-bundles.ts";
import { durableCounters } from "../store/durable-counters.ts";
import { ExpiringMap } from "../store/expiring-map.ts";
import { COORDINATOR_TIMING } from "./coordinator-timing.ts";
import { meterOf } from "./telemetry.ts";

/** @param mirror  goes on beside the answer */
export function coordinatorParts(
  env: Env,
  mirror: (views: readonly LevelsView[]) => void,
  closed: () => Promise<ReadonlySet<LocationId>>,
) {
  const counters = avoidingClosed(durableCounters(env.SKU_COUNTER), closed);
  const deps = { counters, callMsMax: LIMITS.reservationCallMsMax, mirror };
  return {
    timing: COORDINATOR_TIMING,
    callsMax: LIMITS.counterCallsMax,
    ask: (task: Task) => askCounter(task, deps),
    tryAsk: (task: Task) => askCounter(task, { ...deps, dryRun: true }),
  };
}

const coordinatorOf = (env: Env, id: ReservationId): Coordinator => {
  const namespace = env.RESERVATION_COORDINATOR;
  return reaching("reservation", namespace.get(namespace.idFromName(id)) as unknown as Coordinator);
};

export const coordinatorsOf = (env: Env): Coordinators => ({ of: (id) => coordinatorOf(env, id) });

const BUNDLE_LIMITS = { componentsMax: LIMITS.bundleComponentsMax, quantityMax: LIMITS.quantityMax };

export type IsolateBundles = { readonly cache: BundleCache; readonly catalogue: BundleCatalogue };

/** Kept per isolate, as the catalogue is. */
export function isolateBundles(db: D1Database, nowMs: () => number): IsolateBundles {
  const cache: BundleCache = new ExpiringMap(LIMITS.catalogueTtlMs, LIMITS.bundleEntriesMax);
  return { cache, catalogue: d1BundleCatalogue(db, cache, BUNDLE_LIMITS, LIMITS.catalogueMsMax, nowMs) };
}

type Parts = {
  readonly catalogue: Catalogue;
  readonly bundles: IsolateBundles;
  /** Over the border: what they throw is Unavailable. */
  readonly counters: Counters;
  readonly readLevels: ReadWithBundlesDeps["readLevels"];
  readonly closed: () => Promise<ReadonlySet<LocationId>>;
  readonly mirror: (views: readonly LevelsView[]) => void;
  readonly nowMs: () => number;
};

/** What the API may do with them. */
export function reservationServices(env: Env, parts: Parts) {
  const { catalogue, bundles, counters, readLevels, closed, mirror, nowMs } = parts;
  const coordinators = coordinatorsOf(env);
  const deps = {
    ...{ catalogue, bundles: bundles.catalogue, counters, coordinators, closed, mirror, nowMs },
    meter: meterOf(env),
    log,
    ...{ callsMax: LIMITS.counterCallsMax, skusMax: LIMITS.reservationSkusMax, saleHoldMs: LIMITS.saleHoldMs },
  };
  return {
    reserve: (given: ReserveGiven) => reserve(given, deps),
    reservation: (id: string) => coordinatorOf(env, fromStore<ReservationId>(id)),
    bundles: reaching("bundles", d1BundleBook(env.DB, bundles.cache, BUNDLE_LIMITS)),
    findBundles: (skus: readonly Sku[]) => bundles.catalogue.find(skus),
    bundleOf: (sku: Sku) => bundleOf(sku, deps),
    bundleSellable: (bundle: FlatBundle, channel: ChannelId) => readBundleSellable(bundle, channel, deps),
    readStock: (skus: readonly Sku[]) => readWithBundles(skus, { bundles: bundles.catalogue, readLevels }),
    writeBundle: (bundle: FlatBundle, asked: AskedMovement, by: Asking, dryRun: boolean) =>
      writeBundle(bundle, asked, by, dryRun, deps),
  };
}
