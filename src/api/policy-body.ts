/**
 * Policies and channel rules as they may be asked for. What decides is the parser (src/domain/policy/parse-policy.ts), which
 * the counters share; this says the same as a schema, for the document, and a property test holds both together.
 */
import * as z from "zod/mini";

const UNITS_MAX = 1_000_000_000;
const LOCATIONS_MAX = 1_000;
const CHANNELS_MAX = 100;
const HOLDS_MAX = 10_000;

/** Left out or null: the default. */
const orDefault = <Schema extends z.ZodMiniType>(schema: Schema) => z.optional(z.nullable(schema));
const units = z.int().check(z.gte(0), z.lte(UNITS_MAX));
const locations = z.array(z.string().check(z.regex(/^[\w.-]{1,64}$/))).check(
  z.maxLength(LOCATIONS_MAX),
  z.refine((ids) => new Set(ids).size === ids.length, "each once"),
);

const allocation = z.object({
  by: orDefault(z.enum(["priority", "most_stock"])),
  locations: orDefault(locations),
  split: orDefault(z.boolean()),
});

const buffer = z.union([
  z.object({ kind: z.literal("none") }),
  z.object({ kind: z.literal("fixed"), units }),
  z.object({ kind: z.literal("percentage"), percent: z.int().check(z.gte(0), z.lte(100)) }),
]);

export const rulesBody = z.strictObject({
  buffer: orDefault(buffer),
  zeroBelow: orDefault(units),
  cap: orDefault(units),
  excludedLocations: orDefault(locations),
  isStopped: orDefault(z.boolean()),
  allocation: orDefault(allocation),
});

/** As parseChannelId takes it: any case, kept in lower case. */
const CHANNEL = /^\s*(?:[a-z0-9._-]{1,64}|[a-z0-9][a-z0-9-]{0,62}\.myshopify\.com)\s*$/i;

export const policyBody = z.strictObject({
  strategy: orDefault(z.enum(["atomic", "optimistic", "pessimistic"])),
  allocation: orDefault(allocation),
  channels: orDefault(
    z
      .record(z.string().check(z.regex(CHANNEL)), rulesBody)
      .check(z.refine((channels) => Object.keys(channels).length <= CHANNELS_MAX, `at most ${CHANNELS_MAX} channels`)),
  ),
  holdsPerClientMax: orDefault(z.int().check(z.gte(0), z.lte(HOLDS_MAX))),
  heldShareMax: orDefault(z.int().check(z.gte(1), z.lte(100))),
});
