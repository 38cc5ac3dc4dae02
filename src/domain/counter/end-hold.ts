/** How holds end: committed (all or part), released, extended, or expired at their exact time. Each end counts once. */
import type { HoldId, LocationId, ReservationId } from "../ids.ts";
import type { BookDraft } from "./book-draft.ts";
import { endOf, type Find, holdKey, holdsOf } from "./decide-hold.ts";
import type { Hold, HoldEnd, HoldEndOutcome, HoldExtendOutcome, HoldLine } from "./hold.ts";
import type { Movement, MovementCause } from "./movement.ts";

/** First thing in every batch: what is over is over before anything else is decided. */
export function expireHolds(draft: BookDraft): void {
  if (nextExpiryMs(draft.holds) > draft.nowMs) return;
  for (const hold of draft.holds.values()) if (hold.expiresAtMs <= draft.nowMs) expire(draft, hold);
}

function expire(draft: BookDraft, hold: Hold): void {
  const { id, reservationId, locationId, quantity, channel, cause } = hold;
  draft.book({
    ...{ key: holdKey("expiry", reservationId, numberOf(hold)), kind: "expiry", locationId, delta: quantity, channel },
    ...{ moves: { reserved: -quantity }, cause: { ...cause, reason: "hold expired" }, occurredAtMs: hold.expiresAtMs },
  });
  draft.removeHold(id);
}

/** When the next hold ends by itself; Infinity: none is open. */
export function nextExpiryMs(holds: ReadonlyMap<HoldId, Hold>): number {
  const known = firstExpiries.get(holds);
  if (known !== undefined) return known;
  let firstMs = Number.POSITIVE_INFINITY;
  for (const { expiresAtMs } of holds.values()) firstMs = Math.min(firstMs, expiresAtMs);
  firstExpiries.set(holds, firstMs);
  return firstMs;
}

/** A hot SKU has thousands of holds, and every batch asks: a batch that changes none costs no pass over them. */
const firstExpiries = new WeakMap<ReadonlyMap<HoldId, Hold>, number>();

const numberOf = ({ id }: Hold): number => Number(id.slice(id.lastIndexOf("/") + 1));

export function endHolds(draft: BookDraft, end: HoldEnd, find: Find): HoldEndOutcome {
  const open = holdsOf(draft.holds, end.reservationId);
  if (open.length === 0) return endOfNone(draft, end, find);
  if (end.how === "release") {
    const movements = open.map((hold) => release(draft, hold, hold.quantity, end.cause, "release"));
    for (const { id } of open) draft.removeHold(id);
    return { kind: "hold_ended", state: "released", movements };
  }
  const parts = share(open, end.lines);
  if (parts === null) return { kind: "exceeds_hold", held: open.reduce((sum, { quantity }) => sum + quantity, 0) };
  return { kind: "hold_ended", state: "committed", movements: commit(draft, open, parts, end) };
}

/** What a commit takes of each hold; null when it wants more than is held where it wants it. */
function share(open: readonly Hold[], lines: readonly HoldLine[] | null): ReadonlyMap<Hold, number> | null {
  if (lines === null) return new Map(open.map((hold) => [hold, hold.quantity]));
  const taken = new Map<Hold, number>();
  const named = lines.filter(({ locationId }) => locationId !== null);
  const anywhere = lines.filter(({ locationId }) => locationId === null);
  for (const line of [...named, ...anywhere]) {
    let left = line.quantity;
    for (const hold of open) {
      if (line.locationId !== null && line.locationId !== hold.locationId) continue;
      const part = Math.min(left, hold.quantity - (taken.get(hold) ?? 0));
      if (part > 0) taken.set(hold, (taken.get(hold) ?? 0) + part);
      left -= part;
    }
    if (left > 0) return null;
  }
  return taken;
}

function commit(
  draft: BookDraft,
  open: readonly Hold[],
  parts: ReadonlyMap<Hold, number>,
  { cause, isFulfilled = false }: HoldEnd & { readonly how: "commit" },
): readonly Movement[] {
  const movements: Movement[] = [];
  const committed = open.filter((hold) => (parts.get(hold) ?? 0) > 0);
  for (const [n, hold] of committed.entries()) {
    const { reservationId, locationId, channel } = hold;
    const quantity = parts.get(hold) ?? 0;
    const moves = { reserved: -quantity, committed: isFulfilled ? 0 : quantity };
    const occurredAtMs = draft.nowMs;
    const key = holdKey("commit", reservationId, n);
    movements.push(draft.book({ key, kind: "commit", locationId, delta: 0, moves, cause, occurredAtMs, channel }));
  }
  for (const hold of open) {
    const rest = hold.quantity - (parts.get(hold) ?? 0);
    if (rest > 0) movements.push(release(draft, hold, rest, cause, committed.length === 0 ? "release" : "rest"));
    draft.removeHold(hold.id);
  }
  return movements;
}

function release(
  draft: BookDraft,
  hold: Hold,
  quantity: number,
  cause: MovementCause,
  word: "release" | "rest",
): Movement {
  const { reservationId, locationId, channel } = hold;
  const key = holdKey(word, reservationId, numberOf(hold));
  const moves = { reserved: -quantity };
  const occurredAtMs = draft.nowMs;
  return draft.book({ key, kind: "release", locationId, delta: quantity, moves, cause, occurredAtMs, channel });
}

function endOfNone(draft: BookDraft, end: HoldEnd, find: Find): HoldEndOutcome {
  const { reservationId } = end;
  const ended = endOf(reservationId, find);
  if (ended === "expired" && end.how === "commit") return commitLate(draft, end, find);
  return ended === null ? { kind: "unknown_hold" } : { kind: "hold_ended_already", state: ended };
}

/**
 * A commit that was decided in time and is told after the end (its coordinator was cut off in between) is a sale that has
 * happened: it counts, though the units may be somebody else's by now. Then the level goes below zero, and is reported.
 */
function commitLate(draft: BookDraft, end: HoldEnd & { readonly how: "commit" }, find: Find): HoldEndOutcome {
  const expired = expiredParts(end.reservationId, find);
  const endedMs = Math.min(...expired.map(({ occurredAtMs }) => occurredAtMs));
  if (end.decidedAtMs >= endedMs) return { kind: "hold_ended_already", state: "expired" };
  const wanted = end.lines === null ? null : new Map<LocationId | null, number>();
  for (const { locationId, quantity } of end.lines ?? [])
    wanted?.set(locationId, (wanted.get(locationId) ?? 0) + quantity);
  const movements: Movement[] = [];
  for (const { locationId, delta, channel } of expired) {
    const quantity = wanted === null ? delta : takeFrom(wanted, locationId, delta);
    if (quantity === 0) continue;
    movements.push(
      draft.book({
        ...{ key: holdKey("commit", end.reservationId, movements.length), kind: "commit", locationId, channel },
        ...{ delta: -quantity, moves: { committed: end.isFulfilled ? 0 : quantity }, cause: end.cause },
        occurredAtMs: end.decidedAtMs,
      }),
    );
  }
  if (movements.length === 0) return { kind: "exceeds_hold", held: expired.reduce((sum, { delta }) => sum + delta, 0) };
  return { kind: "hold_ended", state: "committed", movements };
}

/** Units that are wanted at this place, or anywhere; what is taken is wanted no more. */
function takeFrom(wanted: Map<LocationId | null, number>, locationId: LocationId, most: number): number {
  let taken = 0;
  for (const place of [locationId, null]) {
    const part = Math.min(wanted.get(place) ?? 0, most - taken);
    if (part > 0) wanted.set(place, (wanted.get(place) ?? 0) - part);
    taken += part;
  }
  return taken;
}

function expiredParts(reservationId: ReservationId, find: Find): readonly Movement[] {
  const parts: Movement[] = [];
  for (let n = 0; ; n++) {
    const part = find(holdKey("expiry", reservationId, n));
    if (part === null) return parts;
    parts.push(part.movement);
  }
}

export function extendHolds(
  draft: BookDraft,
  reservationId: ReservationId,
  expiresAtMs: number,
  find: Find,
): HoldExtendOutcome {
  const open = holdsOf(draft.holds, reservationId);
  if (open.length === 0) {
    const ended = endOf(reservationId, find);
    return ended === null ? { kind: "unknown_hold" } : { kind: "hold_ended_already", state: ended };
  }
  if (expiresAtMs <= draft.nowMs) return { kind: "hold_expired" };
  // Never shorter: an earlier extension may come late, after one that went further.
  const holds = open.map((hold) => ({ ...hold, expiresAtMs: Math.max(hold.expiresAtMs, expiresAtMs) }));
  for (const hold of holds) draft.putHold(hold);
  return { kind: "hold_extended", holds };
}
