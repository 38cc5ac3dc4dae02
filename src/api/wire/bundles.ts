/** Bundles as they go over the wire. */
import * as z from "zod/mini";
import { nextPage, timeReply, units } from "./common.ts";

const takes = z.array(z.strictObject({ sku: z.string(), quantity: units }));

const stored = {
  sku: z.string(),
  revision: z.int(),
  components: z.array(z.strictObject({ sku: z.string(), quantity: units, kind: z.enum(["stocked", "bundle"]) })),
  updatedAt: timeReply,
  updatedBy: z.string(),
};
const effective = {
  dryRun: z.optional(z.literal(true)),
  effectiveWithinSeconds: z.optional(z.number().check(z.describe("Until every isolate believes it."))),
};

export const bundlesReply = z.strictObject({ bundles: z.array(z.strictObject(stored)), next: nextPage });

export const bundleReply = z.strictObject({
  ...stored,
  takes: z.optional(z.nullable(takes)).check(z.describe("What one of it takes from stock, nested bundles resolved.")),
  fault: z.optional(z.string()).check(z.describe("Why it cannot be sold.")),
});

export const bundlePutReply = z.strictObject({ ...stored, ...effective });
export const bundleDeletedReply = z.strictObject({ sku: z.string(), deleted: z.literal(true), ...effective });
