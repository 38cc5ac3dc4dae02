/**
 * The second phase: commit, release, extend. Each outcome is its own: already committed is not released, and neither is
 * expired.
 */
import type { CoordinatorState, Phase, Reservation, Taken } from "./reservation.ts";
import { statusOf } from "./reservation.ts";
import { sameTaken } from "./taken.ts";

export type FinishOutcome =
  | { readonly kind: "decided"; readonly state: CoordinatorState }
  /** The same was decided before. */
  | { readonly kind: "repeated"; readonly reservation: Reservation }
  | { readonly kind: "already_committed"; readonly reservation: Reservation }
  | { readonly kind: "already_released"; readonly reservation: Reservation }
  | { readonly kind: "expired"; readonly reservation: Reservation }
  /** An extension that is neither refused nor agreed to by every counter stands in the way. */
  | { readonly kind: "undecided"; readonly reservation: Reservation };

/**
 * @param taken     all of it, or a part; the rest is released
 * @param marginMs  How long before its expiry a hold is made to last longer first. Decided in the last moment and told after
 *   it, the sale would stand although another may have had the units meanwhile.
 */
export function decideCommit(
  state: CoordinatorState,
  reservation: Reservation,
  taken: Taken,
  marginMs: number,
  nowMs: number,
): FinishOutcome {
  const { phase, expiresAtMs } = reservation;
  if (phase.kind === "committing" || phase.kind === "committed")
    return { kind: sameTaken(phase.taken, taken) ? "repeated" : "already_committed", reservation };
  const ended = endedOutcome(reservation, nowMs);
  if (ended !== null) return ended;
  const isClose = expiresAtMs - nowMs < marginMs;
  const next: Phase = isClose
    ? { kind: "extending", toMs: expiresAtMs + marginMs, commits: taken }
    : { kind: "committing", taken, decidedAtMs: nowMs };
  return { kind: "decided", state: inPhase(state, reservation, next) };
}

export function decideRelease(state: CoordinatorState, reservation: Reservation, nowMs: number): FinishOutcome {
  const { phase } = reservation;
  if (phase.kind === "committing" || phase.kind === "committed") return { kind: "already_committed", reservation };
  if (phase.kind === "releasing" || phase.kind === "released") return { kind: "repeated", reservation };
  const releasing: Phase = { kind: "releasing", decidedAtMs: nowMs };
  if (phase.kind === "extending") {
    // Whoever has agreed already holds until then.
    const longest = { ...reservation, expiresAtMs: phase.toMs };
    return { kind: "decided", state: inPhase(state, longest, releasing) };
  }
  const ended = endedOutcome(reservation, nowMs);
  if (ended !== null) return ended;
  return { kind: "decided", state: inPhase(state, reservation, releasing) };
}

/** Never shortens: an expiry that is later already stays. */
export function decideExtend(
  state: CoordinatorState,
  reservation: Reservation,
  toMs: number,
  nowMs: number,
): FinishOutcome {
  const { phase } = reservation;
  if (phase.kind === "committing" || phase.kind === "committed") return { kind: "already_committed", reservation };
  const ended = endedOutcome(reservation, nowMs);
  if (ended !== null) return ended;
  if (toMs <= reservation.expiresAtMs) return { kind: "repeated", reservation };
  return { kind: "decided", state: inPhase(state, reservation, { kind: "extending", toMs, commits: null }) };
}

/** What a decision comes to if every counter agrees to it: what a dry run shows. */
export function foreseen(decided: Reservation, nowMs: number): Reservation {
  const { phase } = decided;
  if (phase.kind !== "extending") return decided;
  const { toMs, commits } = phase;
  const next: Phase = commits === null ? { kind: "open" } : { kind: "committing", taken: commits, decidedAtMs: nowMs };
  return { ...decided, expiresAtMs: toMs, phase: next };
}

/** Why nothing can be decided any more; null while it is open. */
function endedOutcome(reservation: Reservation, nowMs: number): FinishOutcome | null {
  if (reservation.phase.kind === "extending") return { kind: "undecided", reservation };
  switch (statusOf(reservation, nowMs)) {
    case "open":
      return null;
    case "committed":
      return { kind: "already_committed", reservation };
    case "released":
      return { kind: "already_released", reservation };
    case "expired":
      return { kind: "expired", reservation };
    case "undecided":
      return { kind: "undecided", reservation };
  }
}

/** Every counter has this phase's question to answer. */
export function inPhase(state: CoordinatorState, reservation: Reservation, phase: Phase): CoordinatorState {
  const members = reservation.members.map((member) => ({ ...member, isSettled: false }));
  return { ...state, reservation: { ...reservation, members, phase } };
}
