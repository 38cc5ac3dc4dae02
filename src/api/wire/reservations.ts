/** Reservations as they go over the wire. */
import * as z from "zod/mini";
import { dryRunMark, textOrNull, timeOrNull, timeReply, units } from "./common.ts";

export const reservationFields = {
  id: z.string(),
  status: z.enum(["open", "committed", "released", "expired", "undecided"]),
  settled: z.boolean().check(z.describe("False: it is decided, and a counter still has to be told.")),
  client: z.string(),
  channel: textOrNull,
  reason: z.string(),
  reference: textOrNull,
  correlationId: z.string(),
  createdAt: timeReply,
  expiresAt: timeReply.check(z.describe("The moment from which the units are anybody's.")),
  endedAt: timeOrNull,
  lines: z.array(
    z.strictObject({ sku: z.string(), quantity: units, locationId: textOrNull, committed: z.optional(units) }),
  ),
  holds: z
    .array(z.strictObject({ sku: z.string(), locationId: z.string(), quantity: units }))
    .check(z.describe("Where units were set aside.")),
};

export const reservationReply = z.strictObject(reservationFields);
export const reservationDryReply = z.strictObject({ ...dryRunMark, ...reservationFields });
