/** Alerts as they are posted to ALERT_WEBHOOK_URL. */
import * as z from "zod/mini";
import { alertChangeReply } from "../wire/alerts.ts";
import type { WebhookOut } from "./webhooks.ts";

export const alertHookBody = z.strictObject({
  type: z.enum(["alert.fired", "alert.escalated", "alert.recovered"]),
  timestamp: z.iso.datetime(),
  data: z.strictObject({ ...alertChangeReply.shape, alert: z.string() }),
});

export const alertHook: WebhookOut = {
  name: "alert",
  summary: "An alert began, rose or ended",
  description:
    "Posted to `ALERT_WEBHOOK_URL`, signed with `ALERT_WEBHOOK_SECRET`. Redirects are not followed; what is not taken is sent again through the circuit breaker of its host.",
  headers: [{ name: "idempotency-key", description: "The same as `webhook-id`.", schema: { type: "string" } }],
  schema: alertHookBody,
  example: {
    type: "alert.fired",
    timestamp: "2026-11-28T09:00:00.000Z",
    data: {
      id: "queue_lag/onhand-events/1764320280000/critical",
      alert: "queue_lag",
      subject: "onhand-events",
      change: "fired",
      severity: "critical",
      value: 74,
      threshold: 60,
      unit: "s",
      text: "The oldest message of onhand-events waits for 74 s.",
      since: "2026-11-28T08:58:00.000Z",
      at: "2026-11-28T09:00:00.000Z",
    },
  },
  answers: { "2XX": { description: "Taken." }, default: { description: "Sent again later." } },
};
