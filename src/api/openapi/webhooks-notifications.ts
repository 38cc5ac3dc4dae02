/** News as it is posted to a webhook destination. */
import * as z from "zod/mini";
import { NOTIFICATION_KINDS } from "../../domain/notification/notification.ts";
import { notificationReply } from "../wire/notifications.ts";
import type { WebhookOut } from "./webhooks.ts";

const timestamp = z.iso.datetime();

export const notificationHookBody = z.union([
  z.strictObject({ type: z.enum(NOTIFICATION_KINDS), timestamp, data: notificationReply }),
  z.strictObject({
    type: z.literal("notification.digest"),
    timestamp,
    data: z.strictObject({ notifications: z.array(notificationReply) }),
  }),
]);

export const notificationHook: WebhookOut = {
  name: "notification",
  summary: "A piece of news, or a digest of several",
  description:
    "Posted to a webhook destination, signed with its secret. Told at least once: whoever knows the `webhook-id` already has had it. 410 disables the destination; `Retry-After` is honoured; what is not taken is sent again for a day.",
  headers: [{ name: "idempotency-key", description: "The same as `webhook-id`.", schema: { type: "string" } }],
  schema: notificationHookBody,
  example: {
    type: "inventory.low_stock",
    timestamp: "2026-11-28T09:00:00.000Z",
    data: {
      ...{ id: "stock/sku_01/4/low", kind: "inventory.low_stock", severity: "warning", subject: "TEE-M" },
      ...{ title: "TEE-M is low: 4 left", text: "At 5 or fewer it counts as low.", at: "2026-11-28T09:00:00.000Z" },
      ...{ sku: "TEE-M", locationId: null, channel: null, correlationId: "order-1001", values: { available: 4 } },
    },
  },
  answers: {
    "2XX": { description: "Taken." },
    "410": { description: "Wants no more." },
    default: { description: "Sent again later." },
  },
};
