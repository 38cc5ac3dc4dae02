/** What channels post: signed, in our own format. */
import * as z from "zod/mini";
import { channelEventsBody } from "../../ingress/channel-event-schema.ts";
import { channelEventsReply } from "../wire/channel-events.ts";
import { SIGNATURE } from "./headers.ts";
import type { Group } from "./operation.ts";

const ORDER = {
  id: "order-1001-created",
  type: "order.created",
  occurredAt: "2026-11-28T08:59:58Z",
  data: { orderId: "1001", locationId: "main", lines: [{ line: "1", sku: "TEE-M", quantity: 1 }] },
};

export const channelEvents: Group = {
  name: "Events from channels",
  description: "Orders, stock and reservations as warehouses, tills and marketplaces tell them: docs/channels.md.",
  operations: [
    {
      id: "postChannelEvents",
      method: "post",
      path: "/v1/channels/{id}/events",
      pathExamples: { id: "wms-main" },
      summary: "One event, or up to 100",
      description:
        "Signed with a secret of the channel. Answered once they are durable; the same `webhook-id` with the same body queues nothing again. Events may come in any order and more than once. In an array each has an `id`, and a bad one keeps none of the others out; where none is good, all are refused.",
      access: "signature",
      headers: SIGNATURE,
      body: { schema: channelEventsBody, example: ORDER },
      answers: [
        {
          status: 202,
          description: "Those that are `accepted` are durable.",
          schema: channelEventsReply,
          example: {
            accepted: 1,
            rejected: 0,
            events: [{ index: 0, id: ORDER.id, status: "accepted" }],
            correlationId: "wms-main-1001",
          },
        },
      ],
      problems: ["bad_signature", "not_allowed", "webhook_id_reused", "unavailable"],
    },
    {
      id: "getChannelEventsSchema",
      method: "get",
      path: "/schemas/channel-events.json",
      summary: "Their JSON Schema",
      access: "none",
      answers: [
        {
          status: 200,
          description: "Draft 2020-12.",
          schema: z.looseObject({ $schema: z.string() }),
          contentType: "application/schema+json",
        },
      ],
      problems: [],
    },
  ],
};
