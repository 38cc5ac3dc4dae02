/**
 * What a listing could start now, and its start. State and intent are stored before anything is sent; asked again, the
 * same open push is handed out with the same key, so that a crash repeats it instead of doubling it (B3).
 */
import type { ListingId, PushKey, ReadKey } from "../ids.ts";
import type { PushRow, Want } from "./events.ts";
import { owedPush } from "./owed.ts";
import { readDueMs, recallDueMs } from "./read-due.ts";
import type { LevelReplica, ListingReplica, MergeState, MergeWindows, OpenPush, PushKind } from "./state.ts";
import { truthOf } from "./truth.ts";

/** What each listing could start now; those with nothing to start are missing. */
export function wants(state: MergeState, nowMs: number, windows: MergeWindows): ReadonlyMap<ListingId, Want> {
  const wanted = new Map<ListingId, Want>();
  const truth = truthOf(state);
  for (const [listingId, listing] of state.listings) {
    const want = wantOf(listing, nowMs, windows);
    if (
      want === "read" ||
      want === "recall" ||
      (want === "push" && owedPush(state, listingId, truth, nowMs) !== null)
    ) {
      wanted.set(listingId, want);
    }
  }
  return wanted;
}

/**
 * Mints a push of everything that is owed now and goes in one call, under the caller's fresh key. What is of the other kind
 * is wanted still.
 * @returns the state to store, and what to send; null when there is nothing to push, or it must wait
 */
export function startPush(
  state: MergeState,
  listingId: ListingId,
  key: PushKey,
  nowMs: number,
  windows: MergeWindows,
): { readonly state: MergeState; readonly kind: PushKind; readonly rows: readonly PushRow[] } | null {
  const listing = state.listings.get(listingId);
  if (listing === undefined || listing.open.has(key) || !mayPush(listing, nowMs, windows)) return null;
  const owed = owedPush(state, listingId, truthOf(state), nowMs);
  if (owed === null) return null;
  const { kind, rows } = owed;
  const levels = new Map(listing.levels);
  for (const { locationId, delta } of rows) {
    const level = levels.get(locationId);
    if (level !== undefined) levels.set(locationId, withPush(level, kind, delta, key));
  }
  const open = new Map(listing.open).set(key, { kind, rows: new Map(rows.map((row) => [row.locationId, row.delta])) });
  const releases = kind === "move" && rows.some(({ delta }) => delta > 0);
  const noReleaseBeforeMs = releases ? nowMs + windows.releaseEveryMs : listing.noReleaseBeforeMs;
  return { state: withListing(state, listingId, { ...listing, levels, open, noReleaseBeforeMs }), kind, rows };
}

/** A push to be handed out, as it was minted. */
export type HandedPush = { readonly kind: PushKind; readonly rows: readonly PushRow[] };

/** Pushes not yet answered, oldest first, to be handed out again as they are. */
export function openPushes(state: MergeState, listingId: ListingId): ReadonlyMap<PushKey, HandedPush> {
  const open = state.listings.get(listingId)?.open ?? new Map<PushKey, OpenPush>();
  return new Map(
    Array.from(open, ([key, { kind, rows }]) => [
      key,
      { kind, rows: Array.from(rows, ([locationId, delta]) => ({ locationId, delta })) },
    ]),
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

/** A due read goes first, or pushes that follow each other could starve a doubt for ever. */
function wantOf(listing: ListingReplica, nowMs: number, windows: MergeWindows): Want | null {
  if (listing.read !== null) return null;
  if (Math.max(listing.noRecallBeforeMs, recallDueMs(listing, windows)) <= nowMs) return "recall";
  if (readDueMs(listing, windows) <= nowMs && listing.open.size === 0) return "read";
  return mayPush(listing, nowMs, windows) ? "push" : null;
}

const mayPush = (listing: ListingReplica, nowMs: number, windows: MergeWindows): boolean =>
  listing.read === null && readDueMs(listing, windows) > nowMs && listing.noPushBeforeMs <= nowMs;

function withPush(level: LevelReplica, kind: PushKind, delta: number, key: PushKey): LevelReplica {
  const n = level.sentN + 1;
  const moved = level.moved + (kind === "move" ? delta : 0);
  return { ...level, sentN: n, moved, pushes: [...level.pushes, { n, delta, kind, atMs: null, key }] };
}

function withListing(state: MergeState, listingId: ListingId, listing: ListingReplica): MergeState {
  return { ...state, listings: new Map(state.listings).set(listingId, listing) };
}
