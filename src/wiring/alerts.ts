/** Alerts, joined: evaluated each minute, queued, told, and asked for. */
import { alertSentry } from "../channels/alerts/alert-sentry.ts";
import { alertWebhook } from "../channels/alerts/alert-webhook.ts";
import { type Config, LIMITS } from "../config.ts";
import type { AlertName } from "../domain/alerts/alert-table.ts";
import { afterFailure, afterSuccess, type Blindness } from "../domain/alerts/blind.ts";
import { type AlertChange, NOT_EVALUATED } from "../domain/alerts/evaluate.ts";
import { type DestinationName, destinationOfWebhook, type ShopDomain } from "../domain/ids.ts";
import { consoleLog as log, reasonOf } from "../observability/log.ts";
import type { AlertNotice } from "../queues/alert-notice.ts";
import { QUEUES } from "../queues/queue-table.ts";
import type { AlertStore } from "../services/alerts/alert-store.ts";
import { type EvaluateAlertsDeps, evaluateAlerts } from "../services/alerts/evaluate-alerts.ts";
import {
  type By,
  listAlerts,
  overrideThreshold,
  resetThreshold,
  type ThresholdGiven,
} from "../services/alerts/list-alerts.ts";
import { type AlertDestination, type TellOutcome, type Told, tellAlert } from "../services/alerts/tell-alert.ts";
import { reaching } from "../services/unavailable.ts";
import { inTime, withDeadline } from "../services/with-deadline.ts";
import { d1Alerts } from "../store/d1-alerts.ts";
import { gateOf } from "../store/durable-counters.ts";
import { callDestination } from "./breakers.ts";
import { notifyAlert } from "./notifier.ts";
import { knownGates } from "./our-shops.ts";
import { postLimits } from "./post-limits.ts";
import { sentryTargetOf } from "./sentry.ts";
import { meterOf, metricsNow } from "./telemetry.ts";

export const alertsOf = (env: Env): AlertStore => d1Alerts(env.DB);

const minuteMsOf = ({ timing }: Config): number => timing.alertMinuteMs ?? LIMITS.alertMinuteMs;

/** Of this isolate's own tries; another one's it does not know. */
const blind = new WeakMap<object, Blindness>();

/** Never rejects, and takes LIMITS.alertsMsMax at the longest. */
export async function runAlerts(env: Env, config: Config, atMs: number): Promise<void> {
  const before = blind.get(env) ?? null;
  const deps = evaluateDeps(env, config, (await knownGates(env)).shops);
  try {
    await inTime(LIMITS.alertsMsMax, () => evaluateAlerts(deps, atMs, afterSuccess(before, atMs)));
    blind.delete(env);
  } catch (error) {
    log("error", "alerts.not_evaluated", { reason: reasonOf(error) });
    const { blindness, fired } = afterFailure(before, atMs);
    blind.set(env, blindness);
    if (fired !== null && !(await tellBlind(fired, deps))) blind.set(env, { ...blindness, isTold: false });
  }
}

/** The queue may be away, too: then the next failure tries to tell, and nobody hears of an end without a beginning. */
async function tellBlind(fired: AlertChange, { send }: EvaluateAlertsDeps): Promise<boolean> {
  try {
    await inTime(LIMITS.metricSourceMsMax, () => send([fired]));
    return true;
  } catch (error) {
    log("error", "alerts.not_told", { reason: reasonOf(error) });
    return false;
  }
}

const evaluateDeps = (env: Env, config: Config, shops: ReadonlySet<ShopDomain>): EvaluateAlertsDeps => ({
  store: alertsOf(env),
  metrics: () => metricsNow(env, shops),
  gateStatus: (shop) => gateOf(env.SHOP_GATE, shop).status(),
  send: async (changes) => {
    await env.NOTIFICATIONS.sendBatch(changes.map((change) => ({ body: noticeOf(change) })));
  },
  shops: [...shops],
  queues: QUEUES.map(({ queue }) => queue),
  minuteMs: minuteMsOf(config),
  sourceMsMax: LIMITS.metricSourceMsMax,
  log,
  newId: () => crypto.randomUUID(),
});

/** The notice's id is that of the alert while it fires; with the change it is the change's own. */
function noticeOf({ id: _, ...change }: AlertChange): AlertNotice {
  return { v: 1, kind: "alert", id: `${change.alert}/${change.subject}/${change.sinceMs}`, ...change };
}

function toldOf({ v: _v, kind: _kind, id, ...notice }: AlertNotice): Told {
  return { id: `${id}/${notice.change === "recovered" ? notice.change : notice.severity}`, ...notice };
}

/** News of this queue's own trouble is told as far as may be, and once: retried, it would be the trouble it tells of. */
const OWN_QUEUE = "onhand-notifications";

/** `failed`: the queue tries again, for those who were not told. */
export const takeAlert =
  (env: Env, config: Config, ctx: Pick<ExecutionContext, "waitUntil">) =>
  async (notice: AlertNotice): Promise<TellOutcome> => {
    const outcome = await tellAlert(toldOf(notice), {
      destinations: destinationsOf(env, config, ctx),
      store: alertsOf(env),
      ageMsMax: LIMITS.alertAgeMsMax,
      meter: meterOf(env),
      log,
      nowMs: () => Date.now(),
    });
    return notice.subject === OWN_QUEUE ? { kind: "told" } : outcome;
  };

function destinationsOf(
  env: Env,
  config: Config,
  ctx: Pick<ExecutionContext, "waitUntil">,
): readonly AlertDestination[] {
  const { alertWebhook: webhook } = config;
  const sentry = sentryTargetOf(config, env);
  return [
    logDestination(env),
    notificationsDestination(env),
    ...(webhook === null
      ? []
      : [
          alertWebhook({
            ...webhook,
            limits: postLimits(LIMITS.alertWebhookMsMax),
            nowMs: () => Date.now(),
            through: (call) => callDestination(env, ctx, hostOf(webhook.url), call),
          }),
        ]),
    ...(sentry === null ? [] : [alertSentry({ target: sentry, send: sendInTime })]),
  ];
}

const hostOf = (url: string): DestinationName => destinationOfWebhook(new URL(url).host);

const sendInTime = (url: string, init: RequestInit): Promise<Response> =>
  withDeadline(LIMITS.alertWebhookMsMax, (signal) => fetch(url, { ...init, signal }));

/** Whoever has set up destinations of notifications hears of it by them. */
const notificationsDestination = (env: Env): AlertDestination => ({
  name: "notifications",
  async tell(change) {
    try {
      await notifyAlert(env, change);
    } catch (error) {
      // Told because the database is away, which keeps the list of destinations: its end will reach them.
      if (change.alert !== NOT_EVALUATED) throw error;
    }
    return { kind: "told" };
  },
});

const logDestination = (env: Env): AlertDestination => ({
  name: "log",
  async tell({ alert, subject, change, severity, text }) {
    meterOf(env).count("onhand_alert_changed_total", { alert, state: change });
    const level = change === "recovered" ? "info" : severity === "critical" ? "error" : "warn";
    log(level, "alert.changed", { outcome: change, code: severity, eventId: `${alert}/${subject}`, reason: text });
    return { kind: "told" };
  },
});

/** What the API may do. */
export function alertServices(env: Env, config: Config) {
  const store = reaching("alerts", alertsOf(env));
  const destinations = [
    "log",
    ...(config.alertWebhook === null ? [] : ["webhook"]),
    ...(config.sentryDsn === null ? [] : ["sentry"]),
  ];
  return {
    list: () =>
      listAlerts({
        store,
        ...{ nowMs: Date.now(), minuteMs: minuteMsOf(config), changesMax: LIMITS.alertChangesShown },
        destinations,
      }),
    override: (given: ThresholdGiven, by: Omit<By, "atMs">) =>
      overrideThreshold(given, { ...by, atMs: Date.now() }, store),
    reset: (alert: AlertName, by: Omit<By, "atMs">) => resetThreshold(alert, { ...by, atMs: Date.now() }, store),
  };
}
