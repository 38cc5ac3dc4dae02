/**
 * What a listing is owed, and in which order it gets it. Two debts stand apart: what the truth has changed by (an adjust
 * of available), and what its channel's rules withhold (a move from available to safety_stock, or back). Q is the sum of
 * both kinds, so the measured part of Shopify, `C = level − Q`, knows nothing of buffers.
 */
import type { ListingId, LocationId } from "../ids.ts";
import { sellableOf } from "../policy/sellable.ts";
import { DEFAULT_RULES } from "../policy/sku-policy.ts";
import { busyLocations } from "./busy.ts";
import { sentTotal } from "./containment.ts";
import type { LocationTruth, PushRow } from "./events.ts";
import type { LevelReplica, ListingReplica, MergeState, PushKind } from "./state.ts";
import { targetsOf } from "./truth.ts";

export type Owed = { readonly kind: PushKind; readonly rows: readonly PushRow[] };

/** `adjust`, `move`: signed changes of the level's available. */
type Debt = { readonly locationId: LocationId; readonly adjust: number; readonly move: number };

/**
 * The one push that should go next, were one allowed now; null: nothing is owed. Units to be withheld go first (stop-sell),
 * then what the truth has changed by, then units that are given back: so a shop shows too much for the shortest time. A
 * doubt does not hold a push back: what a listing is owed does not depend on its own part, and no snapshot that came before
 * can contain it.
 */
export function owedPush(
  state: MergeState,
  listingId: ListingId,
  truth: readonly LocationTruth[],
  nowMs: number,
): Owed | null {
  const listing = state.listings.get(listingId);
  if (listing === undefined) return null;
  const debts = debtsOf(state, listingId, listing, truth);
  if (debts.some(({ move }) => move < 0)) return { kind: "move", rows: moveRows(debts) };
  const adjusts = debts.filter(({ adjust }) => adjust !== 0);
  if (adjusts.length > 0) {
    return { kind: "adjust", rows: adjusts.map(({ locationId, adjust }) => ({ locationId, delta: adjust })) };
  }
  const rows = listing.noReleaseBeforeMs > nowMs ? [] : moveRows(debts);
  return rows.length === 0 ? null : { kind: "move", rows };
}

/** Units that the rules of a listing's channel keep from each of its levels, as the truth stands. */
export function withheldOf(listing: ListingReplica, truth: readonly LocationTruth[]): ReadonlyMap<LocationId, number> {
  if (listing.rules === DEFAULT_RULES) return new Map();
  const levels = truth.filter(({ locationId }) => listing.levels.has(locationId));
  const { locations } = sellableOf(levels, listing.rules);
  return new Map(locations.map(({ locationId, withheld }) => [locationId, withheld]));
}

/** Of levels that can take a push: not parked, none in flight. */
function debtsOf(
  state: MergeState,
  listingId: ListingId,
  listing: ListingReplica,
  truth: readonly LocationTruth[],
): readonly Debt[] {
  const busy = busyLocations(listing.open);
  const withheld = withheldOf(listing, truth);
  const debts: Debt[] = [];
  for (const [locationId, target] of targetsOf(state, listingId, truth)) {
    const level = listing.levels.get(locationId);
    if (level === undefined || level.parked || busy.has(locationId)) continue;
    const adjust = target - (sentTotal(level) - level.moved);
    debts.push({ locationId, adjust, move: moveOf(level, withheld.get(locationId) ?? 0) });
  }
  return debts;
}

/**
 * Nothing is moved away that the shop does not show: whether Shopify lets a move take available below zero is told
 * nowhere. What is still on its way there is withheld once it has arrived.
 */
export function moveOf(level: LevelReplica, withheld: number): number {
  const move = -withheld - level.moved;
  if (move >= 0) return move;
  const shown = Math.max(0, level.effective + sentTotal(level));
  return shown === 0 ? 0 : Math.max(move, -shown);
}

/** Given back only where nothing else is owed: units that the truth no longer has must not show up for a moment. */
function moveRows(debts: readonly Debt[]): readonly PushRow[] {
  return debts
    .filter(({ move, adjust }) => move < 0 || (move > 0 && adjust === 0))
    .map(({ locationId, move }) => ({ locationId, delta: move }));
}
