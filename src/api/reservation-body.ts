/** What a reservation is asked with. */
import * as z from "zod/mini";
import { LIMITS } from "../config.ts";
import { fromStore, type LocationId, parseSku, type Sku } from "../domain/ids.ts";
import { err, ok, type Result } from "../domain/result.ts";
import { channelField, locationField, quantityField, reasonField, referenceField } from "./movement-body.ts";
import type { Problem } from "./problem.ts";

const line = z.strictObject({
  sku: z.string(),
  quantity: quantityField,
  locationId: z.optional(locationField),
});
const linesField = z.array(line).check(z.minLength(1), z.maxLength(LIMITS.reservationLinesMax));
const ttlField = z.int().check(z.gte(LIMITS.reservationTtlMsMin / 1_000), z.lte(LIMITS.reservationTtlMsMax / 1_000));

export const reservationBody = z.strictObject({
  lines: linesField,
  ttlSeconds: ttlField,
  reference: z.optional(referenceField),
  reason: z._default(reasonField, "reservation"),
  channel: z.optional(channelField),
});

/** Left out: all of it. */
export const commitBody = z.strictObject({ lines: z.optional(linesField) });
export const extendBody = z.strictObject({ ttlSeconds: ttlField });

export type ParsedLine = { readonly sku: Sku; readonly quantity: number; readonly locationId: LocationId | null };

export function parseLines(lines: z.infer<typeof linesField>): Result<readonly ParsedLine[], Problem> {
  const parsed: ParsedLine[] = [];
  for (const [i, { sku, quantity, locationId }] of lines.entries()) {
    const its = parseSku(sku);
    if (!its.ok)
      return err({ code: "bad_request", detail: "A SKU has 1–255 printable characters.", field: `lines.${i}.sku` });
    const place = locationId === undefined ? null : fromStore<LocationId>(locationId);
    parsed.push({ sku: its.value, quantity, locationId: place });
  }
  return ok(parsed);
}
