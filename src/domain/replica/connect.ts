/** How a counter's merge begins: an empty one, an empty listing, and the two ways of connecting a level. */
import type { LocationId } from "../ids.ts";
import { DEFAULT_RULES } from "../policy/sku-policy.ts";
import type { LevelReplica, ListingReplica, MergeState } from "./state.ts";

/** No listings and no stock. `locations` in order of priority (the order of import). */
export function emptyMerge(locations: readonly LocationId[] = []): MergeState {
  return { locations, own: new Map(locations.map((id) => [id, 0])), listings: new Map() };
}

export const EMPTY_LISTING: ListingReplica = {
  levels: new Map(),
  hints: new Map(),
  spares: [],
  open: new Map(),
  rules: DEFAULT_RULES,
  read: null,
  reads: 0,
  auditAtMs: Number.POSITIVE_INFINITY,
  doubtAtMs: Number.POSITIVE_INFINITY,
  noReadBeforeMs: 0,
  noPushBeforeMs: 0,
  noRecallBeforeMs: 0,
  noReleaseBeforeMs: 0,
  failures: 0,
};

export type ToldLevel = {
  readonly available: number;
  readonly atMs: number;
  /** Its settlements are numbered from the next on. */
  readonly settlements?: number;
};

/** Shopify's number is stock that we did not know of: all of it is Shopify's contribution. */
export function adoptedLevel(told: ToldLevel): LevelReplica {
  return {
    ...mirroredLevel(told),
    settled: told.available,
    effective: told.available,
    lowest: told.available,
    forgotten: 0,
  };
}

/** Shopify's number shows stock that we know already: it counts as pushed, so that only the difference is owed. */
export function mirroredLevel(told: ToldLevel): LevelReplica {
  return {
    settled: 0,
    atMs: told.atMs,
    containedN: 0,
    sentN: 0,
    forgotten: told.available,
    pushes: [],
    moved: 0,
    pending: [],
    since: null,
    effective: 0,
    lowest: 0,
    settlements: told.settlements ?? 0,
    explained: [],
    parked: null,
  };
}
