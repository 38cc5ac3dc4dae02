/**
 * What a listing could start now, and its start. State and intent are stored before anything is sent; asked again, the
 * same open push is handed out with the same key, so that a crash repeats it instead of doubling it (B3).
 */
import type { ListingId, LocationId, PushKey, ReadKey } from "../ids.ts";
import { busyLocations } from "./busy.ts";
import { sentTotal } from "./containment.ts";
import type { LocationTruth, PushRow, Want } from "./events.ts";
import { readDueMs, recallDueMs } from "./read-due.ts";
import type { LevelReplica, ListingReplica, MergeState, MergeWindows } from "./state.ts";
import { targetsOf, truthOf } from "./truth.ts";

/** What each listing could start now; those with nothing to start are missing. */
export function wants(state: MergeState, nowMs: number, windows: MergeWindows): ReadonlyMap<ListingId, Want> {
  const wanted = new Map<ListingId, Want>();
  const truth = truthOf(state);
  for (const [listingId, listing] of state.listings) {
    const want = wantOf(listing, nowMs, windows);
    if (want === "read" || want === "recall" || (want === "push" && owedRows(state, listingId, truth).length > 0)) {
      wanted.set(listingId, want);
    }
  }
  return wanted;
}

/**
 * Mints a push of everything that is owed now, under the caller's fresh key.
 * @returns the state to store, and the rows to send; null when there is nothing to push, or it must wait
 */
export function startPush(
  state: MergeState,
  listingId: ListingId,
  key: PushKey,
  nowMs: number,
  windows: MergeWindows,
): { readonly state: MergeState; readonly rows: readonly PushRow[] } | null {
  const listing = state.listings.get(listingId);
  if (listing === undefined || listing.open.has(key) || !mayPush(listing, nowMs, windows)) return null;
  const rows = owedRows(state, listingId, truthOf(state));
  if (rows.length === 0) return null;
  const levels = new Map(listing.levels);
  for (const { locationId, delta } of rows) {
    const level = levels.get(locationId);
    if (level !== undefined) levels.set(locationId, withPush(level, delta, key));
  }
  const open = new Map(listing.open).set(key, new Map(rows.map((row) => [row.locationId, row.delta])));
  return { state: withListing(state, listingId, { ...listing, levels, open }), rows };
}

/** Pushes not yet answered, oldest first, to be handed out again as they are. */
export function openPushes(state: MergeState, listingId: ListingId): ReadonlyMap<PushKey, readonly PushRow[]> {
  const open = state.listings.get(listingId)?.open ?? new Map<PushKey, ReadonlyMap<LocationId, number>>();
  return new Map(
    Array.from(open, ([key, rows]) => [key, Array.from(rows, ([locationId, delta]) => ({ locationId, delta }))]),
  );
}

/**
 * Marks a read of all levels of a listing as under way. Whether one is due, `wants` says; that it overlaps nothing is
 * guarded here, because only so an answer contains every push.
 * @returns the state to store; null while a push or another read is under way
 */
export function startRead(state: MergeState, listingId: ListingId, key: ReadKey, nowMs: number): MergeState | null {
  const listing = state.listings.get(listingId);
  if (listing === undefined || listing.read !== null || listing.open.size > 0) return null;
  const levels = new Map(Array.from(listing.levels, ([locationId, level]) => [locationId, { ...level, since: [] }]));
  const read = { key, startedMs: nowMs };
  return withListing(state, listingId, { ...listing, levels, read, reads: listing.reads + 1 });
}

/** Notes that the open pushes are asked back now, so that it is not asked again at once. Null: none is open. */
export function startRecall(
  state: MergeState,
  listingId: ListingId,
  nowMs: number,
  windows: MergeWindows,
): MergeState | null {
  const listing = state.listings.get(listingId);
  if (listing === undefined || listing.open.size === 0) return null;
  return withListing(state, listingId, { ...listing, noRecallBeforeMs: nowMs + windows.recallEveryMs });
}

/** Open pushes that a read is waiting for, whether or not they were asked back just now: asking twice does no harm. */
export function recalledPushes(
  state: MergeState,
  listingId: ListingId,
  nowMs: number,
  windows: MergeWindows,
): readonly PushKey[] {
  const listing = state.listings.get(listingId);
  return listing === undefined || recallDueMs(listing, windows) > nowMs ? [] : [...listing.open.keys()];
}

/**
 * Rows that a push could carry, were one allowed now: nonzero, not parked, no push in flight. A doubt does not hold a
 * push back: what a listing is owed does not depend on its own part, and no snapshot that came before can contain it.
 */
function owedRows(state: MergeState, listingId: ListingId, truth: readonly LocationTruth[]): readonly PushRow[] {
  const listing = state.listings.get(listingId);
  if (listing === undefined) return [];
  const busy = busyLocations(listing.open);
  const rows: PushRow[] = [];
  for (const [locationId, target] of targetsOf(state, listingId, truth)) {
    const level = listing.levels.get(locationId);
    if (level === undefined || level.parked || busy.has(locationId)) continue;
    const delta = target - sentTotal(level);
    if (delta !== 0) rows.push({ locationId, delta });
  }
  return rows;
}

/** A due read goes first, or pushes that follow each other could starve a doubt for ever. */
function wantOf(listing: ListingReplica, nowMs: number, windows: MergeWindows): Want | null {
  if (listing.read !== null) return null;
  if (Math.max(listing.noRecallBeforeMs, recallDueMs(listing, windows)) <= nowMs) return "recall";
  if (readDueMs(listing, windows) <= nowMs && listing.open.size === 0) return "read";
  return mayPush(listing, nowMs, windows) ? "push" : null;
}

const mayPush = (listing: ListingReplica, nowMs: number, windows: MergeWindows): boolean =>
  listing.read === null && readDueMs(listing, windows) > nowMs && listing.noPushBeforeMs <= nowMs;

function withPush(level: LevelReplica, delta: number, key: PushKey): LevelReplica {
  const n = level.sentN + 1;
  return { ...level, sentN: n, pushes: [...level.pushes, { n, delta, atMs: null, key }] };
}

function withListing(state: MergeState, listingId: ListingId, listing: ListingReplica): MergeState {
  return { ...state, listings: new Map(state.listings).set(listingId, listing) };
}
