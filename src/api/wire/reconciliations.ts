/** Reconciliations as they go over the wire. */
import * as z from "zod/mini";
import { nextPage, textOrNull, timeOrNull, timeReply, units } from "./common.ts";

const unitsOrNull = z.nullable(units);

const runFields = {
  id: z.string(),
  shop: z.string(),
  scope: z.strictObject({ skus: z.union([z.enum(["changed", "all"]), z.array(z.string())]) }),
  dryRun: z.boolean(),
  trigger: z.enum(["schedule", "outage", "demand"]),
  actor: z.string(),
  correlationId: z.string(),
  status: z.enum(["queued", "running", "done", "failed", "cancelled"]),
  phase: textOrNull,
  counts: z.strictObject({
    listings: z.int(),
    levels: z.int(),
    suspects: z.int(),
    mismatches: z.int(),
    healed: z.int(),
    reads: z.int(),
    unmapped: z.int(),
    ordersRead: z.int(),
    ordersSent: z.int(),
    subscriptions: z.int(),
    subscriptionsMended: z.int(),
  }),
  mismatchRate: z.nullable(z.number()),
  notes: z.array(z.string()),
  createdAt: timeReply,
  startedAt: timeOrNull,
  endedAt: timeOrNull,
};

export const runReply = z.strictObject(runFields);
export const runsStartedReply = z.strictObject({ runs: z.array(runReply) });
export const runsReply = z.strictObject({ runs: z.array(runReply), next: nextPage });

export const findingReply = z.strictObject({
  id: z.string(),
  cause: z.string(),
  remedy: z.string(),
  sku: textOrNull,
  listingId: textOrNull,
  shopLocationId: textOrNull,
  expected: unitsOrNull.check(z.describe("What Shopify shall show when all that is ours to send has arrived.")),
  found: unitsOrNull,
  difference: unitsOrNull,
  changedInShopify: units,
  foundAt: timeOrNull,
  detail: textOrNull,
  healed: z.boolean(),
  healedAt: timeOrNull,
  overwritten: z.nullable(
    z.strictObject({
      at: timeReply,
      by: z.string(),
      reason: z.string(),
      movementSeq: z.nullable(z.int()),
    }),
  ),
  createdAt: timeReply,
});

export const runWithFindingsReply = z.strictObject({
  ...runFields,
  findings: z.array(findingReply),
  nextFinding: nextPage,
});

export const foreseenOverwriteReply = z.strictObject({
  dryRun: z.literal(true),
  action: z.string(),
  delta: z.nullable(units),
});
