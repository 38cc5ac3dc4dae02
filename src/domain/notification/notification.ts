/** What people and systems are told: one kind of news each, once, whoever wants to hear of it. */
import type { ChannelId, CorrelationId, LocationId, Sku } from "../ids.ts";

export const NOTIFICATION_KINDS = [
  ...(["inventory.low_stock", "inventory.out_of_stock", "inventory.back_in_stock", "inventory.oversold"] as const),
  ...(["reorder.requested", "reorder.received", "reorder.cancelled"] as const),
  ...(["count.needs_approval", "channel.conflict", "channel.failing", "destination.disabled"] as const),
  ...(["drift.detected", "dead_letters.growing", "queue.lagging", "webhooks.silent"] as const),
  ...(["breaker.opened", "breaker.closed", "alert.changed", "notification.test"] as const),
] as const;
export type NotificationKind = (typeof NOTIFICATION_KINDS)[number];

export const NOTIFICATION_SEVERITIES = ["info", "warning", "critical"] as const;
export type NotificationSeverity = (typeof NOTIFICATION_SEVERITIES)[number];

export type Notification = {
  /** Of the news itself: whoever tells it again, after a crash or by a replay, brings the same id, and it is told once. */
  readonly id: string;
  readonly kind: NotificationKind;
  readonly severity: NotificationSeverity;
  /** What it is about: a SKU, a queue, a shop. */
  readonly subject: string;
  /** One line, without a full stop: "FLASH-SALE-01 is low: 4 left". */
  readonly title: string;
  /** What it means and what to do, in a sentence or two. */
  readonly text: string;
  /** When it happened (epoch ms). */
  readonly atMs: number;
  readonly sku: Sku | null;
  readonly locationId: LocationId | null;
  readonly channel: ChannelId | null;
  readonly correlationId: CorrelationId;
  /** The numbers behind it. */
  readonly data: Readonly<Record<string, string | number | boolean | null>>;
};

/** Where news is handed in. Durable when it resolves; what was handed in before is passed over. */
export interface Notifier {
  publish(notifications: readonly Notification[]): Promise<void>;
}
