/** What is posted to channels: docs/channels.md. */
import {
  channelTestHookBody,
  fulfilmentHookBody,
  levelsHookBody,
  reorderHookBody,
} from "../wire/channel-documents-out.ts";
import type { WebhookOut } from "./webhooks.ts";

const envelope = { timestamp: "2026-11-28T09:00:00.000Z", channel: "wms-main" };

/** The same of every document. */
const common = {
  headers: [{ name: "idempotency-key", description: "The same as `webhook-id`.", schema: { type: "string" } }],
  answers: {
    "2XX": { description: "Taken." },
    "410": { description: "Gone: the channel is paused, and a notification says so." },
    "429": { description: "Later; `Retry-After` is honoured, here and with a 503." },
    default: { description: "408, 429, 5xx and no answer: sent again, later each time. Any other: a dead letter." },
  },
} as const;

export const channelHooks: readonly WebhookOut[] = [
  {
    ...common,
    name: "stock.levels",
    summary: "What a channel may sell",
    description:
      "Absolute levels, the newest alone: whatever came between is left out. A sell-out goes before everything else. Keep the highest `version` of each SKU.",
    schema: levelsHookBody,
    example: {
      type: "stock.levels",
      ...envelope,
      data: {
        levels: [
          {
            ...{ sku: "TEE-M", itemId: null, version: 7, available: 10, asOf: "2026-11-28T09:00:00.000Z" },
            locations: [{ locationId: "north", available: 10 }],
          },
        ],
      },
    },
  },
  {
    ...common,
    name: "order.fulfilment",
    summary: "What is to be sent out of an order",
    description: "The whole of it as it is now: keep the highest `version` of each order. No personal data.",
    schema: fulfilmentHookBody,
    example: {
      type: "order.fulfilment",
      ...envelope,
      data: {
        ...{ orderId: "5512345678901", orderChannel: "shop-a.myshopify.com", version: 1, state: "open" },
        lines: [
          { line: "1", sku: "TEE-M", quantity: 2, locationId: "north", bundle: null },
          {
            ...{ line: "2/part/CUP", sku: "CUP", quantity: 4, locationId: "north" },
            bundle: { line: "2", sku: "TEA-SET", quantity: 1 },
          },
        ],
      },
    },
  },
  {
    ...common,
    name: "reorder",
    summary: "A reorder is asked for, or no more",
    description: "`reorder.requested` and `reorder.cancelled`, under the reorder's id.",
    schema: reorderHookBody,
    example: {
      type: "reorder.requested",
      ...envelope,
      data: {
        ...{ reorderId: "ro_01", sku: "TEE-M", itemId: null, locationId: "north", quantity: 48 },
        ...{ neededBy: "2026-12-05T00:00:00.000Z", reason: "6 left, reorder point 8" },
      },
    },
  },
  {
    ...common,
    name: "channel.test",
    summary: "A test-fire",
    description: "Sent when an operator asks for it.",
    schema: channelTestHookBody,
    example: { type: "channel.test", ...envelope, data: {} },
  },
];
