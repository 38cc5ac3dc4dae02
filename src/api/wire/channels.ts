/** Channels as the API takes and tells them. */
import * as z from "zod/mini";
import { LIMITS } from "../../config.ts";
import { ADAPTERS, CHANNEL_TYPES, DIRECTIONS } from "../../domain/channel/channel.ts";
import { CHANNEL_EVENT_TYPES } from "../../domain/channel/channel-event.ts";
import { rulesBody } from "../policy-body.ts";

const shortText = z.string().check(z.minLength(1), z.maxLength(100));
const itemId = z.string().check(z.minLength(1), z.maxLength(255));
const time = z.string();

const listingsMode = z.enum(["by_sku", "mapped"]);
const eventTypes = z.array(z.enum(CHANNEL_EVENT_TYPES)).check(z.minLength(1), z.maxLength(CHANNEL_EVENT_TYPES.length));
const whole = (min: number, max: number) => z.int().check(z.gte(min), z.lte(max));

/** What is left out has its default: `PUT` says the whole of it. */
export const channelBody = z.strictObject({
  type: z.enum(CHANNEL_TYPES),
  adapter: z.optional(z.enum(ADAPTERS)),
  name: z.optional(shortText),
  endpoint: z.optional(z.nullable(z.string().check(z.maxLength(2_000)))),
  direction: z.optional(z.enum(DIRECTIONS)),
  locations: z.optional(
    z
      .record(itemId, z.string().check(z.minLength(1), z.maxLength(64)))
      .check(
        z.refine(
          (map) => Object.keys(map).length <= LIMITS.channelLocationsMax,
          `at most ${LIMITS.channelLocationsMax}`,
        ),
      ),
  ),
  listings: z.optional(listingsMode),
  eventTypes: z.optional(z.nullable(eventTypes)),
  outbound: z.optional(
    z.strictObject({
      levels: z.optional(z.boolean()),
      orders: z.optional(z.array(z.string().check(z.minLength(1), z.maxLength(100))).check(z.maxLength(100))),
      reorders: z.optional(z.boolean()),
      batchMax: z.optional(whole(1, 500)),
      callsPerSecond: z.optional(whole(1, 50)),
    }),
  ),
  countApproval: z.optional(
    z.strictObject({
      units: z.optional(z.nullable(whole(0, LIMITS.quantityMax))),
      percent: z.optional(z.nullable(z.number().check(z.gte(0), z.lte(1_000)))),
    }),
  ),
  /** Its default rules (buffers, caps): as `PUT /v1/channels/{id}/rules` takes them. Left out: they stay. */
  rules: z.optional(rulesBody),
});
export type ChannelBody = z.infer<typeof channelBody>;

export const readOnlyBody = z.strictObject({ on: z.boolean() });
export const pauseBody = z.strictObject({ reason: z.optional(z.string().check(z.minLength(1), z.maxLength(200))) });
export const rotateBody = z.strictObject({
  keepOldForSeconds: z._default(whole(0, LIMITS.channelSecretKeptSecondsMax), LIMITS.channelSecretKeptSeconds),
});
export const credentialBody = z.strictObject({ value: z.string().check(z.minLength(1), z.maxLength(4_000)) });
export const itemsBody = z.strictObject({
  listings: z
    .array(z.strictObject({ itemId, sku: z.string() }))
    .check(z.minLength(1), z.maxLength(LIMITS.channelListingsPerCallMax)),
});
export const itemsGoneBody = z.strictObject({
  itemIds: z.optional(z.array(itemId).check(z.minLength(1), z.maxLength(LIMITS.channelListingsPerCallMax))),
  all: z.optional(z.literal(true)),
});
export const itemsQuery = z.strictObject({
  limit: z._default(z.coerce.number().check(z.int(), z.gte(1), z.lte(LIMITS.channelListingsPerCallMax)), 200),
  after: z.optional(itemId),
});

const secretReply = z.object({ version: z.int(), createdAt: time, retiresAt: z.nullable(time) });

export const channelReply = z.object({
  ...{ id: z.string(), type: z.enum(CHANNEL_TYPES), adapter: z.enum(ADAPTERS), name: z.string() },
  ...{ direction: z.enum(DIRECTIONS), state: z.enum(["active", "paused"]), stateReason: z.nullable(z.string()) },
  ...{ stateBy: z.nullable(z.string()), stateSince: time, readOnly: z.boolean(), endpoint: z.nullable(z.string()) },
  ...{ locations: z.record(z.string(), z.string()), listings: listingsMode, eventTypes: z.nullable(eventTypes) },
  outbound: z.object({
    ...{ levels: z.boolean(), orders: z.array(z.string()), reorders: z.boolean() },
    ...{ batchMax: z.int(), callsPerSecond: z.int() },
  }),
  countApproval: z.object({ units: z.nullable(z.int()), percent: z.nullable(z.number()) }),
  ...{ revision: z.int(), createdAt: time, updatedAt: time },
});
/** Every part of ours goes by it from then on; orders are told to whoever is put from the answer on. */
const inForceAt = time.check(z.describe("From then on every part of ours goes by it."));
export const channelChangedReply = z.extend(channelReply, { inForceAt });
/** `secret`: once, when the channel is new. Other isolates work with what they knew for `effectiveWithinSeconds`, until `inForceAt`. */
export const channelPutReply = z.extend(channelReply, {
  secret: z.optional(z.string()),
  dryRun: z.optional(z.literal(true)),
  rules: z.optional(z.unknown()),
  effectiveWithinSeconds: z.optional(z.number()),
  inForceAt: z.optional(inForceAt),
});
export const channelGetReply = z.extend(channelReply, {
  secrets: z.object({
    signing: z.array(secretReply),
    credentials: z.array(z.object({ name: z.string(), createdAt: time })),
  }),
  listingCount: z.int(),
});
/** `environmentShops`: of SHOPIFY_SHOPS, which need no channel of their own. */
export const channelListReply = z.object({
  channels: z.array(channelReply),
  environmentShops: z.array(z.string()),
});
export const channelRemovedReply = z.object({ id: z.string(), removed: z.literal(true), inForceAt });
export const rotateReply = z.object({ id: z.string(), secret: z.string(), previousRetiresAt: time, inForceAt });
export const retiredReply = z.object({ id: z.string(), retired: z.boolean(), inForceAt });
export const credentialReply = z.object({ id: z.string(), name: z.string(), stored: z.boolean(), inForceAt });
export const resealReply = z.object({ resealed: z.int(), kept: z.int(), unreadable: z.array(z.string()) });
export const itemsReply = z.object({
  listings: z.array(z.object({ itemId: z.string(), sku: z.string() })),
  next: z.nullable(z.string()),
});
export const itemsPutReply = z.object({
  mapped: z.int(),
  errors: z.array(z.object({ index: z.int(), itemId: z.string(), sku: z.string(), reason: z.string() })),
  dryRun: z.optional(z.literal(true)),
});
export const itemsGoneReply = z.object({ removed: z.int() });
/** `reply`: the beginning of what the receiver said. Not sent: `retryAt` says when the breaker lets a try pass. */
export const channelTestReply = z.object({
  ...{ sent: z.boolean(), ok: z.boolean(), status: z.nullable(z.int()), ms: z.int() },
  ...{ reply: z.nullable(z.string()), reason: z.nullable(z.string()), retryAt: z.nullable(time) },
});
export const channelHealthReply = z.object({
  ...{ id: z.string(), verdict: z.enum(["healthy", "degraded", "failing", "paused", "idle"]) },
  ...{ reasons: z.array(z.string()), state: z.enum(["active", "paused"]), readOnly: z.boolean() },
  breaker: z.nullable(z.object({ state: z.string(), reason: z.nullable(z.string()), since: z.nullable(time) })),
  ...{ lastReceivedAt: z.nullable(time), lastSentAt: z.nullable(time) },
  lastError: z.nullable(z.object({ code: z.string(), at: time, deadLetterId: z.string() })),
  /** Of the last 24 h, by step and outcome; `isPartial`: there were more entries than are looked through. */
  last24h: z.object({ counts: z.record(z.string(), z.int()), isPartial: z.boolean() }),
  waitingDeadLetters: z.int(),
});
