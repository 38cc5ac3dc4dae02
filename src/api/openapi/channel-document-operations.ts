/** What a channel was sent, and would be. */
import {
  documentReply,
  documentsQuery,
  documentsReply,
  previewQuery,
  previewReply,
} from "../wire/channel-documents.ts";
import type { Group } from "./operation.ts";

const BASE = "/v1/channels/{channel}";
const pathExamples = { channel: "wms-main", document: "doc_0123456789abcdef0123456789abcdef" };

const DOCUMENT = {
  id: pathExamples.document,
  channel: "wms-main",
  type: "order.fulfilment",
  subject: "shop-a.myshopify.com/820982911946154500",
  orderId: "820982911946154500",
  version: 1,
  state: "sent",
  data: {
    orderId: "820982911946154500",
    orderChannel: "shop-a.myshopify.com",
    version: 1,
    state: "open",
    lines: [{ line: "866550311766439020", sku: "MUG-BLUE", quantity: 2, locationId: null, bundle: null }],
  },
  attempts: [{ at: "2026-11-28T09:00:01.000Z", outcome: "taken", reason: null, status: 202, reply: "queued", ms: 61 }],
  correlationId: "c0ffee00-0000-4000-8000-000000000000",
  createdAt: "2026-11-28T09:00:00.000Z",
  updatedAt: "2026-11-28T09:00:01.000Z",
} as const;

export const channelDocuments: Group = {
  name: "Channel documents",
  description: "Orders to send out and reorders, as a channel was sent them; and the levels that it would be told.",
  operations: [
    {
      id: "listChannelDocuments",
      method: "get",
      path: `${BASE}/documents`,
      pathExamples,
      summary: "Documents that a channel was sent, or shall be",
      description: "The newest first. A read-only channel's are `withheld`.",
      query: documentsQuery,
      answers: [
        {
          status: 200,
          description: "`next` goes on, as `cursor`.",
          schema: documentsReply,
          example: { documents: [DOCUMENT], next: null },
        },
      ],
      problems: ["not_found"],
    },
    {
      id: "resendChannelDocument",
      method: "post",
      path: `${BASE}/documents/{document}/resend`,
      pathExamples,
      summary: "Send a document once more",
      description: "As it stands now, under the same `webhook-id`.",
      answers: [
        {
          status: 202,
          description: "It is on its way.",
          schema: documentReply,
          example: { ...DOCUMENT, state: "waiting" },
        },
      ],
      problems: ["not_found"],
    },
    {
      id: "previewChannel",
      method: "get",
      path: `${BASE}/preview`,
      pathExamples,
      summary: "The levels that a channel would be told now",
      description: "A page of SKUs in order of their names. Nothing is sent, and nothing changes.",
      query: previewQuery,
      answers: [
        {
          status: 200,
          description: "`next` goes on, as `after`.",
          schema: previewReply,
          example: {
            isTold: true,
            readOnly: true,
            levels: [
              {
                sku: "MUG-BLUE",
                itemId: null,
                version: 42,
                available: 7,
                locations: [{ locationId: "north", available: 7 }],
                asOf: "2026-11-28T09:00:00.000Z",
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
