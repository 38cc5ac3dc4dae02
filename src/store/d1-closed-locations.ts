/** Locations of ours that every shop has deactivated, as an isolate believes for a while: nothing on the way waits for D1 twice. */
import type { D1Database } from "@cloudflare/workers-types";
import { fromStore, type LocationId } from "../domain/ids.ts";
import { inTime } from "../services/with-deadline.ts";

/**
 * @param ttlMs      how long an answer is believed
 * @param timeoutMs  after which D1 counts as away; what was known goes on being known
 */
export function d1ClosedLocations(
  db: D1Database,
  { ttlMs, timeoutMs }: { readonly ttlMs: number; readonly timeoutMs: number },
  nowMs: () => number,
): () => Promise<ReadonlySet<LocationId>> {
  let known: ReadonlySet<LocationId> | null = null;
  let untilMs = 0;
  const fetchNow = async (): Promise<ReadonlySet<LocationId>> => {
    try {
      const { results } = await inTime(timeoutMs, () =>
        db
          .prepare(`SELECT location_id FROM shop_locations WHERE shop NOT IN (SELECT shop FROM shops WHERE state = 'disconnected')
             GROUP BY location_id HAVING MAX(is_active) = 0`)
          .all<{ location_id: string }>(),
      );
      known = new Set(results.map((row) => fromStore<LocationId>(row.location_id)));
    } catch {
      known ??= new Set();
    }
    return known;
  };
  return async () => {
    if (known !== null && nowMs() < untilMs) return known;
    untilMs = nowMs() + ttlMs;
    return fetchNow();
  };
}
