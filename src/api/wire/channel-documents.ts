/** Documents that a channel was sent, and what it would be told of levels, as the API tells them. */
import * as z from "zod/mini";
import { LIMITS } from "../../config.ts";
import { heardReply } from "./common.ts";

export const documentsQuery = z.strictObject({
  orderId: z.optional(z.string().check(z.minLength(1), z.maxLength(255))),
  state: z.optional(z.enum(["waiting", "sent", "failed", "withheld"])),
  limit: z._default(z.coerce.number().check(z.int(), z.gte(1), z.lte(LIMITS.documentsPageMax)), 50),
  cursor: z.optional(
    z.string().check(z.regex(/^\d{1,16}\.doc_[0-9a-f]{32}$/, "must be the `next` of the page before")),
  ),
});
export const previewQuery = z.strictObject({
  limit: z._default(z.coerce.number().check(z.int(), z.gte(1), z.lte(LIMITS.previewPageMax)), 50),
  after: z.optional(z.string().check(z.minLength(1), z.maxLength(255))),
});

export const documentReply = z.strictObject({
  id: z.string(),
  channel: z.string(),
  type: z.enum(["order.fulfilment", "reorder.requested", "reorder.cancelled"]),
  subject: z.string(),
  orderId: z.nullable(z.string()),
  version: z.int(),
  state: z.enum(["waiting", "sent", "failed", "withheld"]),
  data: z.record(z.string(), z.unknown()),
  attempts: z
    .array(z.strictObject({ at: z.string(), outcome: z.string(), reason: z.nullable(z.string()), ...heardReply }))
    .check(z.describe("The newest first.")),
  correlationId: z.string(),
  createdAt: z.string(),
  updatedAt: z.string(),
});
export const documentsReply = z.strictObject({ documents: z.array(documentReply), next: z.nullable(z.string()) });

const levelRow = z.strictObject({
  sku: z.string(),
  itemId: z.nullable(z.string()),
  version: z.int(),
  available: z.int(),
  locations: z.array(z.strictObject({ locationId: z.string(), available: z.int() })),
  asOf: z.string(),
});
export const previewReply = z.strictObject({
  isTold: z.boolean(),
  readOnly: z.boolean(),
  levels: z.array(levelRow),
  next: z.nullable(z.string()),
});
