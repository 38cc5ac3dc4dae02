/** The news that a destination is told no more: for the others. */
import { type CorrelationId, fromStore } from "../../domain/ids.ts";
import type { NotifyDestination } from "../../domain/notification/destination.ts";
import type { Notification } from "../../domain/notification/notification.ts";

/** @param nowMs  with it, a destination that is disabled again is told of again */
export function destinationDisabled(
  { id, name, type }: NotifyDestination,
  reason: string,
  nowMs: number,
): Notification {
  return {
    id: `destination.disabled/${id}/${nowMs}`,
    kind: "destination.disabled",
    severity: "critical",
    subject: id,
    title: `Notifications to ${name} (${type}) are disabled`,
    text: `${reason}. What it was not told stands in its deliveries. Mend it, enable it, and resend what still matters.`,
    atMs: nowMs,
    ...{ sku: null, locationId: null, channel: null },
    correlationId: fromStore<CorrelationId>(`destination:${id}`),
    data: { destination: id, type, reason },
  };
}
