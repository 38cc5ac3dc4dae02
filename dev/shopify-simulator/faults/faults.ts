/**
 * What may go wrong, and how often. Everything is off by default; every draw is seeded. The schema serves the TypeScript
 * setter and the HTTP control alike, so a mistyped fault is an error and never a quiet nothing.
 */
import * as z from "zod";

const rate = z.number().min(0).max(1);
const rangeMs = z.tuple([z.number().min(0), z.number().min(0)]);

const webhookFaults = z.strictObject({
  /** `hold` keeps deliveries until the stop is lifted, `lose` throws them away. */
  stopped: z.enum(["no", "hold", "lose"]).default("no"),
  /** The same delivery (same X-Shopify-Webhook-Id) arrives twice. */
  duplicateRate: rate.default(0),
  /** The delivery never happens and is never retried: one rate, or one per topic (`inventory_levels/update`). */
  dropRate: z.union([rate, z.record(z.string(), rate)]).default(0),
  /** The delivery is held back, so that later ones overtake it. */
  reorderRate: rate.default(0),
  reorderHoldMs: z.number().min(0).default(2_000),
  /** Every delivery waits this long, uniformly. */
  delayMs: rangeMs.default([0, 0]),
});

const graphqlFaults = z.strictObject({
  /** Which calls the rates below concern. An outage concerns all. */
  target: z.enum(["all", "mutations"]).default("all"),
  /** Everything answers with this status (503, 402, 423 …) until it is lifted. */
  outageStatus: z.number().int().min(400).max(599).nullable().default(null),
  /** Round trip; half of it passes before the call takes effect, half after. */
  latencyMs: rangeMs.default([0, 0]),
  /** HTTP 429 with Retry-After. */
  rateLimitedRate: rate.default(0),
  /** HTTP 500, 502, 503 or 504. */
  serverErrorRate: rate.default(0),
  /** HTTP 200 with a top-level INTERNAL_SERVER_ERROR. */
  internalErrorRate: rate.default(0),
  /** How often a call that failed in one of the two ways above has been applied nevertheless. */
  failedButAppliedRate: rate.default(0.5),
  /** HTTP 200 with THROTTLED, whatever the bucket holds. */
  throttledRate: rate.default(0),
  /** Applied, then the connection breaks before the answer. */
  lostResponseRate: rate.default(0),
  /** Applied, then no answer at all: the client runs into its own timeout. */
  timeoutAfterApplyRate: rate.default(0),
  /** The connection breaks and nothing was applied. */
  lostRequestRate: rate.default(0),
  /** The connection breaks; the call is applied later all the same. */
  lateRequestRate: rate.default(0),
  lateRequestMs: rangeMs.default([500, 2_000]),
  /** The inventory mutations answer this user error and apply nothing. `*_FAILED` marks the idempotency key as failed. */
  userErrors: z.array(z.strictObject({ code: z.string(), rate })).default([]),
  /** Every call that holds this text fails with 500 and is not applied: an item that Shopify cannot answer for. */
  failsAbout: z.string().min(1).nullable().default(null),
  /** Scopes that the app has lost. */
  missingScopes: z.array(z.string()).default([]),
});

const stampFaults = z.strictObject({
  /** Disorder between Shopify's servers: a level's stamp is off by at most this much. */
  levelJitterMs: z.number().min(0).default(0),
  /** An order's created_at is up to this much earlier than its stock change. */
  orderSkewMs: z.number().min(0).default(0),
});

const bulkFaults = z.strictObject({
  /** What becomes of a bulk query: `refused` at its start, or `fails` while it runs. */
  outcome: z.enum(["normal", "refused", "fails"]).default("normal"),
  /** The result is told so long after its rows were read: they are as old as that. */
  readyAfterMs: z.number().min(0).default(0),
});

export const faultsSchema = z.strictObject({
  webhooks: webhookFaults.prefault({}),
  graphql: graphqlFaults.prefault({}),
  bulk: bulkFaults.prefault({}),
  stamps: stampFaults.prefault({}),
});

export type Faults = z.output<typeof faultsSchema>;
export type WebhookFaults = Faults["webhooks"];
export type GraphqlFaults = Faults["graphql"];
export type BulkFaults = Faults["bulk"];
/** What one may assign: every field may be left out, which turns that fault off. */
export type FaultsInput = z.input<typeof faultsSchema>;

export const NO_FAULTS: Faults = faultsSchema.parse({});

/** The faults that hold after a patch: named fields change, the others stay. Throws on an unknown field. */
export function mergeFaults(current: Faults, patch: FaultsInput): Faults {
  // Checked by itself first: an unknown group would vanish in the merge without a word.
  faultsSchema.parse(patch);
  return faultsSchema.parse({
    webhooks: { ...current.webhooks, ...patch.webhooks },
    graphql: { ...current.graphql, ...patch.graphql },
    bulk: { ...current.bulk, ...patch.bulk },
    stamps: { ...current.stamps, ...patch.stamps },
  });
}
