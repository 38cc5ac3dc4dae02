/** The merge as the books show it, and what each listing should show: sums only, no decisions. */
import type { ListingId, LocationId } from "../ids.ts";
import type { LocationTruth } from "./events.ts";
import { hintSums } from "./hint-sums.ts";
import type { MergeState } from "./state.ts";

/** One entry per location, in order of priority. */
export function truthOf(state: MergeState): readonly LocationTruth[] {
  const anticipated = [...state.listings.values()].map(({ hints }) => hintSums(hints).anticipated);
  return state.locations.map((locationId) => {
    let ledger = state.own.get(locationId) ?? 0;
    let doubt = 0;
    let uncertain = 0;
    for (const { levels } of state.listings.values()) {
      const level = levels.get(locationId);
      if (level === undefined) continue;
      ledger += level.settled;
      doubt += level.settled - level.effective;
      uncertain += level.settled - level.lowest;
    }
    const taken = anticipated.reduce((sum, units) => sum + (units.get(locationId) ?? 0), 0);
    return {
      locationId,
      ledger,
      doubt,
      anticipated: taken,
      available: ledger - doubt - taken,
      floor: ledger - uncertain - taken,
    };
  });
}

/** What is certainly there over all locations. A guarded take of q at L needs q ≤ min(floor of L, this). */
export function floorTotal(truth: readonly LocationTruth[]): number {
  return truth.reduce((sum, location) => sum + location.floor, 0);
}

/**
 * What our pushes to each location of a listing should add up to: the truth without the listing's own part, which its
 * level shows without our help, seen already or not. Less what was sent, it is what the listing is owed. Unknown
 * listing: empty.
 */
export function targetsOf(
  state: MergeState,
  listingId: ListingId,
  truth: readonly LocationTruth[] = truthOf(state),
): ReadonlyMap<LocationId, number> {
  const targets = new Map<LocationId, number>();
  const listing = state.listings.get(listingId);
  if (listing === undefined) return targets;
  const { anticipated } = hintSums(listing.hints);
  for (const { locationId, available } of truth) {
    const level = listing.levels.get(locationId);
    if (level === undefined) continue;
    targets.set(locationId, available - level.effective + (anticipated.get(locationId) ?? 0));
  }
  return targets;
}
