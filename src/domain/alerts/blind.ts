/**
 * That alerts cannot be evaluated, mostly because the database is away, is worth an alert itself. An isolate knows it of its
 * own tries alone; so it is plain data in its memory, told without the database, and written down when that is back.
 */
import { type AlertChange, NOT_EVALUATED } from "./evaluate.ts";

export type Blindness = { readonly sinceMs: number; readonly failures: number; readonly isTold: boolean };

/** One failure may be chance. */
const FAILURES_MAX = 2;

export function afterFailure(
  blindness: Blindness | null,
  nowMs: number,
): { readonly blindness: Blindness; readonly fired: AlertChange | null } {
  const { sinceMs, failures, isTold } = blindness ?? { sinceMs: nowMs, failures: 0, isTold: false };
  const isNews = !isTold && failures + 1 >= FAILURES_MAX;
  return {
    blindness: { sinceMs, failures: failures + 1, isTold: isTold || isNews },
    fired: isNews ? firedOf(sinceMs, failures + 1, nowMs) : null,
  };
}

/** @returns what the first evaluation that succeeds writes down: that it fired, and that it is over */
export function afterSuccess(blindness: Blindness | null, nowMs: number): readonly AlertChange[] {
  if (blindness === null || !blindness.isTold) return [];
  const { sinceMs, failures } = blindness;
  const fired = firedOf(sinceMs, failures, sinceMs);
  const recovered: AlertChange = {
    ...fired,
    id: `${NOT_EVALUATED}//${sinceMs}/recovered`,
    change: "recovered",
    text: "Alerts are evaluated again.",
    atMs: nowMs,
  };
  return [fired, recovered];
}

const firedOf = (sinceMs: number, failures: number, atMs: number): AlertChange => ({
  ...{ id: `${NOT_EVALUATED}//${sinceMs}/critical`, alert: NOT_EVALUATED, subject: "", change: "fired" },
  ...{ severity: "critical", value: failures, threshold: FAILURES_MAX, unit: "failed evaluations", sinceMs, atMs },
  text: "Alerts cannot be evaluated: the database does not answer. What to do: runbook, alert not_evaluated.",
});
