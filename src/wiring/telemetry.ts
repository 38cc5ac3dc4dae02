/** Where an isolate gathers its numbers, and who knows the others. Nothing here decides anything: a lost isolate loses a second of them. */
import { LIMITS } from "../config.ts";
import type { ShopDomain } from "../domain/ids.ts";
import type { DataPoint } from "../domain/telemetry/data-points.ts";
import type { Meter } from "../domain/telemetry/meter.ts";
import type { MetricFamily } from "../domain/telemetry/metric-family.ts";
import { newTally, type Tally } from "../domain/telemetry/tally.ts";
import { consoleLog as log } from "../observability/log.ts";
import { QUEUES } from "../queues/queue-table.ts";
import { eventShards } from "../queues/send-event.ts";
import { alertSource } from "../services/telemetry/alert-source.ts";
import { destinationsSource, redisSource } from "../services/telemetry/breaker-sources.ts";
import { type Flusher, newFlusher } from "../services/telemetry/flusher.ts";
import { queueSource } from "../services/telemetry/queue-source.ts";
import { type MetricSource, readMetrics } from "../services/telemetry/read-metrics.ts";
import { recordedSource } from "../services/telemetry/recorded-source.ts";
import { deadLetterSource, gateSource, mismatchSource, oversellSource } from "../services/telemetry/sources.ts";
import { inTime } from "../services/with-deadline.ts";
import { d1Alerts } from "../store/d1-alerts.ts";
import { d1DeadLetterCounts } from "../store/d1-dead-letter-counts.ts";
import { d1Destinations } from "../store/d1-destinations.ts";
import { d1ReconciliationRuns } from "../store/d1-reconciliation-runs.ts";
import { gateOf } from "../store/durable-counters.ts";
import { destinationOf } from "../store/durable-destinations.ts";
import { telemetryShard } from "../store/durable-telemetry.ts";
import { oversellsOf } from "./oversells.ts";
import { redisBreakers } from "./redis-breaker-states.ts";

type Isolate = { readonly tally: Tally; readonly flusher: Flusher };

const isolates = new WeakMap<object, Isolate>();

function isolateOf(env: object): Isolate {
  const known = isolates.get(env);
  if (known !== undefined) return known;
  const isolate = (env as Partial<Env>).TELEMETRY === undefined ? SILENT : newIsolate(env as Env);
  isolates.set(env, isolate);
  return isolate;
}

function newIsolate(env: Env): Isolate {
  const tally = newTally();
  return {
    tally,
    flusher: newFlusher({
      ...FLUSHING,
      send: (flush) => telemetryShard(env.TELEMETRY, shardOf(flush.id)).add(flush),
      tally,
      log,
    }),
  };
}

/** Without objects to tell nobody counts: what is compared to it is the whole of telemetry. */
const SILENT: Isolate = {
  tally: { count() {}, observe() {}, isEmpty: true, take: () => ({ counters: [], histograms: [] }) },
  flusher: { async flush() {}, async flushSoon() {} },
};

export const meterOf = (env: object): Meter => isolateOf(env).tally;

/** For an object: what it counts is told within a second, by its own turn or by whoever shares its isolate. */
export function objectMeter(env: Env, ctx: Pick<DurableObjectState, "waitUntil">): Meter {
  const { tally, flusher } = isolateOf(env);
  return {
    count(name, labels, by) {
      tally.count(name, labels, by);
      ctx.waitUntil(flusher.flushSoon());
    },
    observe(name, labels, value) {
      tally.observe(name, labels, value);
      ctx.waitUntil(flusher.flushSoon());
    },
  };
}

/** At the end of a batch, a cron's turn: one call. Never rejects. */
export const flushNow = (env: Env): Promise<void> => isolateOf(env).flusher.flush();

/** Beside a request's answer, or an object's turn: at most once a second per isolate. Never rejects. */
export const flushSoon = (env: Env): Promise<void> => isolateOf(env).flusher.flushSoon();

const FLUSHING = {
  policy: {
    seriesMax: LIMITS.telemetryFlushSeriesMax,
    pendingMax: LIMITS.telemetryPendingMax,
    everyMs: LIMITS.telemetryFlushEveryMs,
    sendMsMax: LIMITS.telemetrySendMsMax,
    restMs: LIMITS.telemetryRestMs,
  },
  nowMs: () => Date.now(),
  newId: () => crypto.randomUUID(),
  wait: (ms: number) => scheduler.wait(ms),
};

/** The dataset may be taken out of wrangler.toml: an account may not have Analytics Engine. */
export const analyticsOf = (env: Env) => {
  const dataset = env.METRICS as AnalyticsEngineDataset | undefined;
  return (points: readonly DataPoint[]): void => {
    for (const { indexes, blobs, doubles } of points)
      dataset?.writeDataPoint({ indexes: [...indexes], blobs: [...blobs], doubles: [...doubles] });
  };
};

/** Any of them, but for one flush always the same: a repeat must meet what it repeats. */
const shardOf = (flushId: string): number => Number.parseInt(flushId.slice(0, 8), 16) % LIMITS.telemetryShards;

/** How a shard keeps its sums. */
export const TELEMETRY_BOOK = {
  limits: { flushesMax: LIMITS.telemetryFlushesMax, seriesMax: LIMITS.telemetrySeriesMax },
  writeEveryMs: LIMITS.telemetryWriteEveryMs,
};

/** Every metric, as it is now. Never rejects; takes LIMITS.metricSourceMsMax at the longest. */
export const metricsNow = (env: Env, shops: ReadonlySet<ShopDomain>): Promise<readonly MetricFamily[]> =>
  readMetrics({ sources: sourcesOf(env, shops), msMax: LIMITS.metricSourceMsMax, log });

function sourcesOf(env: Env, shops: ReadonlySet<ShopDomain>): readonly MetricSource[] {
  const shards = Array.from({ length: LIMITS.telemetryShards }, (_, shard) => telemetryShard(env.TELEMETRY, shard));
  const redis = redisBreakers.get(env);
  return [
    ...(redis === undefined ? [] : [redisSource(redis)]),
    recordedSource(shards),
    alertSource(d1Alerts(env.DB)),
    oversellSource(oversellsOf(env)),
    deadLetterSource(DYING, () => d1DeadLetterCounts(env.DB)),
    mismatchSource(shops, d1ReconciliationRuns(env.DB)),
    destinationsSource(
      () => d1Destinations(env.DB).list(),
      (name) => ({
        status: () => inTime(LIMITS.metricSourceMsMax / 2, () => destinationOf(env.DESTINATION, name).status()),
      }),
    ),
    ...queuesOf(env).map(([queue, binding]) => queueSource(queue, binding, () => Date.now())),
    ...Array.from(shops, (shop) => gateSource(shop, () => gateOf(env.SHOP_GATE, shop).status())),
  ];
}

/** Queues whose messages may become dead letters. */
const DYING = QUEUES.flatMap(({ queue, deadLetterQueue }) => (deadLetterQueue === null ? [] : [queue]));

/** Every queue of the table, shards of the event queue included, with its producer binding. */
function queuesOf(env: Env): readonly (readonly [string, Queue])[] {
  const [, ...shards] = eventShards(env);
  return [
    ...QUEUES.map(({ queue, binding }) => [queue, env[binding]] as const),
    ...shards.map((shard, i) => [`onhand-events-${i + 1}`, shard] as const),
  ];
}
