/** Oversells as they go over the wire. */
import * as z from "zod/mini";
import { nextPage, textOrNull, timeOrNull, timeReply, units } from "./common.ts";

const shortSale = z.strictObject({
  kind: z.enum(["order", "sale", "reservation"]),
  id: z.string(),
  reference: textOrNull,
  channel: textOrNull,
  units,
  short: units.check(z.describe("Of it, those that are missing.")),
  soldAt: z.optional(timeReply),
  expiresAt: z.optional(timeReply.check(z.describe("Of a reservation: when it ends."))),
});

export const oversellReply = z.strictObject({
  id: z.string(),
  sku: z.string(),
  status: z.enum(["open", "resolved"]),
  units: units.check(z.describe("Missing now.")),
  peak: units.check(z.describe("The most that were ever missing.")),
  since: timeReply,
  updatedAt: timeReply,
  resolvedAt: timeOrNull,
  shortSales: z.array(shortSale).check(z.describe("The newest sales that together cover the missing units.")),
  unexplained: units.check(z.describe("Units that no known sale took.")),
  correlationId: z.string(),
});

export const oversellsReply = z.strictObject({ oversells: z.array(oversellReply), next: nextPage, open: z.int() });
