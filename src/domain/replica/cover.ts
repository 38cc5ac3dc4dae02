/**
 * A hint is covered when every level it can have touched has evidence from well after it: whatever it did is in the
 * settled numbers. A covered hint says nothing new, so duplicates need no memory of ids.
 */
import type { LocationId } from "../ids.ts";
import type { Hint, LevelReplica } from "./state.ts";

/** Tells for many hints against the same levels. A hint with a location that is not connected counts as without one. */
export function coverOf(
  levels: ReadonlyMap<LocationId, LevelReplica>,
  slackMs: number,
): (hint: Pick<Hint, "atMs" | "locationId">) => boolean {
  let oldestMs = Number.POSITIVE_INFINITY;
  for (const level of levels.values()) oldestMs = Math.min(oldestMs, level.atMs);
  return ({ atMs, locationId }) => {
    const baseMs = (locationId === null ? undefined : levels.get(locationId)?.atMs) ?? oldestMs;
    return baseMs > atMs + slackMs;
  };
}
