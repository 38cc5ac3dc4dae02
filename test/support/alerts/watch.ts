/** An evaluation each minute, with what it remembers carried over as D1 carries it: as JSON. */
import { ALERTS, type AlertName, type AlertSpec } from "../../../src/domain/alerts/alert-table.ts";
import { type AlertChange, type AlertState, evaluate } from "../../../src/domain/alerts/evaluate.ts";

export const MINUTE_MS = 60_000;

export class Watch {
  readonly alerts: readonly AlertSpec[];
  readonly changes: AlertChange[] = [];
  states: readonly AlertState[] = [];
  nowMs = 1_000_000;
  #evaluatedAtMs: number | null = null;

  constructor(alerts: readonly AlertSpec[] = ALERTS) {
    this.alerts = alerts;
  }

  /** A minute passes, and this is read. Undefined: it is not even asked for. */
  minute(alert: AlertName, value: number | null | undefined, subject = "it"): this {
    this.nowMs += MINUTE_MS;
    const { states, changes } = evaluate({
      ...{ alerts: this.alerts, states: this.states, evaluatedAtMs: this.#evaluatedAtMs },
      readings: value === undefined ? [] : [{ alert, subject, value }],
      ...{ nowMs: this.nowMs, minuteMs: MINUTE_MS },
    });
    this.states = JSON.parse(JSON.stringify(states)) as readonly AlertState[];
    this.#evaluatedAtMs = this.nowMs;
    this.changes.push(...changes);
    return this;
  }

  minutes(alert: AlertName, ...values: readonly (number | null)[]): this {
    for (const value of values) this.minute(alert, value);
    return this;
  }

  /** "fired notice", "escalated critical", "recovered critical" … */
  get said(): readonly string[] {
    return this.changes.map(({ change, severity }) => `${change} ${severity}`);
  }
}
