/** How a till that keeps its own stock is connected, as it goes over the wire. */
import * as z from "zod/mini";
import { shopImportReply } from "./shops.ts";

const cursor = z.optional(z.nullable(z.string().check(z.minLength(1), z.maxLength(255))));

export const connectBody = z.strictObject({
  cursor,
  mode: z.optional(z.enum(["adopt", "mirror"])),
  dryRun: z.optional(z.boolean()),
});
export const partBody = z.strictObject({ cursor, dryRun: z.optional(z.boolean()) });

export const connectReply = z.strictObject({
  ...shopImportReply.shape,
  counts: z.strictObject({ items: z.int(), connected: z.int(), levels: z.int() }),
});
