/** News: what was told, and to whom. */
import { rotateBody } from "../wire/channels.ts";
import {
  deliveriesQuery,
  deliveriesReply,
  deliveryReply,
  destinationBody,
  destinationGoneReply,
  destinationPutReply,
  destinationReply,
  destinationRotatedReply,
  destinationsReply,
  destinationTestReply,
  notificationsQuery,
  notificationsReply,
  notificationWithDeliveriesReply,
} from "../wire/notifications.ts";
import type { Group } from "./operation.ts";

const AT = "2026-11-28T09:00:00.000Z";
const FILTER = { kinds: ["inventory.*"], minSeverity: "warning", skus: null, locations: null, channels: null };
const DESTINATION = {
  ...{ id: "ops", type: "webhook", name: "Operations", address: "https://hooks.example.com/onhand" },
  ...{ filter: FILTER, digestMinutes: null, quietHours: { from: "22:00", to: "07:00", timeZone: "Europe/Berlin" } },
  ...{ state: "enabled", stateReason: null, stateSince: AT, failingSince: null, failures: 0 },
};
const MADE = "operations-3f2a91c0";
const BODY = {
  ...{ type: "webhook", url: DESTINATION.address, name: DESTINATION.name },
  ...{ filter: { kinds: ["inventory.*"], minSeverity: "warning" }, quietHours: DESTINATION.quietHours },
};
const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwAAAAAAAAAAA=";
const DELIVERY = {
  ...{ id: "dlv_5f1c", notificationId: "stock/sku_01/4/low", destinationId: "ops", state: "sent", dueAt: AT },
  ...{ digestId: null, attempts: 2, createdAt: AT, settledAt: AT },
  history: [
    { at: AT, outcome: "told", reason: null, status: 200, reply: "thanks", ms: 84 },
    { at: AT, outcome: "failed", reason: "HTTP_503", status: 503, reply: "down for maintenance", ms: 31 },
  ],
};
const NEWS = {
  ...{ id: "stock/sku_01/4/low", kind: "inventory.low_stock", severity: "warning", subject: "TEE-M" },
  ...{ title: "TEE-M is low: 4 left", text: "At 5 or fewer it counts as low.", at: AT, sku: "TEE-M" },
  ...{ locationId: null, channel: null, correlationId: "order-1001", values: { available: 4 } },
};
const BASE = "/v1/destinations/{id}";
const ops = { pathExamples: { id: "ops" } };

export const notifyDestinations: Group = {
  name: "Destinations of notifications",
  description: "Who is told: webhooks, Slack-compatible addresses, e-mail. docs/notifications.md says of what.",
  operations: [
    {
      id: "listDestinations",
      method: "get",
      path: "/v1/destinations",
      summary: "All of them",
      answers: [
        {
          status: 200,
          description: "In the order of their ids.",
          schema: destinationsReply,
          example: { destinations: [DESTINATION] },
        },
      ],
      problems: [],
    },
    {
      id: "createDestination",
      method: "post",
      path: "/v1/destinations",
      summary: "Make one",
      description:
        "Its id is made here, of its name. A webhook's signing secret is in the answer that made it, and nowhere else. Of Slack the address is a secret, and is never shown.",
      headers: ["optionalKey"],
      body: { schema: destinationBody, example: BODY },
      answers: [
        {
          status: 201,
          description: "Made.",
          schema: destinationPutReply,
          example: { ...DESTINATION, id: MADE, secret: SECRET },
          headers: ["location"],
        },
        {
          status: 200,
          description: "A repeat: as it stands, without its secret.",
          schema: destinationReply,
          example: { ...DESTINATION, id: MADE },
          headers: ["location", "replayed"],
        },
      ],
      problems: ["conflict", "idempotency_key_reused"],
    },
    {
      id: "getDestination",
      method: "get",
      path: BASE,
      ...ops,
      summary: "One of them",
      answers: [{ status: 200, description: "It.", schema: destinationReply, example: DESTINATION }],
      problems: ["not_found"],
    },
    {
      id: "putDestination",
      method: "put",
      path: BASE,
      ...ops,
      summary: "Make or change one under an id of your own",
      description:
        "Says the whole of it; what is left out has its default. A new webhook's signing secret is shown in this answer alone. Of Slack the address is a secret: it is never shown, and stays where it is left out.",
      body: {
        schema: destinationBody,
        example: BODY,
      },
      answers: [
        { status: 200, description: "Changed.", schema: destinationPutReply, example: DESTINATION },
        {
          status: 201,
          description: "Made.",
          schema: destinationPutReply,
          example: { ...DESTINATION, secret: SECRET },
        },
      ],
      problems: ["conflict"],
    },
    {
      id: "deleteDestination",
      method: "delete",
      path: BASE,
      ...ops,
      summary: "Remove it",
      description: "What it was not told yet is given up.",
      answers: [
        { status: 200, description: "Removed.", schema: destinationGoneReply, example: { id: "ops", removed: true } },
      ],
      problems: ["not_found"],
    },
    {
      id: "enableDestination",
      method: "post",
      path: `${BASE}/enable`,
      ...ops,
      summary: "Tell it again, after it was disabled",
      answers: [{ status: 200, description: "Enabled.", schema: destinationReply, example: DESTINATION }],
      problems: ["not_found"],
    },
    {
      id: "rotateDestinationSecret",
      method: "post",
      path: `${BASE}/rotate`,
      ...ops,
      summary: "A new signing secret beside the old one",
      body: { schema: rotateBody, example: { keepOldForSeconds: 86_400 }, isOptional: true },
      answers: [
        {
          status: 200,
          description: "The new one, shown here alone.",
          schema: destinationRotatedReply,
          example: { id: "ops", secret: SECRET, previousRetiresAt: "2026-11-29T09:00:00.000Z" },
        },
      ],
      problems: ["not_found"],
    },
    {
      id: "testDestination",
      method: "post",
      path: `${BASE}/test`,
      ...ops,
      summary: "Tell it that this is a test",
      description: "Past its filter, its digest and its quiet hours, and once.",
      answers: [
        {
          status: 200,
          description: "What came of it.",
          schema: destinationTestReply,
          example: { id: "ops", told: true, reason: null, status: 200, reply: "thanks", ms: 84 },
        },
      ],
      problems: ["not_found"],
    },
    {
      id: "listDeliveries",
      method: "get",
      path: `${BASE}/deliveries`,
      ...ops,
      summary: "What it was told, with each attempt",
      description: "Of an attempt: what the receiver answered, how it began, and how long it took.",
      query: deliveriesQuery,
      answers: [
        {
          status: 200,
          description: "A page, the newest first.",
          schema: deliveriesReply,
          example: { deliveries: [DELIVERY], next: null },
        },
      ],
      problems: ["not_found"],
    },
    {
      id: "resendDelivery",
      method: "post",
      path: "/v1/deliveries/{id}/resend",
      pathExamples: { id: DELIVERY.id },
      summary: "Tell it once more",
      description: "Of one that was sent or given up. Its receiver sees the same `webhook-id`.",
      answers: [
        {
          status: 200,
          description: "It is under way.",
          schema: deliveryReply,
          example: { ...DELIVERY, state: "waiting", attempts: 0, settledAt: null },
        },
      ],
      problems: ["not_found"],
    },
  ],
};

export const notifications: Group = {
  name: "Notifications",
  description: "What there was to tell, whether anybody wanted to hear it or not.",
  operations: [
    {
      id: "listNotifications",
      method: "get",
      path: "/v1/notifications",
      summary: "By kind, severity, SKU and time",
      query: notificationsQuery,
      answers: [
        {
          status: 200,
          description: "A page, the newest first.",
          schema: notificationsReply,
          example: { notifications: [NEWS], next: null },
        },
      ],
      problems: [],
    },
    {
      id: "getNotification",
      method: "get",
      path: "/v1/notifications/{id}",
      pathExamples: { id: NEWS.id },
      summary: "One, and who was told of it",
      answers: [
        {
          status: 200,
          description: "It.",
          schema: notificationWithDeliveriesReply,
          example: { ...NEWS, deliveries: [DELIVERY] },
        },
      ],
      problems: ["not_found"],
    },
  ],
};
