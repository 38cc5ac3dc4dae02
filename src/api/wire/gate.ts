/** A shop's gate as it goes over the wire. */
import * as z from "zod/mini";
import { gateBreaker } from "./breakers.ts";
import { textOrNull, units } from "./common.ts";

const ms = z.nullable(z.number());

export const gateReply = z.strictObject({
  settings: z.strictObject({
    readOnly: z.boolean(),
    stopped: z.boolean(),
    deltaMax: units,
    paused: z.optional(z.nullable(z.enum(["app_uninstalled", "disconnected"]))),
    pausedBy: z.optional(z.string()),
  }),
  bucket: z
    .strictObject({ available: z.number(), maximum: z.number(), restorePerSecond: z.number() })
    .check(z.describe("Shopify's points.")),
  calls: z.strictObject({ mutations: z.int(), reads: z.int(), other: z.int(), rateLimited: z.int() }),
  rowsSent: z.int(),
  levelsRead: z.int(),
  queued: z.int(),
  sending: z.int(),
  frozen: z.int(),
  expired: z.int(),
  unreported: z.int(),
  readsWaiting: z.int(),
  alerts: z.strictObject({ conflicts: z.int(), mismatches: z.int(), expiredCalls: z.int() }),
  pausedReason: textOrNull,
  pausedUntilMs: ms,
  breaker: z.optional(gateBreaker),
  outageEndedMs: z.optional(ms),
});

export const gatesReply = z.strictObject({
  shops: z.array(z.strictObject({ shop: z.string(), status: gateReply })),
});

const state = z.enum(["queued", "sending", "done", "failed", "expired"]);
const pushFields = {
  pushKey: z.string(),
  skuId: z.string(),
  listingId: z.string(),
  kind: z.optional(z.enum(["adjust", "move"])),
  rows: z.array(z.strictObject({ item: z.string(), location: z.string(), delta: units })),
  correlationId: z.string(),
  urgent: z.optional(z.boolean()),
  receivedAtMs: z.optional(ms),
};

export const heldPushesReply = z.strictObject({
  pushes: z.array(
    z.strictObject({
      ...pushFields,
      state,
      reason: z.enum([
        ...(["stopped", "read_only", "delta_above_max", "app_uninstalled", "disconnected"] as const),
        ...(["paused", "pacing", "frozen", "expired"] as const),
      ]),
      submittedAtMs: z.number(),
    }),
  ),
});

export const evidenceReply = z.strictObject({
  push: z.strictObject(pushFields),
  state,
  call: z.strictObject({
    callKey: z.string(),
    referenceDocumentUri: z.string().check(z.describe("As Shopify's inventory history shows it, if it was applied.")),
    firstAtMs: z.number(),
    attempts: z.int(),
    code: textOrNull,
    message: textOrNull,
  }),
  levels: z.union([
    z.array(z.strictObject({ location: z.string(), available: units, committed: z.nullable(units), atMs: z.number() })),
    z.string().check(z.describe("Why they could not be read.")),
  ]),
});

export const doneReply = z.strictObject({ done: z.literal(true) });
