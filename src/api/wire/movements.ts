/** Movements, counts and leases as they go over the wire. */
import * as z from "zod/mini";
import { MOVEMENT_KINDS } from "../../domain/counter/movement.ts";
import { dryRunMark, textOrNull, timeReply, units } from "./common.ts";
import { levelsReply } from "./levels.ts";
import { reservationReply } from "./reservations.ts";

const change = z.strictObject({ before: units, after: units });

const movementFields = {
  seq: z.int().check(z.describe("Rising within the SKU.")),
  key: z.string(),
  kind: z.enum(MOVEMENT_KINDS),
  locationId: z.string(),
  delta: units.check(z.describe("Of the ledger.")),
  reserved: z.optional(units),
  committed: z.optional(units),
  damaged: z.optional(units),
  safetyStock: z.optional(units),
  before: units,
  after: units,
  states: z.optional(
    z.strictObject({
      reserved: z.optional(change),
      committed: z.optional(change),
      damaged: z.optional(change),
      safetyStock: z.optional(change),
    }),
  ),
  channel: z.optional(z.string()),
  reason: z.string(),
  reference: textOrNull,
  source: z.string().check(z.describe("The way it came in: api, shopify, import …")),
  actor: z.string(),
  correlationId: z.string(),
  occurredAt: timeReply,
  recordedAt: timeReply,
  listingId: z.optional(textOrNull),
  explainedBy: z.optional(z.array(z.strictObject({ cause: z.string(), quantity: units }))),
  changedInShopify: z.optional(units.check(z.describe("Of a movement measured at Shopify: what no order explains."))),
};

export const movementReply = z.strictObject(movementFields);

export const movementsReply = z.strictObject({
  movements: z.array(movementReply),
  next: z.nullable(z.int()).check(z.describe("The `before` of the next page; null: there is nothing older.")),
});

export const bookedReply = z.strictObject({
  ...dryRunMark,
  movement: movementReply,
  movements: z.optional(z.array(movementReply)),
  levels: levelsReply,
});

const bundleHead = {
  ...dryRunMark,
  bundle: z.strictObject({
    sku: z.string(),
    quantity: units,
    takes: z.array(z.strictObject({ sku: z.string(), quantity: units })),
  }),
};

/** A guarded take of a bundle is held and sold in one call; whatever else happens to it is booked by component. */
export const bundleBookedReply = z.union([
  z.strictObject({ ...bundleHead, reservation: reservationReply }),
  z.strictObject({
    ...bundleHead,
    movements: z.array(z.strictObject({ sku: z.string(), ...movementFields })),
  }),
]);

export const countWaitsReply = z.strictObject({
  status: z.literal("waiting"),
  dryRun: z.boolean(),
  levels: levelsReply,
});

export const leaseReply = z.strictObject({
  leaseId: z.string(),
  fencingToken: z.int(),
  holder: z.string(),
  expiresAt: timeReply,
  levels: levelsReply,
});

/** A lease that a dry run foresees has no names. */
export const foreseenLeaseReply = z.strictObject({
  dryRun: z.literal(true),
  holder: z.string(),
  expiresAt: timeReply,
  levels: levelsReply,
});

export const unlockedReply = z.strictObject({ ...dryRunMark, unlocked: z.literal(true), levels: levelsReply });
