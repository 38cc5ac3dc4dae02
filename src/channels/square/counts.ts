/** Square's counts, page by page. What has no count at a place is not stocked there. */
import * as z from "zod/mini";
import type { LevelAnswer } from "../../domain/shop-gate/reply.ts";
import { stampMs } from "../../domain/stamp.ts";

/** As many records as one answer may hold. */
const PAGE = 1_000;

export const countsRequest = (items: readonly string[], locations: readonly string[], cursor: string | null) => ({
  ...{ catalog_object_ids: items, location_ids: locations, states: ["IN_STOCK"], limit: PAGE },
  ...(cursor === null ? {} : { cursor }),
});

const page = z.object({
  counts: z.optional(
    z.array(
      z.object({
        catalog_object_id: z.string(),
        location_id: z.string(),
        state: z.optional(z.string()),
        quantity: z.string(),
        calculated_at: z.string(),
      }),
    ),
  ),
  cursor: z.optional(z.nullable(z.string())),
});

export type CountsPage = {
  readonly counts: readonly (LevelAnswer & { readonly item: string })[];
  readonly cursor: string | null;
};

/** Null where a count is no whole number or has no time: nothing of the page is believed then. */
export function parseCounts(body: unknown): CountsPage | null {
  const told = page.safeParse(body);
  if (!told.success) return null;
  const counts: (LevelAnswer & { item: string })[] = [];
  for (const { catalog_object_id: item, location_id: location, state, quantity, calculated_at } of told.data.counts ??
    []) {
    if (state !== undefined && state !== "IN_STOCK") continue;
    const atMs = stampMs(calculated_at);
    if (atMs === null || !/^-?\d{1,12}(?:\.0{1,5})?$/.test(quantity)) return null;
    // A till hands over what it sells: nothing is committed there.
    counts.push({ item, location, available: Number(quantity), committed: 0, atMs });
  }
  return { counts, cursor: told.data.cursor || null };
}
