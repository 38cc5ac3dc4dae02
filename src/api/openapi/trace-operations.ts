/** Where did it go? */
import * as z from "zod/mini";
import { eventsQuery } from "../journal-routes.ts";
import { eventsReply, traceReply } from "../wire/journal.ts";
import type { Group } from "./operation.ts";

export const traces: Group = {
  name: "Traces and events",
  description: "The way of one cause, step by step; and the recent events by filter.",
  operations: [
    {
      id: "getTrace",
      method: "get",
      path: "/v1/traces/{correlationId}",
      summary: "The way of one cause",
      description:
        "Put together when it is asked for. `sku` (may be repeated) asks counters where the journal has forgotten.",
      query: z.strictObject({ sku: z.optional(z.string()) }),
      answers: [
        {
          status: 200,
          description: "Its steps; `cut` says what there is more of, `unreached` who could not be asked.",
          schema: traceReply,
          example: {
            correlationId: "order-1001-attempt-1",
            from: "2026-11-28T09:00:00.000Z",
            to: "2026-11-28T09:00:00.412Z",
            ms: 412,
            skus: ["TEE-M"],
            steps: [
              {
                at: "2026-11-28T09:00:00.000Z",
                sinceMs: 0,
                step: "received",
                outcome: "accepted",
                topic: "orders/create",
                shop: "shop-a.myshopify.com",
              },
            ],
            cut: [],
            unreached: [],
          },
        },
      ],
      problems: ["not_found"],
    },
    {
      id: "listEvents",
      method: "get",
      path: "/v1/events",
      summary: "Recent events, newest first",
      description:
        "The journal of seven days. A page looks through 20,000 rows at most: it may be empty and have a `next`.",
      query: eventsQuery,
      answers: [
        {
          status: 200,
          description: "A page.",
          schema: eventsReply,
          example: {
            events: [
              {
                at: "2026-11-28T09:00:00.120Z",
                correlationId: "order-1001-attempt-1",
                step: "consumed",
                eventId: "6f2c1d0e-4d5b-4c59-9b0a-0d6c8f5d2f11",
                topic: "orders/create",
                shop: "shop-a.myshopify.com",
                outcome: "counted",
                ms: 118,
              },
            ],
            next: null,
          },
        },
      ],
      problems: ["not_found"],
    },
  ],
};
