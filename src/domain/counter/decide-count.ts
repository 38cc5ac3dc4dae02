/** When a count may be booked, and as which change. */
import type { ListingId, MovementKey } from "../ids.ts";
import type { MergeEvent } from "../replica/events.ts";
import type { MergeState } from "../replica/state.ts";
import type { BookDraft } from "./book-draft.ts";
import { type CountOutcome, type CountRequest, isQuiet, listingsToRead, type WaitingCount } from "./count.ts";
import type { Find } from "./decide-hold.ts";
import type { MovementLimits } from "./decide-movement.ts";
import type { Movement } from "./movement.ts";
import { bookAt, onHandChange } from "./own-book.ts";

export type CountDesk = {
  readonly merge: MergeState;
  readonly limits: MovementLimits;
  readonly find: Find;
  /** Change of what is on hand at the location by all that happened after a moment; earlier batches only. */
  readonly onHandSince: (locationId: CountRequest["locationId"], sinceMs: number) => number;
  /** Those that wait; the caller keeps what this module puts in and takes out. */
  readonly waiting: Map<MovementKey, WaitingCount>;
};

export function decideCount(draft: BookDraft, request: CountRequest, desk: CountDesk): CountOutcome {
  const known = desk.find(request.key);
  if (known !== null)
    return known.fingerprint === request.fingerprint
      ? { kind: "counted_already", movement: known.movement }
      : { kind: "count_key_reused" };
  const waits = desk.waiting.get(request.key);
  if (waits !== undefined)
    return waits.request.fingerprint === request.fingerprint ? { kind: "count_waits" } : { kind: "count_key_reused" };
  if (draft.at(request.locationId) === null)
    return { kind: "no_such_location", known: draft.standings.map(({ locationId }) => locationId) };
  const { horizonMs, levelMax } = desk.limits;
  if (request.countedAtMs < draft.nowMs - horizonMs) return { kind: "too_old", horizonMs };
  if (Math.abs(request.counted) > levelMax) return { kind: "out_of_range", level: request.counted, levelMax };
  const unread = listingsToRead(desk.merge, request.locationId);
  if (request.of === "on_hand" && unread.length > 0) {
    desk.waiting.set(request.key, { request, unread });
    return { kind: "count_waits" };
  }
  return { kind: "counted", movement: bookCount(draft, request, desk) };
}

/** Counts that waited, oldest look at the shelf first: those whose listings were read and whose location is quiet. */
export function bookWaiting(
  draft: BookDraft,
  desk: CountDesk,
  answered: ReadonlySet<ListingId>,
  before: MergeState,
): void {
  const ordered = [...desk.waiting].toSorted(([, a], [, b]) => a.request.countedAtMs - b.request.countedAtMs);
  for (const [key, { request, unread }] of ordered) {
    const left = unread.filter(
      ({ listingId, reads }) =>
        desk.merge.listings.has(listingId) &&
        !(answered.has(listingId) && (before.listings.get(listingId)?.reads ?? 0) > reads),
    );
    if (left.length > 0 || !isQuiet(desk.merge, request.locationId)) {
      if (left.length !== unread.length) desk.waiting.set(key, { request, unread: left });
      continue;
    }
    desk.waiting.delete(key);
    if (draft.at(request.locationId) !== null) bookCount(draft, request, desk);
  }
}

/** Reads that the waiting counts ask for. */
export const countReads = (waiting: Iterable<WaitingCount>): readonly MergeEvent[] =>
  [...new Set(Array.from(waiting).flatMap(({ unread }) => unread.map(({ listingId }) => listingId)))].map(
    (listingId) => ({
      kind: "audit",
      listingId,
    }),
  );

function bookCount(draft: BookDraft, request: CountRequest, desk: CountDesk): Movement {
  const { key, fingerprint, locationId, counted, of, countedAtMs, cause } = request;
  const standing = draft.at(locationId);
  const newest = bookAt(draft.own, locationId).countedAtMs;
  // A later look at the shelf has been booked: this one is history.
  const isSuperseded = newest !== null && newest > countedAtMs;
  let delta = 0;
  if (standing !== null && !isSuperseded) {
    const since = of === "on_hand" ? desk.onHandSince(locationId, countedAtMs) + inBatch(draft, request) : 0;
    delta = counted + since - (of === "on_hand" ? standing.onHand : standing.available);
  }
  const movement = draft.book({
    ...{ key, kind: "count", locationId, delta, occurredAtMs: countedAtMs, fingerprint },
    cause: isSuperseded ? { ...cause, reason: `${cause.reason} (a later count is booked)` } : cause,
  });
  draft.noteCount(locationId, countedAtMs, of);
  return movement;
}

const inBatch = (draft: BookDraft, { locationId, countedAtMs }: CountRequest): number =>
  draft.booked.reduce((sum, { movement }) => {
    if (movement.locationId !== locationId || movement.occurredAtMs <= countedAtMs) return sum;
    return sum + onHandChange(movement);
  }, 0);
