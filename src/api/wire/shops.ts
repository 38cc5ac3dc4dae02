/** How shops are connected, as it goes over the wire. */
import * as z from "zod/mini";
import { STATUS_FILTERS } from "../../services/list-listings.ts";
import { dryRunMark, nextPage, textOrNull, timeReply, units } from "./common.ts";
import { levelsReply } from "./levels.ts";

const finding = z.strictObject({
  kind: z.string(),
  variantId: z.string(),
  item: z.string(),
  sku: z.string(),
  title: z.string(),
  detail: z.string(),
});
const push = { locationId: z.string(), level: units, ours: units, delta: units };

export const shopImportReply = z.strictObject({
  mode: z.enum(["adopt", "mirror"]),
  nextCursor: textOrNull,
  counts: z.strictObject({ locations: z.int(), items: z.int(), connected: z.int(), levels: z.int() }),
  findings: z.array(finding),
  firstPushes: z
    .array(
      z.strictObject({
        sku: z.string(),
        item: z.string(),
        shopLocation: z.string(),
        connection: z.enum(["adopt", "mirror", "refused"]),
        ...push,
      }),
    )
    .check(z.describe("Each level that is connected anew, and what its first push adds at Shopify.")),
  dryRun: z.boolean(),
});

export const disconnectReply = z.strictObject({
  nextCursor: textOrNull,
  listings: z.int(),
  folded: z
    .array(z.strictObject({ sku: z.string(), locationId: z.string(), units }))
    .check(z.describe("Units that become ours.")),
  dryRun: z.boolean(),
});

export const shopLocationsReply = z.strictObject({
  locations: z.array(
    z.strictObject({ shopLocationId: z.string(), locationId: textOrNull, name: z.string(), isActive: z.boolean() }),
  ),
  ours: z.array(z.strictObject({ locationId: z.string(), name: z.string() })),
});

export const mappingReply = z.strictObject({
  locations: z.array(z.strictObject({ shopLocationId: z.string(), locationId: z.string() })),
});

export const shopFindingsReply = z.strictObject({
  connection: z.nullable(
    z.strictObject({
      mode: z.enum(["adopt", "mirror"]),
      state: z.enum(["connected", "disconnecting", "disconnected"]),
    }),
  ),
  findings: z.array(
    z.strictObject({
      subject: z.string(),
      kind: z.string(),
      sku: z.string(),
      detail: z.string(),
      seenAt: timeReply,
    }),
  ),
});

export const listingsReply = z.strictObject({
  listings: z.array(
    z.strictObject({
      variantId: z.string(),
      inventoryItemId: z.string(),
      sku: z.string(),
      title: z.string(),
      status: z.enum(STATUS_FILTERS),
      countedAs: textOrNull,
      sharesSkuWith: z.array(z.string()),
      importedAt: timeReply,
    }),
  ),
  next: nextPage,
  counts: z.record(z.string(), z.int()),
});

export const attachedReply = z.strictObject({
  ...dryRunMark,
  sku: z.string(),
  attached: z.array(z.strictObject({ connection: z.enum(["adopt", "mirror", "refused", "known"]), ...push })),
  unknownLocations: z.array(z.string()),
  levels: levelsReply,
});

export const releasedReply = z.union([
  z.strictObject({ ...dryRunMark, released: z.literal("former_sku"), sku: z.string() }),
  z.strictObject({
    ...dryRunMark,
    released: z.literal("listing"),
    sku: z.string(),
    levels: z.nullable(levelsReply),
  }),
]);

const subscription = z.strictObject({
  id: z.string(),
  topic: z.string(),
  uri: z.string(),
  includeFields: z.array(z.string()),
  format: z.string(),
  filter: textOrNull,
});

export const subscriptionsReply = z.strictObject({ subscriptions: z.array(subscription) });

export const syncedWebhooksReply = z.strictObject({
  subscriptions: z.array(subscription),
  changes: z.array(
    z.strictObject({
      topic: z.string(),
      change: z.enum(["kept", "created", "mended", "refused"]),
      was: z.optional(z.string()),
      why: z.optional(z.string()),
    }),
  ),
  elsewhere: z
    .array(subscription)
    .check(z.describe("Of another host with the same path: only `replace: true` moves them.")),
});
