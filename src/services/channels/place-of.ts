/** Where a channel means. */
import type { Channel } from "../../domain/channel/channel.ts";
import { type LocationId, parseNumericId } from "../../domain/ids.ts";

/** A name that the channel has not mapped may be our own id of the place: whether there is one, the counter knows. Null: it is neither. */
export function placeOf({ locations }: Pick<Channel, "locations">, name: string): LocationId | null {
  const mapped = locations.get(name);
  if (mapped !== undefined || !/^\d+$/.test(name)) return mapped ?? null;
  const id = parseNumericId<LocationId>("location", name);
  return id.ok ? id.value : null;
}
