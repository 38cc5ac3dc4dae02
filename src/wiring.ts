/**
 * Where the layers are joined: each use case gets its Deps from the environment here and nowhere else. What an isolate
 * may keep (configuration, catalogue cache) is kept per environment object.
 */

import type { CounterSettings } from "../durable-objects/counter-deps.ts";
import { shopifySubscriptions } from "./channels/shopify/subscriptions-api.ts";
import { type Config, LIMITS } from "./config.ts";
import type { CounterEvent } from "./domain/counter/counter-event.ts";
import {
  type CorrelationId,
  fromStore,
  type InventoryItemId,
  type LocationId,
  type ShopDomain,
  type Sku,
  type SkuId,
} from "./domain/ids.ts";
import type { LevelsView } from "./domain/levels-view.ts";
import type { ShopifyWebhookDeps } from "./ingress/shopify-webhook.ts";
import { errorReporter, type ReportError } from "./observability/error-reporter.ts";
import { consoleLog, type Log, reasonOf } from "./observability/log.ts";
import type { ConsumeDeadLettersDeps } from "./queues/consume-dead-letters.ts";
import type { ConsumeEventsDeps } from "./queues/consume-events.ts";
import type { ConsumeShopifySyncDeps } from "./queues/consume-shopify-sync.ts";
import type { ShopEnvelope } from "./queues/envelope.ts";
import { eventShards, sendEvent } from "./queues/send-event.ts";
import { avoidingClosed } from "./services/avoid-closed.ts";
import type { Catalogue } from "./services/catalogue.ts";
import { isOldProductNews } from "./services/catalogue-news.ts";
import { checkReadiness, type Readiness } from "./services/check-readiness.ts";
import type { ApplyOptions, Counters } from "./services/counter-contract.ts";
import { forgetMirrored } from "./services/forget-mirrored.ts";
import { readLevelsAt } from "./services/levels-at.ts";
import { listMovements } from "./services/list-movements.ts";
import type { Mirror, MirrorWrite } from "./services/mirror.ts";
import { type GraphqlGate, patientGate } from "./services/patient-gate.ts";
import { readLevels } from "./services/read-levels.ts";
import { releaseListing } from "./services/release-listing.ts";
import { reach, reaching } from "./services/unavailable.ts";
import { syncWebhooks } from "./services/webhook-subscriptions.ts";
import { writeCounter } from "./services/write-counter.ts";
import { countingMirror } from "./store/counting-mirror.ts";
import { d1Catalogue, newCatalogueCache } from "./store/d1-catalogue.ts";
import { d1ClosedLocations } from "./store/d1-closed-locations.ts";
import { d1LastReasons } from "./store/d1-last-reasons.ts";
import { d1Releases } from "./store/d1-releases.ts";
import { durableCounters, gateOf, type ShopGateStub } from "./store/durable-counters.ts";
import { gatheringMirror } from "./store/gathering-mirror.ts";
import { createMirror, noMirror } from "./store/redis-mirror.ts";
import { alertServices } from "./wiring/alerts.ts";
import { breakerServices } from "./wiring/breakers.ts";
import { channelServices } from "./wiring/channel-services.ts";
import { channelDocumentServices } from "./wiring/channel-sync.ts";
import { channelTakingDeps } from "./wiring/channel-taking.ts";
import { configOf } from "./wiring/configuration.ts";
import { counterSettingsOf } from "./wiring/counter-settings.ts";
import { deadLetterServices, deadLettersOf } from "./wiring/dead-letters.ts";
import { fulfilmentDeps } from "./wiring/fulfilment.ts";
import { journalOf, journalServices } from "./wiring/journal.ts";
import { listingServices } from "./wiring/listings.ts";
import { notificationServices } from "./wiring/notification-services.ts";
import { isOurGate, isOurShop, knownGates, ourGates, webhookSecretsOf } from "./wiring/our-shops.ts";
import { oversellsOf } from "./wiring/oversells.ts";
import { policyServices } from "./wiring/policy.ts";
import { sendingAgain } from "./wiring/queues.ts";
import { reconcileDeps, reconciliations } from "./wiring/reconcile.ts";
import { behindBreaker } from "./wiring/redis-breaker.ts";
import { replicaServices } from "./wiring/replicas.ts";
import { type IsolateBundles, isolateBundles, reservationServices } from "./wiring/reservations.ts";
import { sentryTargetOf } from "./wiring/sentry.ts";
import { settleDeps } from "./wiring/settle.ts";
import { shopNewsDeps, shopServices } from "./wiring/shops.ts";
import { stockServices } from "./wiring/stock.ts";
import { stocktakeServices } from "./wiring/stocktake.ts";
import { meterOf, metricsNow } from "./wiring/telemetry.ts";

/** What outlives an invocation within an isolate. Nothing in it decides anything. */
type Isolate = {
  readonly catalogue: Catalogue;
  readonly bundles: IsolateBundles;
  readonly mirror: Mirror;
  readonly eventShards: readonly Queue[];
  readonly closedLocations: () => Promise<ReadonlySet<LocationId>>;
};

const isolates = new WeakMap<object, Isolate>();

function isolateOf(env: Env): Isolate {
  const known = isolates.get(env);
  if (known !== undefined) return known;
  const config = configOf(env);
  const ttlMs = config.timing.catalogueTtlMs ?? LIMITS.catalogueTtlMs;
  const cache = newCatalogueCache(ttlMs, LIMITS.catalogueEntriesMax);
  const isolate = {
    catalogue: d1Catalogue(env.DB, cache, LIMITS.catalogueMsMax, nowMs),
    bundles: isolateBundles(env.DB, nowMs),
    mirror: newMirror(config, env),
    eventShards: eventShards(env),
    closedLocations: d1ClosedLocations(env.DB, { ttlMs, timeoutMs: LIMITS.catalogueMsMax }, nowMs),
  };
  isolates.set(env, isolate);
  return isolate;
}

function newMirror({ redis, timing }: Config, env: Env): Mirror {
  if (redis === null) return noMirror();
  const meter = meterOf(env);
  const mirror = createMirror({
    ...redis,
    random: Math.random,
    ttlSecondsMin: timing.mirrorTtlSecondsMin ?? LIMITS.mirrorTtlSecondsMin,
    ttlSecondsMax: timing.mirrorTtlSecondsMax ?? LIMITS.mirrorTtlSecondsMax,
    versionTtlSeconds: LIMITS.mirrorVersionTtlSeconds,
    invalidateTimeoutMs: LIMITS.invalidateMsMax,
    onFault({ operation, reason, code }) {
      meter.count("onhand_mirror_fault_total", { operation, reason });
      consoleLog("warn", "mirror.fault", { outcome: operation, reason, code: code ?? "none" });
    },
  });
  const policy = { serveMsMax: LIMITS.invalidateMsMax, skusMax: LIMITS.invalidateSkusMax };
  return countingMirror(
    gatheringMirror(behindBreaker(env, mirror), policy, { nowMs, wait: (ms) => scheduler.wait(ms) }),
    meter,
  );
}

const log: Log = consoleLog;
const nowMs = (): number => Date.now();
const newId = (): string => crypto.randomUUID();

export const mirrorOf = (env: Env): Mirror => isolateOf(env).mirror;
export const countersOf = (env: Env): Counters => durableCounters(env.SKU_COUNTER);
export const closedLocationsOf = (env: Env) => isolateOf(env).closedLocations;
export const catalogueOf = (env: Env): Catalogue => isolateOf(env).catalogue;

export const errorReporterOf = (env: Env, ctx: Pick<ExecutionContext, "waitUntil">): ReportError =>
  errorReporter(sentryTargetOf(configOf(env), env), ctx);

export const counterSettings = (env: Env): CounterSettings => counterSettingsOf(configOf(env).timing);

export function webhookDeps(env: Env, ctx: ExecutionContext, correlationId: CorrelationId): ShopifyWebhookDeps {
  const { eventShards: shards } = isolateOf(env);
  return {
    correlationId,
    secretsOf: (shop) => webhookSecretsOf(env, shop),
    bodyBytesMax: LIMITS.webhookBytesMax,
    unreadableTextMax: LIMITS.unreadableTextMax,
    isOldNews: (shop, event) => isOldProductNews(shop, event, catalogueOf(env)),
    enqueue: (envelope) => sendEvent(shards, envelope),
    deadLetter: (letter) => deadLettersOf(env).put([letter], nowMs()),
    invalidate: (envelope) => ctx.waitUntil(invalidate(env, envelope)),
    journal: (entry) => ctx.waitUntil(journalOf(env).gather([entry])),
    log,
    meter: meterOf(env),
    nowMs,
  };
}

async function invalidate(env: Env, { channel, data }: ShopEnvelope): Promise<void> {
  if (configOf(env).redis === null) return;
  try {
    const deps = { catalogue: catalogueOf(env), mirror: mirrorOf(env), msMax: LIMITS.invalidateMsMax, nowMs };
    const outcome = await forgetMirrored(channel.shop, data, deps);
    if (outcome === "late") log("warn", "mirror.not_invalidated", { shop: channel.shop, reason: "late" });
  } catch (error) {
    log("warn", "mirror.not_invalidated", { shop: channel.shop, reason: reasonOf(error) });
  }
}

/** Settled beside the answer; a mirror that is away heals by its TTL. */
const mirrorBeside =
  (env: Env, ctx: ExecutionContext) =>
  (views: readonly LevelsView[]): Promise<MirrorWrite> => {
    const written = mirrorOf(env).write(views);
    ctx.waitUntil(written);
    return written;
  };

export function eventConsumerDeps(env: Env, ctx: ExecutionContext): ConsumeEventsDeps {
  const [closed, bundles] = [closedLocationsOf(env), isolateOf(env).bundles.catalogue];
  const counters = avoidingClosed(countersOf(env), closed);
  const parts = { catalogue: catalogueOf(env), counters, mirror: mirrorBeside(env, ctx) };
  const channels = channelTakingDeps(env, { ...parts, bundles, closed, nowMs });
  return {
    ...parts,
    channels,
    ...shopNewsDeps(env, { ...parts, log, nowMs, newId }),
    ...fulfilmentDeps(env, parts),
    callsMax: LIMITS.counterCallsPerBatchMax,
    callMsMax: LIMITS.counterCallMsMax,
    ...settleDeps(env, ctx),
    sendAgain: sendingAgain(env),
  };
}

export function syncConsumerDeps(env: Env, ctx: ExecutionContext): ConsumeShopifySyncDeps {
  return {
    counters: countersOf(env),
    gateOf: (shop) => gateOf(env.SHOP_GATE, shop),
    ...settleDeps(env, ctx),
  };
}

export const deadLetterConsumerDeps = (env: Env): ConsumeDeadLettersDeps => ({
  store: deadLettersOf(env),
  reasons: d1LastReasons(env.DB),
  journal: (entries) => journalOf(env).leave(entries),
  log,
  nowMs,
  random: Math.random,
});

export const reconcileDepsOf = (env: Env) =>
  reconcileDeps({
    db: env.DB,
    config: configOf(env),
    catalogue: catalogueOf(env),
    counters: { of: (skuId) => reaching("counter", countersOf(env).of(skuId)) },
    gate: (shop) => reaching("gate", gateOf(env.SHOP_GATE, shop)),
    send: (envelope) => reach("queue", () => sendEvent(eventShards(env), envelope)),
  });

/** Every metric, as it is now. Never rejects. */
export const metricsOf = async (env: Env) => metricsNow(env, (await knownGates(env)).shops);

/** What the API may do. */
export type Services = ReturnType<typeof servicesOf>;

export function servicesOf(env: Env, ctx: ExecutionContext) {
  const mirror = mirrorBeside(env, ctx);
  const catalogue = catalogueOf(env);
  const touched = new Set<SkuId>();
  const reached: Counters = {
    of(skuId) {
      touched.add(skuId);
      return reaching("counter", countersOf(env).of(skuId));
    },
  };
  const counters = avoidingClosed(reached, closedLocationsOf(env));
  const gate = (shop: ShopDomain): ShopGateStub => reaching("gate", gateOf(env.SHOP_GATE, shop));
  // Made when it is asked for: most requests read levels.
  const reconciling = () => reconciliations(reconcileDepsOf(env), ctx, mirror);
  const patient = (shop: ShopDomain): GraphqlGate => patientGate(gate(shop), (ms) => scheduler.wait(ms));
  const readLevels = (skus: readonly Sku[]) => readLevelsNow(env, skus, mirror);
  return {
    ...deadLetterServices(env, ctx),
    /** Counters that were asked for this request. */
    touched,
    ...journalServices(env, ctx, {
      catalogue,
      counters: countersOf(env),
      shops: async () => (await knownGates(env)).shops,
      nowMs,
    }),
    gate,
    ourGates: () => ourGates(env),
    knownGates: () => knownGates(env),
    breakers: breakerServices(env, async () => (await knownGates(env)).shops, gate),
    isOurShop: (shop: ShopDomain): Promise<boolean> => isOurShop(env, shop),
    isOurGate: (gate: ShopDomain): Promise<boolean> => isOurGate(env, gate),
    oversells: reaching("oversells", oversellsOf(env)),
    readLevels,
    ...reservationServices(env, {
      ...{ catalogue, bundles: isolateOf(env).bundles, counters, readLevels, closed: closedLocationsOf(env) },
      ...{ mirror, nowMs },
    }),
    write: (sku: Sku, events: readonly CounterEvent[], options: ApplyOptions) =>
      writeCounter(sku, events, options, { catalogue, counters, mirror }),
    ...policyServices(env, { catalogue, counters }),
    ...stockServices(env, { catalogue, counters, mirror }),
    ...listingServices(env, { catalogue, counters, mirror, patient }),
    ...stocktakeServices(env, { catalogue, counters, readLevels, mirror, nowMs, newId }),
    levelsAt: (sku: Sku, atMs: number) => readLevelsAt(sku, atMs, { catalogue, counters }),
    movements: (sku: Sku, page: Parameters<typeof listMovements>[1]) =>
      listMovements(sku, page, { catalogue, counters }),
    ...shopServices(env, gate, { catalogue, counters, mirror, log, nowMs, newId }),
    release: (shop: ShopDomain, item: InventoryItemId, sku: Sku, correlationId: CorrelationId, dryRun: boolean) =>
      releaseListing(
        shop,
        item,
        sku,
        correlationId,
        {
          store: reaching("catalogue", d1Releases(env.DB)),
          counters,
          mirror,
        },
        { dryRun },
      ),
    listWebhooks: (shop: ShopDomain) => shopifySubscriptions(patient(shop)).list(),
    async syncWebhooks(shop: ShopDomain, uri: string, replace: boolean) {
      const synced = await syncWebhooks(uri, replace, shopifySubscriptions(patient(shop)));
      if (synced.kind === "ok") await reconciling().noteCallback(shop, uri);
      return synced;
    },
    get reconciliations() {
      return reconciling();
    },
    ready: () => ready(env),
    /** Of this isolate; null: there is no Redis. */
    redisBreaker: () => mirrorOf(env).breaker?.().state ?? null,
    metrics: () => metricsOf(env),
    alerts: alertServices(env, configOf(env)),
    notifications: notificationServices(env, ctx),
    environmentShops: configOf(env).shops,
    channelDocuments: channelDocumentServices(env, counters),
    channels: channelServices(env, ctx, gate),
    replicas: replicaServices(env, gate, { catalogue, counters, mirror, log, nowMs, newId }),
  };
}

async function readLevelsNow(env: Env, skus: readonly Sku[], refill: (views: readonly LevelsView[]) => void) {
  const [catalogue, counters] = [catalogueOf(env), countersOf(env)];
  const callsMax = LIMITS.counterCallsMax;
  const answers = await readLevels(skus, { mirror: mirrorOf(env), catalogue, counters, refill, callsMax });
  for (const [sku, answer] of answers)
    if (answer.kind === "unavailable") log("warn", "levels.not_read", { sku, reason: answer.reason });
  return answers;
}

/** A counter that nobody connects: asking it makes its empty tables once, and nothing more. */
const PROBE = "readiness-probe";

const ready = (env: Env): Promise<Readiness> =>
  checkReadiness({
    mirror: mirrorOf(env),
    database: () => env.DB.prepare("SELECT 1 FROM skus LIMIT 1").all(),
    counter: () => countersOf(env).of(fromStore<SkuId>(PROBE)).levels(),
    msMax: LIMITS.readinessMsMax,
    log,
  });
