/** Policies, channel rules and what a channel may sell, as they go over the wire. */
import * as z from "zod/mini";
import { dryRunMark, timeOrNull, timeReply, units } from "./common.ts";
import { levelsReply } from "./levels.ts";

const allocation = z.strictObject({
  by: z.enum(["priority", "most_stock"]),
  locations: z.array(z.string()),
  split: z.boolean(),
});

const buffer = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("none") }),
  z.strictObject({ kind: z.literal("fixed"), units }),
  z.strictObject({ kind: z.literal("percentage"), percent: z.int() }),
]);

export const rulesReply = z.strictObject({
  buffer,
  zeroBelow: units,
  cap: z.nullable(units),
  excludedLocations: z.array(z.string()),
  isStopped: z.boolean(),
  allocation: z.nullable(allocation),
});

export const policyFields = z.strictObject({
  strategy: z.enum(["atomic", "optimistic", "pessimistic"]),
  allocation,
  channels: z.record(z.string(), rulesReply),
  holdsPerClientMax: z.int(),
  heldShareMax: z.int(),
});

export const policyReply = z.strictObject({
  sku: z.string(),
  version: z.int(),
  policy: policyFields,
  channelDefaults: z.record(z.string(), z.nullable(rulesReply)),
});

export const policyChangedReply = z.strictObject({
  ...dryRunMark,
  sku: z.string(),
  version: z.int(),
  policy: policyFields,
});

const sellableFields = {
  channel: z.string(),
  sellable: units.check(z.describe("Of what is shown: available, less what the rules withhold.")),
  withheld: units,
  certain: units.check(z.describe("What guarded takes of this channel can have now.")),
  rulesFrom: z.enum(["sku", "channel", "nobody"]),
  rules: rulesReply,
  locations: z.array(z.strictObject({ locationId: z.string(), available: units, withheld: units, sellable: units })),
};

export const sellableReply = z.strictObject({ sku: z.string(), ...sellableFields, asOf: timeReply });

export const bundleSellableReply = z.strictObject({
  sku: z.string(),
  version: z.int(),
  bundle: z.literal(true),
  channel: z.string(),
  sellable: units,
  certain: units,
  locations: z.array(z.strictObject({ locationId: z.string(), sellable: units })),
  components: z.array(z.strictObject({ sku: z.string(), quantity: units, sellable: units, certain: units })),
  asOf: timeReply,
});

/** Levels with `?channel=`: from the counter, and what the channel may sell. */
export const levelsOfChannelReply = z.strictObject({
  ...levelsReply.shape,
  channel: z.strictObject(sellableFields),
});

export const channelRulesReply = z.strictObject({
  ...dryRunMark,
  channel: z.string(),
  rules: z.nullable(rulesReply),
  revision: z.int(),
  updatedAt: timeOrNull,
  learnt: z.int().check(z.describe("Counters that know these rules; the others learn them within minutes.")),
  counters: z.int(),
});
