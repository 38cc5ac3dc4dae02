/** What is posted to a channel's endpoint: levels, orders to send out, reorders, a test. */
import * as z from "zod/mini";
import { textOrNull, timeReply, units } from "./common.ts";

const envelope = { timestamp: timeReply, channel: z.string() };

export const levelsHookBody = z.strictObject({
  type: z.literal("stock.levels"),
  ...envelope,
  data: z.strictObject({
    levels: z.array(
      z.strictObject({
        sku: z.string(),
        itemId: textOrNull.check(z.describe("What the channel calls it; null: as we do.")),
        version: z.int().check(z.describe("The receiver keeps the highest of a SKU.")),
        available: units.check(z.describe("After buffers, caps and stop-sell; never below 0.")),
        locations: z.array(z.strictObject({ locationId: z.string(), available: units })),
        asOf: timeReply,
      }),
    ),
  }),
});

export const fulfilmentHookBody = z.strictObject({
  type: z.literal("order.fulfilment"),
  ...envelope,
  data: z.strictObject({
    orderId: z.string(),
    orderChannel: z.string(),
    version: z.int().check(z.describe("The receiver keeps the highest of an order.")),
    state: z.enum(["open", "cancelled"]),
    lines: z
      .array(
        z.strictObject({
          line: z.string().check(z.describe("Of a bundle's component `<line>/part/<sku>`.")),
          sku: z.string(),
          quantity: units,
          locationId: textOrNull,
          bundle: z
            .nullable(z.strictObject({ line: z.string(), sku: z.string(), quantity: units }))
            .check(z.describe("What it is a part of: the order's line, and the bundles of it to send. Null: of none.")),
        }),
      )
      .check(z.describe("All that is still to be sent out.")),
  }),
});

export const reorderHookBody = z.strictObject({
  type: z.enum(["reorder.requested", "reorder.cancelled"]),
  ...envelope,
  data: z.strictObject({
    reorderId: z.string(),
    sku: z.string(),
    itemId: textOrNull,
    locationId: textOrNull,
    quantity: units,
    neededBy: textOrNull,
    reason: z.string(),
  }),
});

export const channelTestHookBody = z.strictObject({
  type: z.literal("channel.test"),
  ...envelope,
  data: z.strictObject({}),
});
