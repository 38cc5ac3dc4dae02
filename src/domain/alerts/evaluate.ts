/**
 * Decides what fires, escalates and recovers. Pure: readings and what was known before in, states and changes out. A change
 * is told once: an alert rises through its steps and never falls back to a lower one; it is over when its value was clearly
 * below for a time. What could not be read counts neither way, and its clocks stand still meanwhile.
 */
import { type AlertName, type AlertSpec, type Severity, STEPS } from "./alert-table.ts";
import { alertText } from "./alert-text.ts";

/** `value` in the alert's unit; null: who knows did not answer. */
export type Reading = { readonly alert: AlertName; readonly subject: string; readonly value: number | null };

export type AlertState = {
  readonly alert: AlertName;
  readonly subject: string;
  /** The highest step told since it began to fire; null: it does not fire. */
  readonly severity: Severity | null;
  /** Since when it fires. */
  readonly sinceMs: number | null;
  /** The newest value that was known, and when that was. */
  readonly value: number | null;
  readonly valueAtMs: number | null;
  /** Whether the newest reading told a value. */
  readonly isKnown: boolean;
  /** Per step of STEPS: how long the value has been at or above it; null: it is below. */
  readonly heldMs: readonly (number | null)[];
  /** How long it has been clearly below; null: it is not. */
  readonly calmMs: number | null;
};

/** That nothing could be evaluated: no row of the table, because it is about the table itself (blind.ts). */
export const NOT_EVALUATED = "not_evaluated";

export type AlertChange = {
  /** Of this very change: `<alert>/<subject>/<sinceMs>/<severity or recovered>`. */
  readonly id: string;
  readonly alert: AlertName | typeof NOT_EVALUATED;
  readonly subject: string;
  readonly change: "fired" | "escalated" | "recovered";
  /** Of a recovery: the highest it had come to. */
  readonly severity: Severity;
  readonly value: number;
  readonly threshold: number;
  readonly unit: string;
  readonly text: string;
  readonly sinceMs: number;
  readonly atMs: number;
};

export type Evaluation = {
  readonly alerts: readonly AlertSpec[];
  readonly states: readonly AlertState[];
  /** When the states were decided; null: never. */
  readonly evaluatedAtMs: number | null;
  readonly readings: readonly Reading[];
  readonly nowMs: number;
  /** Length of a minute of the alerts' clock. */
  readonly minuteMs: number;
};

/** Between two evaluations at most so many minutes count: nobody knows what was in a longer gap. */
const GAP_MINUTES_MAX = 3;
/** What was not heard of for so long is gone: a shop that left, a destination that nobody calls any more. */
export const FORGET_MINUTES = 24 * 60;

export function evaluate(evaluation: Evaluation): {
  readonly states: readonly AlertState[];
  readonly changes: readonly AlertChange[];
} {
  const { alerts, readings } = evaluation;
  const states: AlertState[] = [];
  const changes: AlertChange[] = [];
  const known = new Map(evaluation.states.map((state) => [keyOf(state), state]));
  const read = new Map(readings.map((reading) => [keyOf(reading), reading]));
  for (const key of new Set([...read.keys(), ...known.keys()])) {
    const about = read.get(key) ?? known.get(key);
    const spec = alerts.find(({ name }) => name === about?.alert);
    if (about === undefined || spec === undefined) continue; // an alert of another version
    const before = known.get(key) ?? newState(about.alert, about.subject);
    const reading = read.get(key);
    if (reading === undefined && before.valueAtMs === null) continue; // never known, and nobody asks any more
    const next = step(spec, before, reading?.value ?? null, evaluation);
    if (next.change !== null) changes.push(next.change);
    if (next.state !== null) states.push(next.state);
  }
  return { states, changes };
}

const keyOf = ({ alert, subject }: { readonly alert: AlertName; readonly subject: string }): string =>
  `${alert}/${subject}`;

const newState = (alert: AlertName, subject: string): AlertState => ({
  ...{ alert, subject, severity: null, sinceMs: null, value: null, valueAtMs: null, isKnown: false },
  ...{ heldMs: STEPS.map(() => null), calmMs: null },
});

type Stepped = { readonly state: AlertState | null; readonly change: AlertChange | null };

function step(spec: AlertSpec, before: AlertState, value: number | null, evaluation: Evaluation): Stepped {
  if (value === null) return unknown(spec, before, evaluation);
  const { nowMs, minuteMs, evaluatedAtMs } = evaluation;
  const elapsedMs = Math.min(Math.max(0, nowMs - (evaluatedAtMs ?? nowMs)), GAP_MINUTES_MAX * minuteMs);
  const longer = (heldMs: number | null | undefined): number => (heldMs == null ? 0 : heldMs + elapsedMs);
  const heldMs = STEPS.map(({ share }, i) => (value >= share * spec.threshold ? longer(before.heldMs[i]) : null));
  const calmMs = value < spec.recoverShare * spec.threshold ? longer(before.calmMs) : null;
  const state: AlertState = { ...before, value, valueAtMs: nowMs, isKnown: true, heldMs, calmMs };
  if (before.severity !== null && calmMs !== null && calmMs >= spec.recoverForMinutes * minuteMs)
    return recovered(spec, state, before.severity, value, nowMs);
  const reached = highestHeld(heldMs, spec.forMinutes * minuteMs);
  if (reached === null || rankOf(reached) <= rankOf(before.severity)) return { state, change: null };
  const sinceMs = before.sinceMs ?? nowMs;
  const told = { ...state, severity: reached, sinceMs };
  const kind = before.severity === null ? "fired" : "escalated";
  return { state: told, change: changeOf(spec, told, kind, reached, value, nowMs) };
}

/** Its clocks stand still. After a day it is gone: what fired then is told to be over, or it would stand there for ever. */
function unknown(spec: AlertSpec, before: AlertState, { nowMs, minuteMs }: Evaluation): Stepped {
  const state: AlertState = { ...before, isKnown: false };
  if (before.valueAtMs === null || nowMs - before.valueAtMs < FORGET_MINUTES * minuteMs) return { state, change: null };
  if (before.severity === null) return { state: null, change: null };
  return {
    state: null,
    change: changeOf(spec, before, "recovered", before.severity, before.value ?? 0, nowMs, "not heard of any more"),
  };
}

function recovered(spec: AlertSpec, state: AlertState, severity: Severity, value: number, nowMs: number): Stepped {
  const change = changeOf(spec, state, "recovered", severity, value, nowMs);
  return { state: { ...state, severity: null, sinceMs: null }, change };
}

const rankOf = (severity: Severity | null): number => STEPS.findIndex((each) => each.severity === severity);

function highestHeld(heldMs: readonly (number | null)[], forMs: number): Severity | null {
  return STEPS.findLast((_, i) => (heldMs[i] ?? -1) >= forMs)?.severity ?? null;
}

function changeOf(
  spec: AlertSpec,
  { subject, sinceMs: since }: AlertState,
  change: AlertChange["change"],
  severity: Severity,
  value: number,
  atMs: number,
  note?: string,
): AlertChange {
  const { name: alert, threshold, unit } = spec;
  const sinceMs = since ?? atMs;
  const id = `${alert}/${subject}/${sinceMs}/${change === "recovered" ? change : severity}`;
  const text = alertText(spec, subject, change, value, note);
  return { id, alert, subject, change, severity, value, threshold, unit, text, sinceMs, atMs };
}
