/** A stocktake's dry run, and its run. */
import * as z from "zod/mini";
import { textOrNull, timeOrNull, units } from "./common.ts";

const rowErrors = z.array(z.strictObject({ line: z.int(), field: z.string(), message: z.string() }));

export const importPlanReply = z.strictObject({
  dryRun: z.literal(true),
  planId: textOrNull.check(z.describe("Null: the file has errors, and cannot be counted.")),
  expiresAt: timeOrNull,
  rows: z.int(),
  errors: rowErrors,
  changes: z.array(
    z.strictObject({
      line: z.int(),
      sku: z.string(),
      locationId: z.string(),
      counted: units,
      of: z.enum(["available", "on_hand"]),
      outcome: z.enum(["counted", "already", "waiting"]),
      difference: z.nullable(units),
      countedAt: timeOrNull,
    }),
  ),
});

export const importRunReply = z.strictObject({
  dryRun: z.literal(false),
  planId: z.string(),
  done: z.boolean(),
  nextLine: z.nullable(z.int()).check(z.describe("Send the file again with this as `fromLine`.")),
  counted: z.int(),
  already: z.int(),
  waiting: z.int(),
  failed: rowErrors,
});
