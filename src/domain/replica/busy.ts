/** Levels with a push in flight: at most one each, so that containment is a matter of order. */
import type { LocationId } from "../ids.ts";
import type { ListingReplica } from "./state.ts";

export function busyLocations(open: ListingReplica["open"]): ReadonlySet<LocationId> {
  const busy = new Set<LocationId>();
  for (const { rows } of open.values()) for (const locationId of rows.keys()) busy.add(locationId);
  return busy;
}
