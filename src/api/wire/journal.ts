/** Events, traces and the audit log as they go over the wire. */
import * as z from "zod/mini";
import { JOURNAL_STEPS } from "../../domain/journal/entry.ts";
import { nextPage, textOrNull, timeReply, units } from "./common.ts";

const entry = z.strictObject({
  at: timeReply,
  correlationId: z.string(),
  step: z.enum(JOURNAL_STEPS),
  eventId: textOrNull,
  topic: z.string(),
  shop: textOrNull,
  outcome: z.string(),
  code: z.optional(z.string()),
  ms: z.optional(z.number()),
  skuIds: z.optional(z.array(z.string())),
  mirrored: z.optional(z.string()),
});

export const eventsReply = z.strictObject({ events: z.array(entry), next: nextPage });

const step = z.strictObject({
  at: timeReply,
  sinceMs: z.number().check(z.describe("Since the first step.")),
  step: z.string(),
  outcome: z.string(),
  topic: z.optional(z.string()),
  shop: z.optional(z.string()),
  eventId: z.optional(z.string()),
  skus: z.optional(z.array(z.string())),
  code: z.optional(z.string()),
  ms: z.optional(z.number().check(z.describe("How long the step itself took."))),
  detail: z.optional(z.string()),
  locationId: z.optional(z.string()),
  delta: z.optional(units),
  pushKey: z.optional(z.string()),
  callKey: z.optional(z.string()),
  deadLetterId: z.optional(z.string()),
  cause: z.optional(z.string().check(z.describe("Another cause asked for it first."))),
});

export const traceReply = z.strictObject({
  correlationId: z.string(),
  from: timeReply,
  to: timeReply,
  ms: z.number(),
  skus: z.array(z.string()),
  steps: z.array(step),
  cut: z.array(z.string()).check(z.describe("What there is more of than is shown.")),
  unreached: z
    .array(z.strictObject({ part: z.string(), reason: z.string() }))
    .check(z.describe("Who could not be asked, and why.")),
});

export const auditReply = z.strictObject({
  entries: z.array(
    z.strictObject({
      id: z.int(),
      at: timeReply,
      actor: z.string(),
      action: z.string(),
      subject: z.string(),
      correlationId: z.string(),
      detail: z.record(z.string(), z.unknown()),
    }),
  ),
  next: z.nullable(z.int()),
});
