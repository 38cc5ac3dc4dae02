/**
 * One evaluation of the alerts: read what is to be read, decide, remember, and queue what changed. It may be cut off
 * anywhere: what was decided and not queued is queued by the next one, under the same ids.
 */
import { ALERTS, effectiveAlerts } from "../../domain/alerts/alert-table.ts";
import { type AlertChange, evaluate } from "../../domain/alerts/evaluate.ts";
import { readingsOf, type ShopFacts, topicsOf } from "../../domain/alerts/readings.ts";
import { sampleOf, withSample } from "../../domain/alerts/sample.ts";
import type { ShopDomain } from "../../domain/ids.ts";
import type { MetricFamily } from "../../domain/telemetry/metric-family.ts";
import { type Log, reasonOf } from "../../observability/log.ts";
import type { GateStatus } from "../gate-contract.ts";
import { inTime } from "../with-deadline.ts";
import type { AlertMemory, AlertStore } from "./alert-store.ts";

export interface EvaluateAlertsDeps {
  readonly store: AlertStore;
  /** Never rejects: what is away is left out. */
  metrics(): Promise<readonly MetricFamily[]>;
  gateStatus(shop: ShopDomain): Promise<GateStatus>;
  /** To the notification queue. */
  send(changes: readonly AlertChange[]): Promise<void>;
  readonly shops: readonly ShopDomain[];
  readonly queues: readonly string[];
  /** Length of a minute of the alerts' clock. */
  readonly minuteMs: number;
  /** What has not told its part by then is unknown this time. */
  readonly sourceMsMax: number;
  readonly log: Log;
  newId(): string;
}

const MINUTES_OF_FACTS = 60;
/** As the counters' windows need. */
const WINDOW_MINUTES = Math.max(
  ...ALERTS.filter(({ name }) => ["dead_letter_growth", "sync_latency", "rate_limited"].includes(name)).map(
    ({ windowMinutes }) => windowMinutes ?? 0,
  ),
);
/** A queue takes 100 messages at once; what is left over is queued with the next minute. */
const SEND_MAX = 100;

/**
 * @param blindness  that evaluations before this one failed: fired, told already; and recovered
 * @returns what changed; null: another evaluation was first
 */
export async function evaluateAlerts(
  deps: EvaluateAlertsDeps,
  nowMs: number,
  blindness: readonly AlertChange[] = [],
): Promise<readonly AlertChange[] | null> {
  const { store, minuteMs } = deps;
  const before = await inTime(deps.sourceMsMax, () => store.memory());
  if (before !== null && nowMs <= before.evaluatedAtMs) return null; // a cron that was held up
  const [overrides, families, shops] = await Promise.all([
    store.overrides(),
    deps.metrics(),
    Promise.all(deps.shops.map((shop) => factsOf(shop, nowMs, deps))),
  ]);
  const samples = withSample(before?.samples ?? [], sampleOf(families, nowMs), WINDOW_MINUTES * minuteMs);
  const topics = topicsOf(before?.topics ?? [], families, minuteMs);
  const readings = readingsOf({ families, shops, samples, topics, queues: deps.queues, nowMs, minuteMs });
  const { states, changes } = evaluate({
    ...{ alerts: effectiveAlerts(overrides), states: before?.states ?? [], readings, nowMs, minuteMs },
    evaluatedAtMs: before?.evaluatedAtMs ?? null,
  });
  const next: AlertMemory = { evaluatedAtMs: nowMs, samples, topics, states };
  const all = [...blindness, ...changes];
  if (!(await store.commit(before?.evaluatedAtMs ?? null, next, all, deps.newId()))) return null;
  const told = blindness.filter(({ change }) => change === "fired").map(({ id }) => id);
  if (told.length > 0) await store.noteQueued(told, nowMs);
  await queueChanges(deps, nowMs);
  return all;
}

async function queueChanges({ store, send }: EvaluateAlertsDeps, nowMs: number): Promise<void> {
  const changes = await store.unqueued(SEND_MAX);
  if (changes.length === 0) return;
  await send(changes);
  await store.noteQueued(
    changes.map(({ id }) => id),
    nowMs,
  );
}

async function factsOf(shop: ShopDomain, nowMs: number, deps: EvaluateAlertsDeps): Promise<ShopFacts> {
  const [status, reconciled] = await Promise.all([
    orNull(`gate of ${shop}`, deps, () => deps.gateStatus(shop)),
    orNull(`reconciliations of ${shop}`, deps, () =>
      deps.store.reconciled(shop, nowMs - MINUTES_OF_FACTS * deps.minuteMs),
    ),
  ]);
  return {
    shop,
    pausedReason: status === null ? null : (status.pausedReason ?? ""),
    pushesWaiting: status === null ? null : status.queued + status.sending,
    subscriptions: reconciled?.subscriptions ?? null,
    compared: reconciled?.compared ?? null,
  };
}

async function orNull<Value>(
  source: string,
  { sourceMsMax, log }: Pick<EvaluateAlertsDeps, "sourceMsMax" | "log">,
  read: () => Promise<Value>,
): Promise<Value | null> {
  try {
    return await inTime(sourceMsMax, read);
  } catch (error) {
    log("warn", "alerts.source_failed", { code: source, reason: reasonOf(error) });
    return null;
  }
}
