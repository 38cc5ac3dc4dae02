/**
 * One try of one delivery: read, sent, noted. It is noted after it was told, so a crash in between tells it twice, under
 * the same id, by which receivers know what they have had. A delivery that is settled already is passed over.
 */
import { maskReason } from "../../domain/mask-text.ts";
import {
  type AfterAttempt,
  type AttemptResult,
  afterAttempt,
  type RetryPolicy,
} from "../../domain/notification/after-attempt.ts";
import type { NotifyDestination } from "../../domain/notification/destination.ts";
import type { Notification, Notifier } from "../../domain/notification/notification.ts";
import { NOT_CALLED } from "../../domain/reply-beginning.ts";
import type { Meter } from "../../domain/telemetry/meter.ts";
import { type Log, reasonOf } from "../../observability/log.ts";
import { destinationDisabled } from "./destination-disabled.ts";
import type { DeliveryAttempt, NotificationStore, OpenDelivery } from "./notification-store.ts";

export type Message = {
  /** Of the delivery: the receiver's idempotency key. */
  readonly id: string;
  /** One; several are a digest. */
  readonly news: readonly Notification[];
};

export interface DeliverDeps {
  readonly store: Pick<NotificationStore, "open" | "settle">;
  /** In bounded time; may reject: it was not told. */
  send(destination: NotifyDestination, message: Message): Promise<AttemptResult>;
  /** Comes again after so many seconds. Rejects when the queue refuses: the minute finds it. */
  queueAgain(deliveryId: string, delaySeconds: number): Promise<void>;
  readonly notifier: Notifier;
  readonly policy: RetryPolicy;
  /** Longer pauses are the minute's affair. */
  readonly queuePauseMsMax: number;
  readonly queuedMs: number;
  readonly log: Log;
  readonly meter: Meter;
  nowMs(): number;
  random(): number;
}

/** Rejects when the store is away: the message comes again. */
export async function deliver(deliveryId: string, deps: DeliverDeps): Promise<void> {
  const open = await deps.store.open(deliveryId);
  if (open === null || open.delivery.state !== "waiting") return;
  const { delivery, destination, news } = open;
  if (destination.state === "disabled")
    return settle(open, { kind: "gone", reason: "it is disabled", ...NOT_CALLED }, deps);
  if (delivery.dueAtMs > deps.nowMs()) return; // another message, or the minute, brings it when its pause is over
  const result = await trySend(() => deps.send(destination, { id: delivery.id, news }));
  await settle(open, result, deps);
}

/** Never rejects. Its reasons are fit to be kept and shown. */
export async function trySend(send: () => Promise<AttemptResult>): Promise<AttemptResult> {
  try {
    const result = await send();
    return result.kind === "told" ? result : { ...result, reason: maskReason(result.reason) };
  } catch (error) {
    return { kind: "failed", reason: maskReason(reasonOf(error)), retryAfterSeconds: null, ...NOT_CALLED };
  }
}

async function settle(open: OpenDelivery, result: AttemptResult, deps: DeliverDeps): Promise<void> {
  const { delivery, destination } = open;
  const nowMs = deps.nowMs();
  const after = afterAttempt(destination, delivery.attempts, result, deps.policy, nowMs, deps.random);
  const pauseMs = after.step.kind === "again" ? after.step.dueAtMs - nowMs : 0;
  const isSoon = after.step.kind === "again" && pauseMs <= deps.queuePauseMsMax;
  const isOurs = await deps.store.settle(
    delivery,
    {
      state: stateOf(after),
      dueAtMs: after.step.kind === "again" ? after.step.dueAtMs : nowMs,
      queuedUntilMs: isSoon ? nowMs + pauseMs + deps.queuedMs : 0,
      attempt: result.kind === "wait" ? null : attemptOf(result, nowMs),
      failingSinceMs: after.failingSinceMs,
      failures: after.failures,
      disable: destination.state === "enabled" ? after.disable : null,
    },
    nowMs,
  );
  said(open, result, after, deps);
  if (!isOurs) return;
  if (isSoon) await again(delivery.id, pauseMs, deps);
  if (after.disable !== null && destination.state === "enabled")
    await deps.notifier.publish([destinationDisabled(destination, after.disable, nowMs)]);
}

const stateOf = ({ step }: AfterAttempt) => (step.kind === "again" ? "waiting" : step.kind);

function attemptOf(result: Exclude<AttemptResult, { kind: "wait" }>, atMs: number): DeliveryAttempt {
  const { kind: outcome, status, reply, ms } = result;
  return { atMs, outcome, reason: outcome === "told" ? null : result.reason, status, reply, ms };
}

async function again(deliveryId: string, pauseMs: number, deps: DeliverDeps): Promise<void> {
  try {
    await deps.queueAgain(deliveryId, Math.ceil(pauseMs / 1_000));
  } catch (error) {
    deps.log("warn", "notification.not_queued", { counts: { deliveries: 1 }, reason: reasonOf(error) });
  }
}

function said(
  { delivery, destination }: OpenDelivery,
  result: AttemptResult,
  after: AfterAttempt,
  deps: DeliverDeps,
): void {
  const outcome = after.step.kind === "again" ? (after.step.isSpent ? "failed" : "postponed") : after.step.kind;
  deps.meter.count("onhand_notification_sent_total", { destination: destination.type, outcome });
  const reason = result.kind === "told" ? {} : { reason: result.reason };
  const level = result.kind === "told" ? "info" : "warn";
  deps.log(level, "notification.sent", { code: destination.type, outcome, eventId: delivery.id, ...reason });
}
