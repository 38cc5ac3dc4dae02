/**
 * A level that Shopify refused a push for, as a dead letter keeps it: pushes to it have stopped, and replaying the letter
 * lets them go again.
 */
import * as z from "zod/mini";
import type { CorrelationId, ListingId, LocationId, SkuId } from "../domain/ids.ts";

export type ParkedLevel = {
  readonly v: 1;
  readonly kind: "parked_level";
  readonly skuId: SkuId;
  readonly listingId: ListingId;
  readonly locationIds: readonly LocationId[];
  /** Of the push that was refused; of a missing level, which a read found, there is none. */
  readonly correlationId?: CorrelationId;
};

const text = z.string().check(z.minLength(1));
const schema = z.object({
  v: z.literal(1),
  kind: z.literal("parked_level"),
  skuId: text,
  listingId: text,
  locationIds: z.array(text),
  correlationId: z.optional(text),
});

export function parseParkedLevel(body: unknown): ParkedLevel | null {
  const parsed = schema.safeParse(body);
  return parsed.success ? (parsed.data as unknown as ParkedLevel) : null;
}
