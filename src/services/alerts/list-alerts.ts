/** What an operator sees of the alerts, and what he may set. */
import {
  ALERTS,
  type AlertName,
  type AlertSpec,
  effectiveAlerts,
  type ThresholdOverride,
} from "../../domain/alerts/alert-table.ts";
import type { AlertChange, AlertState } from "../../domain/alerts/evaluate.ts";
import type { CorrelationId } from "../../domain/ids.ts";
import { err, ok, type Result } from "../../domain/result.ts";
import type { AlertStore } from "./alert-store.ts";

/** One alert: how it is set, and what it reads of each of its subjects. */
export type AlertView = {
  /** As it holds now. */
  readonly spec: AlertSpec;
  /** As the table in code says. */
  readonly standard: AlertSpec;
  readonly override: ThresholdOverride | null;
  readonly states: readonly AlertState[];
};

export type AlertsView = {
  /** Null: never yet. */
  readonly evaluatedAtMs: number | null;
  /** The evaluation is late: what is shown may be old. */
  readonly isStale: boolean;
  readonly minuteMs: number;
  readonly destinations: readonly string[];
  readonly alerts: readonly AlertView[];
  readonly changes: readonly AlertChange[];
};

export type ListAlertsDeps = {
  readonly store: Pick<AlertStore, "memory" | "overrides" | "changes">;
  readonly destinations: readonly string[];
  readonly nowMs: number;
  readonly minuteMs: number;
  readonly changesMax: number;
};

/** An evaluation may be one late without being missed. */
const STALE_MINUTES = 3;

export async function listAlerts(deps: ListAlertsDeps): Promise<AlertsView> {
  const { store, nowMs, minuteMs, destinations } = deps;
  const [memory, overrides, changes] = await Promise.all([
    store.memory(),
    store.overrides(),
    store.changes(deps.changesMax),
  ]);
  const evaluatedAtMs = memory?.evaluatedAtMs ?? null;
  return {
    ...{ evaluatedAtMs, minuteMs, destinations, changes },
    isStale: evaluatedAtMs === null || nowMs - evaluatedAtMs > STALE_MINUTES * minuteMs,
    alerts: effectiveAlerts(overrides).map((spec, i) => ({
      spec,
      standard: ALERTS[i] ?? spec,
      override: overrides.find(({ alert }) => alert === spec.name) ?? null,
      states: (memory?.states ?? []).filter(({ alert }) => alert === spec.name),
    })),
  };
}

export type ThresholdGiven = {
  readonly alert: AlertName;
  readonly threshold: number;
  readonly forMinutes: number | null;
  readonly reason: string;
};
/** Who does it, for the audit log. */
export type By = { readonly actor: string; readonly correlationId: CorrelationId; readonly atMs: number };

export type OutOfRange = { readonly kind: "out_of_range"; readonly min: number; readonly max: number };

export async function overrideThreshold(
  given: ThresholdGiven,
  by: By,
  store: Pick<AlertStore, "putOverride">,
): Promise<Result<ThresholdOverride, OutOfRange>> {
  const { alert, ...detail } = given;
  const range = ALERTS.find(({ name }) => name === alert)?.range ?? { min: 0, max: 0 };
  if (given.threshold < range.min || given.threshold > range.max) return err({ kind: "out_of_range", ...range });
  const override: ThresholdOverride = { ...given, actor: by.actor, atMs: by.atMs };
  await store.putOverride(override, { ...by, action: "alert.threshold_set", subject: alert, detail });
  return ok(override);
}

/** @returns false: it was the table's already */
export const resetThreshold = (alert: AlertName, by: By, store: Pick<AlertStore, "deleteOverride">): Promise<boolean> =>
  store.deleteOverride(alert, { ...by, action: "alert.threshold_reset", subject: alert, detail: {} });
