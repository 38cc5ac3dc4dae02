/**
 * What is to be asked of which counter, and what follows from their answers: a function of the stored state alone, so that
 * a restart at any point goes on as if nothing had happened.
 */
import type { LocationId, SkuId } from "../ids.ts";
import { inPhase } from "./finish.ts";
import type { CoordinatorState, Member, Phase, Reservation, Stray, Taken } from "./reservation.ts";
import type { Answered, Task } from "./task.ts";

/** Empty when nothing is outstanding. */
export function tasksOf(state: CoordinatorState): readonly Task[] {
  const strays = state.strays.map((stray): Task => ({ kind: "release_stray", skuId: stray.skuId, stray }));
  const { reservation } = state;
  if (reservation === null) return strays;
  const own = reservation.members
    .filter(({ isSettled }) => !isSettled)
    .flatMap((member) => taskOf(reservation, member));
  return [...own, ...strays];
}

function taskOf(reservation: Reservation, member: Member): readonly Task[] {
  const { phase, holdKey, cause, expiresAtMs, fingerprint, client, channel, isFulfilled } = reservation;
  const { skuId, parts } = member;
  switch (phase.kind) {
    case "preparing":
      return [{ kind: "hold", skuId, holdKey, parts, expiresAtMs, fingerprint, client, channel, cause }];
    case "extending":
      return [{ kind: "extend", skuId, holdKey, expiresAtMs: phase.toMs, cause }];
    case "committing": {
      const units = unitsToCommit(member, phase.taken);
      if (units.length === 0) return [{ kind: "release", skuId, holdKey, cause }];
      return [{ kind: "commit", skuId, holdKey, units, decidedAtMs: phase.decidedAtMs, isFulfilled, cause }];
    }
    case "releasing":
      return [{ kind: "release", skuId, holdKey, cause }];
    default:
      return [];
  }
}

/** One sum per place. */
function unitsToCommit({ parts }: Member, taken: Taken) {
  const sums = new Map<LocationId | null, number>();
  for (const { line, each, locationId } of parts)
    sums.set(locationId, (sums.get(locationId) ?? 0) + (taken[line] ?? 0) * each);
  return Array.from(sums, ([locationId, quantity]) => ({ locationId, quantity })).filter(
    ({ quantity }) => quantity > 0,
  );
}

/** The state with these answers in it. Not for `preparing`: its answers are one decision (create.ts). */
export function afterAnswers(state: CoordinatorState, answered: readonly Answered[], nowMs: number): CoordinatorState {
  const strays = state.strays.filter((stray) => !isGone(stray, answered, nowMs));
  const { reservation } = state;
  const swept = { ...state, strays };
  if (reservation === null || reservation.phase.kind === "preparing") return swept;
  const done = new Set<SkuId>();
  const gone = new Set<SkuId>();
  for (const { task, answer } of answered) {
    if (task.kind === "release_stray" || answer.kind === "unanswered" || answer.kind === "refused") continue;
    if (task.kind === "extend" && answer.kind === "gone") gone.add(task.skuId);
    else done.add(task.skuId);
  }
  const members = reservation.members.map((member) =>
    done.has(member.skuId) ? { ...member, isSettled: true } : member,
  );
  return settle(swept, { ...reservation, members }, gone, nowMs);
}

function settle(
  state: CoordinatorState,
  reservation: Reservation,
  gone: ReadonlySet<SkuId>,
  nowMs: number,
): CoordinatorState {
  const { phase, expiresAtMs, members } = reservation;
  const isAll = members.every(({ isSettled }) => isSettled);
  const to = (next: Phase): CoordinatorState => ({ ...state, reservation: { ...reservation, phase: next } });
  switch (phase.kind) {
    case "extending":
      if (gone.size > 0) return loseTo(state, reservation, phase.toMs, gone, nowMs);
      if (!isAll) return nowMs < phase.toMs ? to(phase) : to({ kind: "expired", endedAtMs: nowMs });
      return extended(state, { ...reservation, expiresAtMs: phase.toMs }, phase.commits, nowMs);
    case "committing":
      return to(isAll ? { ...phase, kind: "committed", endedAtMs: nowMs } : phase);
    case "releasing": {
      // Whoever has not answered by then has let go by itself.
      const isOver = isAll || nowMs >= expiresAtMs;
      return to(isOver ? { ...phase, kind: "released", endedAtMs: nowMs } : phase);
    }
    case "open":
      return nowMs < expiresAtMs ? to(phase) : to({ kind: "expired", endedAtMs: expiresAtMs });
    default:
      return to(phase);
  }
}

/** One hold was gone before it could be extended: all or none, so the others are let go. */
function loseTo(
  state: CoordinatorState,
  reservation: Reservation,
  untilMs: number,
  gone: ReadonlySet<SkuId>,
  nowMs: number,
): CoordinatorState {
  const { holdKey, cause, members } = reservation;
  const strays = members
    .filter(({ skuId }) => !gone.has(skuId))
    // An extension that was not answered may still be on its way; it finds nothing once the hold is released.
    .map(({ skuId }): Stray => ({ skuId, holdKey, untilMs, surelyAtMs: nowMs, cause }));
  const phase: Phase = { kind: "expired", endedAtMs: nowMs };
  return { ...state, strays: [...state.strays, ...strays], reservation: { ...reservation, phase } };
}

function extended(
  state: CoordinatorState,
  reservation: Reservation,
  commits: Taken | null,
  nowMs: number,
): CoordinatorState {
  if (nowMs >= reservation.expiresAtMs) return inPhase(state, reservation, { kind: "expired", endedAtMs: nowMs });
  const next: Phase = commits === null ? { kind: "open" } : { kind: "committing", taken: commits, decidedAtMs: nowMs };
  return inPhase(state, reservation, next);
}

function isGone(stray: Stray, answered: readonly Answered[], nowMs: number): boolean {
  if (nowMs >= stray.untilMs) return true;
  const answer = answered.find(({ task }) => task.kind === "release_stray" && task.stray === stray)?.answer;
  if (answer?.kind === "done") return true;
  return answer?.kind === "gone" && nowMs >= stray.surelyAtMs;
}
