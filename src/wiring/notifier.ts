/** Notifications, joined: taken in, told to destinations, and told again by the minute. */
import { type SendDeps, sendNotification } from "../channels/notifications/send-notification.ts";
import { LIMITS } from "../config.ts";
import { WATCH_WINDOWS } from "../domain/counter/stock-watch.ts";
import { destinationOfNotify } from "../domain/ids.ts";
import type { AttemptResult, RetryPolicy } from "../domain/notification/after-attempt.ts";
import type { NotifyDestination } from "../domain/notification/destination.ts";
import { newsOfAlert } from "../domain/notification/from-alert.ts";
import { newsOfBreaker } from "../domain/notification/from-breaker.ts";
import type { Notifier } from "../domain/notification/notification.ts";
import { parseOutboundUrl } from "../domain/outbound-url.ts";
import { consoleLog as log, reasonOf } from "../observability/log.ts";
import type { BreakerNotice } from "../queues/breaker-notice.ts";
import type { DeliverNotice } from "../queues/deliver-notice.ts";
import type { OversellNotice } from "../queues/oversell-notice.ts";
import type { OversoldCheck } from "../queues/oversold-check.ts";
import { sendBatches } from "../queues/send-batches.ts";
import type { Told } from "../services/alerts/tell-alert.ts";
import { deliver, type Message } from "../services/notifications/deliver.ts";
import { checkOversell, type OversellNewsDeps, tellOversell } from "../services/notifications/oversell-news.ts";
import { notifier } from "../services/notifications/publish.ts";
import { tellStops } from "../services/notifications/tell-stops.ts";
import { d1Notifications } from "../store/d1-notifications.ts";
import { d1NotifyDestinations } from "../store/d1-notify-destinations.ts";
import { d1Oversells } from "../store/d1-oversells.ts";
import { d1UntoldStops } from "../store/d1-untold-stops.ts";
import { callDestination } from "./breakers.ts";
import { secretBoxOf } from "./channels.ts";
import { configOf } from "./configuration.ts";
import { postLimits } from "./post-limits.ts";
import { meterOf } from "./telemetry.ts";

type Ctx = Pick<ExecutionContext, "waitUntil">;

const nowMs = (): number => Date.now();

export const RETRY_POLICY: RetryPolicy = {
  pausesMs: LIMITS.notifyPausesMs,
  unknownWaitMs: LIMITS.notifyUnknownWaitMs,
  disableAfterMs: LIMITS.notifyDisableAfterMs,
  disableAfterFailures: LIMITS.notifyDisableAfterFailures,
};

/** Where news is handed in. */
export const notifierOf = (env: Env): Notifier =>
  notifier({
    store: d1Notifications(env.DB),
    destinations: () => d1NotifyDestinations(env.DB).list(),
    queue: (ids) => queueDeliveries(env, ids),
    queuedMs: LIMITS.notifyQueuedMs,
    log,
    meter: meterOf(env),
    nowMs,
  });

const noticeOf = (deliveryId: string): DeliverNotice => ({ v: 1, kind: "deliver", deliveryId });

const queueDeliveries = (env: Env, ids: readonly string[]): Promise<void> =>
  sendBatches(env.NOTIFICATIONS, ids.map(noticeOf));

/** Best effort: its row says that it waits, and the minute finds it. */
export async function queueDelivery(env: Env, id: string): Promise<void> {
  try {
    await queueDeliveries(env, [id]);
  } catch (error) {
    log("warn", "notification.not_queued", { counts: { deliveries: 1 }, reason: reasonOf(error) });
  }
}

/** Never rejects: what was not told is told by the minute, because its row says so. */
export async function takeDelivery(env: Env, ctx: Ctx, { deliveryId }: DeliverNotice): Promise<void> {
  try {
    await deliver(deliveryId, {
      store: d1Notifications(env.DB),
      send: (destination, message) => sendTo(env, ctx, destination, message),
      queueAgain: async (id, delaySeconds) => {
        await env.NOTIFICATIONS.send(noticeOf(id), { delaySeconds });
      },
      notifier: notifierOf(env),
      policy: RETRY_POLICY,
      queuePauseMsMax: LIMITS.retryDelaySecondsMax * 1_000,
      queuedMs: LIMITS.notifyQueuedMs,
      log,
      meter: meterOf(env),
      nowMs,
      random: Math.random,
    });
  } catch (error) {
    log("warn", "notification.not_tried", { eventId: deliveryId, reason: reasonOf(error) });
  }
}

export const sendTo = (env: Env, ctx: Ctx, destination: NotifyDestination, message: Message): Promise<AttemptResult> =>
  sendNotification(destination, message, sendDeps(env, ctx));

export function sendDeps(env: Env, ctx: Ctx): SendDeps {
  const { environment, notificationsFrom } = configOf(env);
  return {
    secrets: (id, name) => openSecrets(env, id, name),
    refusalOf(url) {
      const parsed = parseOutboundUrl(url, { isDevelopment: environment === "development" });
      return parsed.ok ? null : `its address ${parsed.error.message}`;
    },
    through: ({ id }, call) => callDestination(env, ctx, destinationOfNotify(id), call),
    email: mailerOf(env, notificationsFrom),
    limits: postLimits(LIMITS.channelCallMsMax),
    nowMs,
  };
}

function mailerOf(env: Env, from: string | null): SendDeps["email"] {
  if (from === null) return { missing: "this deployment has no sender's address: set NOTIFICATIONS_FROM" };
  const binding: Partial<Pick<Env, "EMAIL">> = env;
  const email = binding.EMAIL;
  if (email === undefined) return { missing: "this deployment has no binding EMAIL (wrangler.toml, send_email)" };
  return { from, send: (mail) => email.send({ ...mail, headers: { ...mail.headers } }) };
}

async function openSecrets(env: Env, id: string, name: string): Promise<readonly string[]> {
  const box = secretBoxOf(env);
  if (box === null) return [];
  const sealed = await d1NotifyDestinations(env.DB).secrets(id, name, nowMs());
  const opened = await Promise.all(sealed.map((each) => box.open(ownerOf(id), name, each)));
  return opened.flatMap((each) => (each === null ? [] : [each.secret]));
}

/** Under which name its secrets are sealed: no channel's. */
export const ownerOf = (id: string) => `notify/${id}`;

/** Each minute: stops that nobody was told of, digests that are due, and deliveries whose pause is over or whose message was lost. */
export async function tendNotifications(env: Env): Promise<void> {
  const store = d1Notifications(env.DB);
  try {
    const stops = d1UntoldStops(env.DB);
    await tellStops({ stops, notifier: notifierOf(env), ageMsMax: LIMITS.notifyStopAgeMsMax }, nowMs());
    await store.formDigests(LIMITS.notifyDigestItemsMax, () => crypto.randomUUID(), nowMs());
    const due = await store.takeDue(LIMITS.notifyDuePerMinute, nowMs() + LIMITS.notifyQueuedMs, nowMs());
    if (due.length > 0) await queueDeliveries(env, due);
  } catch (error) {
    log("warn", "notifications.not_tended", { reason: reasonOf(error) }); // the next minute does
  }
}

export const pruneNotifications = (env: Env, atMs: number): Promise<void> =>
  d1Notifications(env.DB).prune(atMs - LIMITS.notificationRetentionMs);

/** Rejects when the store is away: the notice comes again, and what was taken is known. */
export async function notifyAlert(env: Env, change: Told): Promise<void> {
  const news = newsOfAlert({ ...change, alert: change.alert });
  if (news !== null) await notifierOf(env).publish([news]);
}

export async function notifyBreaker(env: Env, notice: BreakerNotice): Promise<void> {
  const news = newsOfBreaker(notice.destination, notice);
  if (news !== null) await notifierOf(env).publish([news]);
}

export async function notifyOversells(
  env: Env,
  notices: readonly (OversellNotice & { readonly id: string })[],
): Promise<void> {
  const deps = oversellNewsDeps(env);
  for (const notice of notices) await tellOversell(notice, deps);
}

export const checkOversold = (env: Env, { oversellId }: OversoldCheck): Promise<void> =>
  checkOversell(oversellId, oversellNewsDeps(env));

const oversellNewsDeps = (env: Env): OversellNewsDeps => ({
  oversells: d1Oversells(env.DB),
  notifier: notifierOf(env),
  isTold: async (id) => (await d1Notifications(env.DB).get(id)) !== null,
  async checkLater(oversellId) {
    const delaySeconds = Math.ceil((configOf(env).timing.crossingMs ?? WATCH_WINDOWS.crossingMs) / 1_000);
    const check: OversoldCheck = { v: 1, kind: "oversold_check", oversellId };
    await env.NOTIFICATIONS.send(check, { delaySeconds });
  },
});
