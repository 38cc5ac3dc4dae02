/** An alert's change as news. Oversells and breakers are told by notices of their own, sooner and with more in them. */
import type { AlertName, Severity } from "../alerts/alert-table.ts";
import type { AlertChange } from "../alerts/evaluate.ts";
import { type CorrelationId, fromStore } from "../ids.ts";
import type { Notification, NotificationKind, NotificationSeverity } from "./notification.ts";

const KINDS: ReadonlyMap<string, NotificationKind> = new Map<AlertName, NotificationKind>([
  ["queue_lag", "queue.lagging"],
  ["dead_letter_growth", "dead_letters.growing"],
  ["mismatch_rate", "drift.detected"],
  ["webhooks_silent", "webhooks.silent"],
]);
const TOLD_OTHERWISE: ReadonlySet<string> = new Set<AlertName>(["oversell", "breaker_open"]);

const SEVERITIES: Readonly<Record<Severity, NotificationSeverity>> = {
  notice: "info",
  warning: "warning",
  high: "warning",
  critical: "critical",
};

type Changed = Omit<AlertChange, "alert" | "id"> & { readonly alert: string; readonly id: string };

/** @param change  `id` is the change's own. @returns null: it is told otherwise */
export function newsOfAlert(change: Changed): Notification | null {
  const { id, alert, subject, severity, value, threshold, unit, text, sinceMs, atMs } = change;
  if (TOLD_OTHERWISE.has(alert)) return null;
  const isOver = change.change === "recovered";
  const name = alert.replaceAll("_", " ");
  return {
    id: `alert/${id}`,
    kind: KINDS.get(alert) ?? "alert.changed",
    severity: isOver ? "info" : SEVERITIES[severity],
    subject,
    title: isOver ? `Over: ${name}, ${subject}` : `${name}, ${subject}: ${round(value)} of ${round(threshold)} ${unit}`,
    text,
    atMs,
    ...{ sku: null, locationId: null, channel: null },
    correlationId: fromStore<CorrelationId>(`alert:${alert}`),
    data: { alert, change: change.change, alertSeverity: severity, value, threshold, unit, sinceMs },
  };
}

const round = (value: number): number => Math.round(value * 100) / 100;
