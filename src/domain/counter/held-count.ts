/**
 * Counts that differ from ours by more than their sender may book alone: held until a person approves or rejects them, while
 * sales go on. And what does not go together: told, never passed over. Pure.
 */
import type { MovementKey } from "../ids.ts";
import type { CountRequest } from "./count.ts";
import type { CountNews, CountWord } from "./counter-news.ts";
import type { Movement } from "./movement.ts";

/** More than either waits; null: no such limit. */
export type Approval = { readonly units: number | null; readonly percent: number | null };

export type HeldCount = {
  readonly request: CountRequest;
  /** What we had when the shelf was looked at. */
  readonly ours: number;
  readonly heldAtMs: number;
};

export type HeldCounts = ReadonlyMap<MovementKey, HeldCount>;

/** @param ours  what we had at the moment of the count */
export function isBeyond(approval: Approval, counted: number, ours: number): boolean {
  const difference = Math.abs(counted - ours);
  if (difference === 0) return false;
  const { units, percent } = approval;
  return (units !== null && difference > units) || (percent !== null && difference * 100 > percent * Math.abs(ours));
}

export function countNews(
  word: CountWord,
  request: CountRequest,
  ours: number,
  atMs: number,
  decided: { readonly by: string; readonly note: string } | null = null,
): CountNews {
  const { key, locationId, of, counted, countedAtMs, cause } = request;
  const { actor, source, reference } = cause;
  return {
    ...{ kind: "count", word, key, locationId, of, counted, ours, countedAtMs, actor, source, reference, atMs },
    ...{ decidedBy: decided?.by ?? null, note: decided?.note ?? null },
  };
}

/** A movement that took more than was there: a count is wrong, or a document. */
export function belowZeroNews(movement: Movement, onHand: number): CountNews {
  const { key, locationId, cause, occurredAtMs: countedAtMs, recordedAtMs: atMs, delta } = movement;
  const { actor, source, reference, reason: note } = cause;
  return {
    ...{ kind: "count", word: "below_zero", key, locationId, of: "on_hand", counted: onHand, ours: onHand - delta },
    ...{ countedAtMs, actor, source, reference, decidedBy: null, note, atMs },
  };
}
