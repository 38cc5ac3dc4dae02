/** Square's counts, page by page. What has no count at a place is not stocked there. */
import * as z from "zod/mini";
import type { LevelAnswer } from "../../domain/shop-gate/reply.ts";
import { stampMs } from "../../domain/stamp.ts";

/** As many records as one answer may hold. */
const PAGE = 1_000;

/** What changed at one place since then, a page of it; `updated_after` compares `calculated_at`. */
export const changesRequest = (location: string, sinceMs: number, limit: number, cursor: string | null) => ({
  ...{ location_ids: [location], states: ["IN_STOCK"], updated_after: new Date(sinceMs).toISOString(), limit },
  ...(cursor === null ? {} : { cursor }),
});

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
  /** Items with a count that is no whole number. */
  readonly odd: readonly string[];
  readonly cursor: string | null;
};

/** Null where a count has no time, or is no count at all: nothing of the page is believed then. */
export function parseCounts(body: unknown): CountsPage | null {
  const told = page.safeParse(body);
  if (!told.success) return null;
  const counts: (LevelAnswer & { item: string })[] = [];
  const odd: string[] = [];
  for (const { catalog_object_id: item, location_id: location, state, quantity, calculated_at } of told.data.counts ??
    []) {
    if (state !== undefined && state !== "IN_STOCK") continue;
    const atMs = stampMs(calculated_at);
    if (atMs === null || !/^-?\d{1,12}(?:\.\d{1,5})?$/.test(quantity)) return null;
    const available = Number(quantity);
    // A till hands over what it sells: nothing is committed there.
    if (Number.isInteger(available)) counts.push({ item, location, available, committed: 0, atMs });
    else odd.push(item);
  }
  return { counts, odd, cursor: told.data.cursor || null };
}
