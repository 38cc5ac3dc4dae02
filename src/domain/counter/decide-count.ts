/** When a count may be booked, and as which change. */
import type { ListingId, MovementKey } from "../ids.ts";
import type { MergeEvent } from "../replica/events.ts";
import type { MergeState } from "../replica/state.ts";
import type { BookDraft } from "./book-draft.ts";
import { type CountOutcome, type CountRequest, isQuiet, listingsToRead, type WaitingCount } from "./count.ts";
import type { CounterNews } from "./counter-news.ts";
import type { Find } from "./decide-hold.ts";
import type { MovementLimits } from "./decide-movement.ts";
import { countNews, type HeldCount, isBeyond } from "./held-count.ts";
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
  /** Those that wait for a person; as above. */
  readonly held: Map<MovementKey, HeldCount>;
  readonly news: CounterNews[];
};

export type CountVerdict = {
  readonly key: MovementKey;
  readonly isApproved: boolean;
  /** Who decides, and why. */
  readonly by: string;
  readonly note: string;
};

export function decideCount(draft: BookDraft, request: CountRequest, desk: CountDesk): CountOutcome {
  const repeated = asBefore(request, desk);
  if (repeated !== null) return repeated;
  if (draft.at(request.locationId) === null) {
    // Who asks without one hears the refusal; a channel has moved on.
    if (request.approval !== undefined) desk.news.push(countNews("not_stocked", request, 0, draft.nowMs));
    return { kind: "no_such_location", known: draft.standings.map(({ locationId }) => locationId) };
  }
  const { horizonMs, levelMax } = desk.limits;
  if (request.countedAtMs < draft.nowMs - horizonMs) return { kind: "too_old", horizonMs };
  if (Math.abs(request.counted) > levelMax) return { kind: "out_of_range", level: request.counted, levelMax };
  const unread = listingsToRead(desk.merge, request.locationId);
  if (request.of === "on_hand" && unread.length > 0) {
    desk.waiting.set(request.key, { request, unread });
    return { kind: "count_waits" };
  }
  return bookOrHold(draft, request, desk);
}

/** Null: it is new. */
function asBefore({ key, fingerprint }: CountRequest, desk: CountDesk): CountOutcome | null {
  const known = desk.find(key);
  const held = desk.held.get(key);
  const before = known?.fingerprint ?? desk.waiting.get(key)?.request.fingerprint ?? held?.request.fingerprint;
  if (before === undefined) return null;
  if (before !== fingerprint) return { kind: "count_key_reused" };
  if (known !== null) return { kind: "counted_already", movement: known.movement };
  if (held === undefined) return { kind: "count_waits" };
  // Whoever tells it again may have heard nothing of it: neither may the person that it waits for. The same news, stored once.
  desk.news.push(countNews("held", held.request, held.ours, held.heldAtMs));
  return { kind: "count_held", ours: held.ours };
}

const REJECTED = "rejected: ";
const APPROVED = "approved by ";
const SUPERSEDED = "a later count is booked";

/** What has become of a count that was held, as its movement's reason says; null: it was never held. */
export function howDecided({
  cause: { reason },
}: Pick<Movement, "cause">): "booked" | "rejected" | "superseded" | null {
  const why = /\(([^()]*)\)$/.exec(reason)?.[1] ?? "";
  if (why.startsWith(APPROVED)) return "booked";
  if (why === SUPERSEDED) return "superseded";
  // Its end is a person's note, which may hold whatever he wrote.
  return reason.includes(` (${REJECTED}`) ? "rejected" : null;
}

/** What a person decides of a count that is held. The same again answers the same. */
export function decideHeld(draft: BookDraft, verdict: CountVerdict, desk: CountDesk): CountOutcome {
  const { key, by, note } = verdict;
  const held = desk.held.get(key);
  if (held === undefined) {
    const known = desk.find(key);
    if (known !== null) return { kind: "counted_already", movement: known.movement };
    return { kind: desk.waiting.has(key) ? "count_waits" : "no_such_count" };
  }
  const { approval: _, ...request } = held.request;
  desk.held.delete(key);
  if (!verdict.isApproved) {
    desk.news.push(countNews("rejected", request, held.ours, draft.nowMs, { by, note }));
    return { kind: "counted", movement: bookNothing(draft, request, `${REJECTED}${note}`) };
  }
  const outcome = decideCount(draft, { ...request, approved: { by, note } }, desk);
  // It cannot be booked as it is (too old, no such place any more): it still waits, to be rejected.
  if (outcome.kind !== "counted" && outcome.kind !== "count_waits") desk.held.set(key, held);
  return outcome;
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
    if (draft.at(request.locationId) !== null) bookOrHold(draft, request, desk);
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

function bookOrHold(draft: BookDraft, request: CountRequest, desk: CountDesk): CountOutcome {
  const { key, fingerprint, locationId, counted, of, countedAtMs, cause, approval, approved = null } = request;
  const { countedAtMs: newest, countedDelta = 0 } = bookAt(draft.own, locationId);
  const since = of === "on_hand" ? desk.onHandSince(locationId, countedAtMs) + inBatch(draft, request) : 0;
  const standing = draft.at(locationId);
  // What we had when the shelf was looked at.
  const ours = (of === "on_hand" ? (standing?.onHand ?? 0) : (standing?.available ?? 0)) - since;
  if (newest !== null && newest > countedAtMs) {
    // A later look at the shelf has been booked: this one is history. What that one corrected may have
    // happened before this one, or after; if neither makes it right, one of the two is wrong, and somebody should know.
    const isPossible = counted === ours || counted === ours + countedDelta;
    if (!isPossible && approved === null) desk.news.push(countNews("contradiction", request, ours, draft.nowMs));
    if (approved !== null) desk.news.push(countNews("superseded", request, ours, draft.nowMs, approved));
    return { kind: "counted", movement: bookNothing(draft, request, SUPERSEDED) };
  }
  if (approval !== undefined && isBeyond(approval, counted, ours)) {
    desk.held.set(key, { request, ours, heldAtMs: draft.nowMs });
    desk.news.push(countNews("held", request, ours, draft.nowMs));
    return { kind: "count_held", ours };
  }
  const delta = counted - ours;
  const movement = draft.book({
    ...{ key, kind: "count", locationId, delta, occurredAtMs: countedAtMs, fingerprint },
    cause: approved === null ? cause : { ...cause, reason: `${cause.reason} (${APPROVED}${approved.by})` },
  });
  draft.noteCount(locationId, countedAtMs, { of, delta });
  if (approved !== null) desk.news.push(countNews("booked", request, ours, draft.nowMs, approved));
  supersedeHeld(draft, request, desk);
  return { kind: "counted", movement };
}

/** Older counts of the place that still wait for a person: nobody need decide on them any more. */
function supersedeHeld(draft: BookDraft, { locationId, countedAtMs }: CountRequest, desk: CountDesk): void {
  for (const [key, held] of [...desk.held]) {
    const { request, ours } = held;
    if (request.locationId !== locationId || request.countedAtMs > countedAtMs) continue;
    desk.held.delete(key);
    desk.news.push(countNews("superseded", request, ours, draft.nowMs));
    bookNothing(draft, request, SUPERSEDED);
  }
}

/** Kept under its key, so that its repeat is known. */
function bookNothing(draft: BookDraft, request: CountRequest, why: string): Movement {
  const { key, fingerprint, locationId, countedAtMs, cause } = request;
  return draft.book({
    ...{ key, kind: "count", locationId, delta: 0, occurredAtMs: countedAtMs, fingerprint },
    cause: { ...cause, reason: `${cause.reason} (${why})` },
  });
}

const inBatch = (draft: BookDraft, { locationId, countedAtMs }: CountRequest): number =>
  draft.booked.reduce((sum, { movement }) => {
    if (movement.locationId !== locationId || movement.occurredAtMs <= countedAtMs) return sum;
    return sum + onHandChange(movement);
  }, 0);
