/** When a coordinator must look again by itself, and when it may forget. */
import { tasksOf } from "./drive.ts";
import type { CoordinatorState, Reservation } from "./reservation.ts";

export type CoordinatorTiming = {
  /** Longest time the asking may take; what is still preparing after it was cut off. */
  readonly prepareMs: number;
  /** How long a hold that was asked for may be on its way to its counter. */
  readonly stragglerMs: number;
  /** See decideCommit. */
  readonly commitMarginMs: number;
  /** First pause after a round that was not answered, doubling … */
  readonly retryMs: number;
  /** … up to this. */
  readonly retryMsMax: number;
  /** An ended reservation, and with it its key, is remembered this long. */
  readonly keptMs: number;
};

/** Null: nothing will ever be to do. */
export function wakeAtMs(state: CoordinatorState, timing: CoordinatorTiming, nowMs: number): number | null {
  const { reservation, tries } = state;
  if (reservation?.phase.kind === "preparing") return reservation.createdAtMs + timing.prepareMs;
  const pauseMs = Math.min(timing.retryMs * 2 ** Math.min(tries, 20), timing.retryMsMax);
  const retryAtMs = tasksOf(state).length > 0 ? nowMs + pauseMs : Number.POSITIVE_INFINITY;
  const endMs = reservation === null ? Number.POSITIVE_INFINITY : ownWakeMs(reservation, timing);
  const atMs = Math.min(retryAtMs, endMs);
  return atMs === Number.POSITIVE_INFINITY ? null : atMs;
}

function ownWakeMs({ phase, expiresAtMs }: Reservation, { keptMs }: CoordinatorTiming): number {
  if (phase.kind === "open") return expiresAtMs;
  return "endedAtMs" in phase ? phase.endedAtMs + keptMs : Number.POSITIVE_INFINITY;
}

/** Nothing is outstanding, and what it remembers has served its time. */
export function mayForget({ reservation, strays }: CoordinatorState, keptMs: number, nowMs: number): boolean {
  if (strays.length > 0) return false;
  if (reservation === null) return true;
  return "endedAtMs" in reservation.phase && nowMs >= reservation.phase.endedAtMs + keptMs;
}
