/** Where an isolate gathers its numbers, and who knows the others. Nothing here decides anything: a lost isolate loses a second of them. */
import { LIMITS } from "../config.ts";
import type { ShopDomain } from "../domain/ids.ts";
import type { Meter } from "../domain/telemetry/meter.ts";
import type { MetricFamily } from "../domain/telemetry/metric-family.ts";
import { newTally, type Tally } from "../domain/telemetry/tally.ts";
import { consoleLog as log } from "../observability/log.ts";
import { QUEUES } from "../queues/queue-table.ts";
import { eventShards } from "../queues/send-event.ts";
import { queueSource } from "../services/telemetry/queue-source.ts";
import { type MetricSource, readMetrics } from "../services/telemetry/read-metrics.ts";
import { gateSource, mismatchSource, oversellSource } from "../services/telemetry/sources.ts";
import { d1ReconciliationRuns } from "../store/d1-reconciliation-runs.ts";
import { gateOf } from "../store/durable-counters.ts";
import { oversellsOf } from "./oversells.ts";

const tallies = new WeakMap<object, Tally>();

export function tallyOf(env: object): Tally {
  const known = tallies.get(env) ?? newTally();
  tallies.set(env, known);
  return known;
}

export const meterOf = (env: object): Meter => tallyOf(env);

/** Every metric, as it is now. Never rejects; takes LIMITS.metricSourceMsMax at the longest. */
export const metricsNow = (env: Env, shops: ReadonlySet<ShopDomain>): Promise<readonly MetricFamily[]> =>
  readMetrics({ sources: sourcesOf(env, shops), msMax: LIMITS.metricSourceMsMax, log });

function sourcesOf(env: Env, shops: ReadonlySet<ShopDomain>): readonly MetricSource[] {
  return [
    oversellSource(oversellsOf(env)),
    mismatchSource(shops, d1ReconciliationRuns(env.DB)),
    ...queuesOf(env).map(([queue, binding]) => queueSource(queue, binding, () => Date.now())),
    ...Array.from(shops, (shop) => gateSource(shop, () => gateOf(env.SHOP_GATE, shop).status())),
  ];
}

/** Every queue of the table, shards of the event queue included, with its producer binding. */
function queuesOf(env: Env): readonly (readonly [string, Queue])[] {
  const [, ...shards] = eventShards(env);
  return [
    ...QUEUES.map(({ queue, binding }) => [queue, env[binding]] as const),
    ...shards.map((shard, i) => [`onhand-events-${i + 1}`, shard] as const),
  ];
}
