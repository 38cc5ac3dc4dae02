/** Alerts as the API shows them. */
import type { AlertSpec, ThresholdOverride } from "../domain/alerts/alert-table.ts";
import type { AlertChange, AlertState } from "../domain/alerts/evaluate.ts";
import type { AlertsView, AlertView } from "../services/alerts/list-alerts.ts";
import { iso, isoOrNull } from "./time-to-wire.ts";

export function alertsToWire({ evaluatedAtMs, isStale, minuteMs, destinations, alerts }: AlertsView) {
  return {
    evaluatedAt: isoOrNull(evaluatedAtMs),
    stale: isStale,
    destinations,
    firing: alerts.flatMap(({ spec, states }) =>
      states.filter(({ severity }) => severity !== null).map((state) => firingToWire(spec, state)),
    ),
    thresholds: alerts.map((view) => thresholdToWire(view, minuteMs)),
  };
}

const firingToWire = (
  { threshold, unit }: AlertSpec,
  { alert, subject, severity, sinceMs, value, isKnown }: AlertState,
) => ({
  ...{ alert, subject, severity, value, threshold, unit },
  since: isoOrNull(sinceMs),
  /** False: who knows did not answer; the value is the last that was known. */
  known: isKnown,
});

function thresholdToWire({ spec, standard, override, states }: AlertView, minuteMs: number) {
  const seconds = (minutes: number): number => (minutes * minuteMs) / 1_000;
  return {
    ...{ name: spec.name, per: spec.per, threshold: spec.threshold, unit: spec.unit, default: standard.threshold },
    ...{ min: spec.range.min, max: spec.range.max, reason: spec.reason },
    windowSeconds: spec.windowMinutes === null ? null : seconds(spec.windowMinutes),
    forSeconds: seconds(spec.forMinutes),
    recoverBelow: spec.recoverShare * spec.threshold,
    recoverForSeconds: seconds(spec.recoverForMinutes),
    override: override === null ? null : overrideToWire(override),
    subjects: states.map(({ subject, value, valueAtMs, severity, isKnown }) => ({
      ...{ subject, value, at: isoOrNull(valueAtMs), severity },
      state: !isKnown ? "unknown" : severity === null ? "ok" : "firing",
    })),
  };
}

export const overrideToWire = ({ threshold, forMinutes, reason, actor, atMs }: ThresholdOverride) => ({
  ...{ threshold, forMinutes, reason, actor },
  at: iso(atMs),
});

export const changeToWire = ({ sinceMs, atMs, ...change }: AlertChange) => ({
  ...change,
  since: iso(sinceMs),
  at: iso(atMs),
});
