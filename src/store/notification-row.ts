/** Rows of notifications, destinations and deliveries, and what they stand for. Written by us alone: JSON shapes only grow. */
import { type CorrelationId, fromStore } from "../domain/ids.ts";
import { type NotifyDestination, TAKES_ALL } from "../domain/notification/destination.ts";
import type { Notification } from "../domain/notification/notification.ts";
import { NOT_CALLED } from "../domain/reply-beginning.ts";
import type { Delivery } from "../services/notifications/notification-store.ts";

export type NotificationRow = {
  id: string;
  kind: string;
  severity: string;
  subject: string;
  title: string;
  text: string;
  at_ms: number;
  sku: string | null;
  location_id: string | null;
  channel: string | null;
  correlation_id: string;
  data: string;
};

export type DestinationRow = {
  id: string;
  type: string;
  name: string;
  address: string;
  filter: string;
  digest_minutes: number | null;
  quiet_hours: string | null;
  state: string;
  state_reason: string | null;
  state_at_ms: number;
  failing_since_ms: number | null;
  failures: number;
};

export type DeliveryRow = {
  id: string;
  notification_id: string | null;
  destination_id: string;
  state: string;
  due_at_ms: number;
  digest_id: string | null;
  attempts: number;
  history: string;
  created_at_ms: number;
  settled_at_ms: number | null;
};

export const newsOf = (row: NotificationRow): Notification => ({
  id: row.id,
  kind: row.kind as Notification["kind"],
  severity: row.severity as Notification["severity"],
  ...{ subject: row.subject, title: row.title, text: row.text, atMs: row.at_ms },
  sku: row.sku as Notification["sku"],
  locationId: row.location_id as Notification["locationId"],
  channel: row.channel as Notification["channel"],
  correlationId: fromStore<CorrelationId>(row.correlation_id),
  data: JSON.parse(row.data) as Notification["data"],
});

export const destinationOf = (row: DestinationRow): NotifyDestination => ({
  ...{ id: row.id, type: row.type as NotifyDestination["type"], name: row.name, address: row.address },
  filter: { ...TAKES_ALL, ...(JSON.parse(row.filter) as Partial<NotifyDestination["filter"]>) },
  digestMinutes: row.digest_minutes,
  quietHours: row.quiet_hours === null ? null : (JSON.parse(row.quiet_hours) as NotifyDestination["quietHours"]),
  state: row.state as NotifyDestination["state"],
  ...{ stateReason: row.state_reason, stateAtMs: row.state_at_ms },
  ...{ failingSinceMs: row.failing_since_ms, failures: row.failures },
});

export const deliveryOf = (row: DeliveryRow): Delivery => ({
  ...{ id: row.id, notificationId: row.notification_id, destinationId: row.destination_id },
  state: row.state as Delivery["state"],
  ...{ dueAtMs: row.due_at_ms, digestId: row.digest_id, attempts: row.attempts },
  history: (JSON.parse(row.history) as Delivery["history"]).map((attempt) => ({ ...NOT_CALLED, ...attempt })),
  ...{ createdAtMs: row.created_at_ms, settledAtMs: row.settled_at_ms },
});
