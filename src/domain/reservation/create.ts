/**
 * The first phase: every counter is asked to hold, and what they answer becomes the decision. All or none: one refusal, or
 * one answer that did not come, undoes the rest, and the same key may try again.
 */
import type { ReservationId } from "../ids.ts";
import type { CoordinatorState, Member, MemberRefusal, Reservation, Stray } from "./reservation.ts";
import { NOTHING, type ReservationRequest } from "./reservation.ts";
import { allOf } from "./taken.ts";
import type { Answered } from "./task.ts";

export type BeginOutcome =
  | { readonly kind: "begun"; readonly state: CoordinatorState }
  /** The same was asked before, and was granted. */
  | { readonly kind: "replayed"; readonly reservation: Reservation }
  | { readonly kind: "key_reused" };

/** @param attempt  names this attempt among those of the same id: a counter must not take its holds for those of another */
export function begin(
  state: CoordinatorState,
  request: ReservationRequest,
  attempt: string,
  nowMs: number,
): BeginOutcome {
  const { reservation } = state;
  if (reservation !== null) {
    const isSame = reservation.fingerprint === request.fingerprint;
    return isSame ? { kind: "replayed", reservation } : { kind: "key_reused" };
  }
  const { id, fingerprint, client, channel, cause, lines, ttlMs, commits, isFulfilled } = request;
  const holdKey = `${id}.${attempt}` as ReservationId;
  const members = request.members.map((member): Member => ({ ...member, held: [], isSettled: false }));
  const fresh: Reservation = {
    ...{ id, holdKey, fingerprint, client, channel, cause, lines, members },
    isFulfilled,
    createdAtMs: nowMs,
    expiresAtMs: nowMs + ttlMs,
    phase: { kind: "preparing", commits },
  };
  return { kind: "begun", state: { ...state, reservation: fresh } };
}

export type Decision =
  /** Recorded: from here on it is carried out. */
  | { readonly kind: "granted"; readonly state: CoordinatorState }
  | { readonly kind: "refused"; readonly state: CoordinatorState; readonly refusals: readonly MemberRefusal[] }
  | { readonly kind: "unanswered"; readonly state: CoordinatorState; readonly reason: string }
  /** It took longer than the holds were to last. */
  | { readonly kind: "too_late"; readonly state: CoordinatorState };

/**
 * @param answered   one per member
 * @param stragglerMs  how long a hold that was asked for may be on its way to its counter
 */
export function decide(
  state: CoordinatorState,
  reservation: Reservation,
  answered: readonly Answered[],
  stragglerMs: number,
  nowMs: number,
): Decision {
  const strays = new Set(state.strays.map(({ skuId }) => skuId));
  const bySku = new Map(answered.map(({ task, answer }) => [task.skuId, answer]));
  const members: Member[] = [];
  const refusals: MemberRefusal[] = [];
  const unanswered: string[] = [];
  for (const member of reservation.members) {
    const { skuId, sku } = member;
    const answer = bySku.get(skuId) ?? { kind: "unanswered", reason: "not asked" };
    if (answer.kind === "held") members.push({ ...member, held: answer.held });
    else if (answer.kind === "refused") {
      if (strays.has(skuId)) unanswered.push(`${sku} may still be held by an earlier attempt`);
      refusals.push({ skuId, sku, refusal: answer.refusal });
    } else unanswered.push(answer.kind === "unanswered" ? answer.reason : `it answered "${answer.kind}"`);
  }
  const refused = new Set(refusals.map(({ skuId }) => skuId));
  const undone = (): CoordinatorState => undo(state, reservation, (skuId) => !refused.has(skuId), stragglerMs, nowMs);
  // First: nobody is told of a shortage that may be of this reservation's own making.
  if (unanswered.length > 0) return { kind: "unanswered", state: undone(), reason: unanswered.join("; ") };
  if (refusals.length > 0) return { kind: "refused", state: undone(), refusals };
  if (nowMs >= reservation.expiresAtMs) return { kind: "too_late", state: undone() };
  const held = { ...reservation, members };
  const { phase: asking } = reservation;
  if (asking.kind !== "preparing" || !asking.commits) {
    return { kind: "granted", state: { ...state, reservation: { ...held, phase: { kind: "open" } } } };
  }
  const phase = { kind: "committing", taken: allOf(held), decidedAtMs: nowMs } as const;
  return { kind: "granted", state: { ...state, reservation: { ...held, phase } } };
}

/** A life that finds the asking cut off undoes it: nobody was promised anything. */
export function afterRestart(state: CoordinatorState, stragglerMs: number, nowMs: number): CoordinatorState {
  const { reservation } = state;
  if (reservation?.phase.kind !== "preparing") return state;
  return undo(state, reservation, () => true, stragglerMs, nowMs);
}

function undo(
  state: CoordinatorState,
  { members, holdKey, expiresAtMs, cause }: Reservation,
  mayHold: (skuId: Member["skuId"]) => boolean,
  stragglerMs: number,
  nowMs: number,
): CoordinatorState {
  const surelyAtMs = Math.min(nowMs + stragglerMs, expiresAtMs);
  const strays = members
    .filter(({ skuId }) => mayHold(skuId))
    .map(({ skuId }): Stray => ({ skuId, holdKey, untilMs: expiresAtMs, surelyAtMs, cause }));
  return { ...NOTHING, strays: [...state.strays, ...strays] };
}
