/** Dead letters, and jobs over them, as they go over the wire. */
import * as z from "zod/mini";
import { ITEM_STATES, JOB_STATUSES } from "../../services/dead-letters/jobs.ts";
import { DEAD_LETTER_STATUSES } from "../../services/dead-letters.ts";
import { nextPage, textOrNull, timeOrNull, timeReply } from "./common.ts";

const letterFields = {
  id: z.string(),
  status: z.enum(DEAD_LETTER_STATUSES),
  version: z.int().check(z.describe("Rises with everything that happens to it.")),
  origin: z.string(),
  queue: textOrNull,
  topic: z.string(),
  /** Null where its channel is no Shopify shop. */
  shop: textOrNull,
  channel: textOrNull,
  correlationId: z.string(),
  eventId: z.string(),
  subject: textOrNull,
  code: textOrNull,
  error: textOrNull,
  errors: z
    .array(z.strictObject({ code: z.string(), message: z.string(), at: timeReply, attempt: z.int() }))
    .check(z.describe("Newest first.")),
  attempts: z.int(),
  deaths: z.int(),
  replays: z.int(),
  truncated: z.boolean(),
  received: z.nullable(z.strictObject({ bytes: z.int(), sha256: z.string() })),
  edited: z.boolean(),
  occurredAt: timeReply,
  createdAt: timeReply,
  diedAt: timeReply,
  updatedAt: timeReply,
  replayedAt: timeOrNull,
  outlinedAt: timeOrNull,
  replayDueAt: timeOrNull,
  trail: z.array(
    z.strictObject({
      what: z.enum(["died", "replayed", "edited", "discarded", "outlined"]),
      at: timeReply,
      actor: textOrNull,
      detail: textOrNull,
      times: z.optional(z.int()),
      lastAt: z.optional(timeReply),
    }),
  ),
};

export const letterReply = z.strictObject(letterFields);
export const wholeLetterReply = z.strictObject({
  ...letterFields,
  payload: z.unknown(),
  original: z.optional(z.unknown()),
});

export const lettersReply = z.strictObject({
  deadLetters: z.array(letterReply),
  next: nextPage,
  waiting: z.int().check(z.describe("How many wait in all.")),
});

export const replayReply = z.strictObject({
  id: z.string(),
  status: z.enum(DEAD_LETTER_STATUSES).check(z.describe("`waiting`: it died again meanwhile.")),
  replays: z.int(),
});
export const editReply = z.strictObject({ ...replayReply.shape, version: z.int(), edited: z.literal(true) });

export const jobReply = z.strictObject({
  id: z.string(),
  name: z.string(),
  action: z.enum(["replay", "discard"]),
  trigger: z.enum(["operator", "breaker", "minute"]),
  filter: z.record(z.string(), z.unknown()),
  reason: textOrNull,
  actor: z.string(),
  correlationId: z.string(),
  status: z.enum(JOB_STATUSES),
  total: z.int(),
  waiting: z.int(),
  sent: z.int(),
  replayed: z.int(),
  diedAgain: z.int(),
  failed: z.int(),
  skipped: z.int(),
  discarded: z.int(),
  cancelled: z.int(),
  createdAt: timeReply,
  updatedAt: timeReply,
  endedAt: timeOrNull,
});

export const jobsReply = z.strictObject({ jobs: z.array(jobReply), next: nextPage });

export const jobItemsReply = z.strictObject({
  items: z.array(
    z.strictObject({
      seq: z.int(),
      deadLetter: z.string(),
      state: z.enum(ITEM_STATES),
      detail: textOrNull,
      at: timeReply,
    }),
  ),
  next: z.nullable(z.int()),
});

export const foreseenJobReply = z.strictObject({
  dryRun: z.literal(true),
  total: z.int(),
  notReplayable: z.int(),
  groups: z.array(z.strictObject({ origin: z.string(), queue: textOrNull, code: textOrNull, letters: z.int() })),
  sample: z.array(letterReply),
});
