/** News and destinations with honest defaults. */
import { type CorrelationId, fromStore, type Sku } from "../../src/domain/ids.ts";
import { type NotifyDestination, TAKES_ALL } from "../../src/domain/notification/destination.ts";
import type { Notification } from "../../src/domain/notification/notification.ts";

export const news = (changes: Partial<Notification> = {}): Notification => ({
  ...{ id: "low/sku_1/1", kind: "inventory.low_stock", severity: "warning", subject: "CUP" },
  ...{ title: "CUP is low: 3 left", text: "Order more.", atMs: 1_000 },
  sku: fromStore<Sku>("CUP"),
  ...{ locationId: null, channel: null },
  correlationId: fromStore<CorrelationId>("cause-1"),
  data: { available: 3 },
  ...changes,
});

export const destination = (changes: Partial<NotifyDestination> = {}): NotifyDestination => ({
  ...{ id: "ops", type: "webhook", name: "Operations", address: "https://hooks.example.com/1" },
  ...{ filter: TAKES_ALL, digestMinutes: null, quietHours: null },
  ...{ state: "enabled", stateReason: null, stateAtMs: 0, failingSinceMs: null, failures: 0 },
  ...changes,
});
