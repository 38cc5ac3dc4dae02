/** Levels as they go over the wire: of stock, of bundles, of the past. */
import * as z from "zod/mini";
import { timeReply, units } from "./common.ts";

const states = { reserved: units, committed: units, damaged: units, safetyStock: units };
const shown = {
  available: units.check(
    z.describe("What a channel may count on seeing: ledger − doubt − anticipated. May be negative."),
  ),
  floor: units.check(z.describe("What is certainly there: takes are accepted against it.")),
};
const source = z.enum(["redis", "counter"]).check(z.describe("Who answered: the mirror, or the SKU's counter."));

export const locationLevels = z.strictObject({
  locationId: z.string(),
  ...shown,
  ...states,
  onHand: units,
  ledger: units.check(z.describe("The sum of all movements.")),
  doubt: units.check(z.describe("Units that Shopify may have taken: two pieces of news do not agree yet.")),
  anticipated: units.check(z.describe("Units that orders have taken and no level has shown yet.")),
});

export const levelsReply = z.strictObject({
  sku: z.string(),
  version: z.int().check(z.describe("Rises with every change that shows.")),
  ...shown,
  ...states,
  onHand: units.check(z.describe("available + reserved + committed + damaged + safetyStock")),
  locations: z.array(locationLevels).check(z.describe("In order of import.")),
  source,
  asOf: timeReply,
});

/** A bundle has no stock of its own: neither onHand nor committed. */
export const bundleLevelsReply = z.strictObject({
  sku: z.string(),
  version: z.int(),
  ...shown,
  locations: z.array(z.strictObject({ locationId: z.string(), available: units, floor: units })),
  components: z.array(z.strictObject({ sku: z.string(), quantity: units, available: units, floor: units })),
  bundle: z.literal(true),
  source,
  asOf: timeReply,
});

export const pastLevelsReply = z.strictObject({
  sku: z.string(),
  asOf: timeReply,
  precision: z
    .enum(["exact", "day"])
    .check(z.describe("`day`: movements of that time are kept by day alone; `at` is the beginning of the day.")),
  at: timeReply.check(z.describe("The moment that the numbers are of.")),
  ledger: units,
  ...states,
  locations: z.array(z.strictObject({ locationId: z.string(), ledger: units, ...states })),
});

export const batchReply = z.strictObject({
  items: z.array(z.union([levelsReply, bundleLevelsReply])),
  missing: z.array(z.string()).check(z.describe("SKUs that nobody knows.")),
  unavailable: z.array(z.string()).check(z.describe("SKUs that cannot be read just now.")),
});
