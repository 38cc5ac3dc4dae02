/**
 * Takes news in: stored once by its id, with a delivery for each destination that wants to hear it, and then queued. What is
 * stored and not queued the next minute queues, so that a crash in between only delays it.
 */
import type { NotifyDestination } from "../../domain/notification/destination.ts";
import type { Notification, Notifier } from "../../domain/notification/notification.ts";
import { planDelivery } from "../../domain/notification/plan-delivery.ts";
import type { Meter } from "../../domain/telemetry/meter.ts";
import { type Log, reasonOf } from "../../observability/log.ts";
import { sha256Hex } from "../sha256.ts";
import type { NewDelivery, NotificationStore } from "./notification-store.ts";

export interface PublishDeps {
  readonly store: Pick<NotificationStore, "put">;
  readonly destinations: () => Promise<readonly NotifyDestination[]>;
  /** Rejects when the queue refuses. */
  queue(deliveryIds: readonly string[]): Promise<void>;
  /** A message that was not heard of for so long is sent again. */
  readonly queuedMs: number;
  readonly log: Log;
  readonly meter: Meter;
  nowMs(): number;
}

export const notifier = (deps: PublishDeps): Notifier => ({
  publish: (news) => publish(news, deps),
});

async function publish(given: readonly Notification[], deps: PublishDeps): Promise<void> {
  const news = [...new Map(given.map((each) => [each.id, each])).values()];
  if (news.length === 0) return;
  const nowMs = deps.nowMs();
  const destinations = await deps.destinations();
  const planned = await Promise.all(
    news.map(async (each) => ({ news: each, deliveries: await deliveriesOf(each, destinations, nowMs) })),
  );
  const isNew = await deps.store.put(planned, nowMs + deps.queuedMs, nowMs);
  for (const { id: eventId, kind, severity, correlationId } of news) {
    if (!isNew.has(eventId)) continue;
    deps.meter.count("onhand_notification_published_total", { kind, severity });
    deps.log("info", "notification.published", { topic: kind, code: severity, eventId, correlationId });
  }
  const due = planned
    .filter((each) => isNew.has(each.news.id))
    .flatMap(({ deliveries }) => deliveries.filter(({ state }) => state === "waiting").map(({ id }) => id));
  if (due.length === 0) return;
  try {
    await deps.queue(due);
  } catch (error) {
    // They are stored, and the minute finds them once their time as queued is over.
    deps.log("warn", "notification.not_queued", { counts: { deliveries: due.length }, reason: reasonOf(error) });
  }
}

async function deliveriesOf(
  news: Notification,
  destinations: readonly NotifyDestination[],
  nowMs: number,
): Promise<readonly NewDelivery[]> {
  const planned = await Promise.all(
    destinations.map(async (destination): Promise<NewDelivery[]> => {
      const plan = planDelivery(destination, news, nowMs);
      if (plan.kind === "none") return [];
      const id = await deliveryId(news.id, destination.id);
      const when =
        plan.kind === "now" ? { state: "waiting", dueAtMs: nowMs } : { state: "held", dueAtMs: plan.dueAtMs };
      return [{ id, destinationId: destination.id, ...when } as NewDelivery];
    }),
  );
  return planned.flat();
}

/** The same for the same news to the same destination, whoever works it out. */
async function deliveryId(newsId: string, destinationId: string): Promise<string> {
  return `dlv_${(await sha256Hex(new TextEncoder().encode(`${destinationId} ${newsId}`))).slice(0, 32)}`;
}
