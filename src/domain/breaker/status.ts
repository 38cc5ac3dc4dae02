/** A breaker as an operator, a scraper and an alert see it. */
import { type Breaker, type BreakerState, stateOf } from "./breaker.ts";
import { sumOf } from "./call-window.ts";
import type { BreakerPolicy } from "./policies.ts";

export type BreakerStatus = {
  /** `half_open` from the moment at which a pause is over, whether a probe has left or not. */
  readonly state: BreakerState;
  /** Since when it is closed, open, probed or isolated; null: it has always been closed. */
  readonly sinceMs: number | null;
  /** Since when calls have not simply passed; null: they do. */
  readonly openedAtMs: number | null;
  readonly reason: string | null;
  /** Who isolated it. */
  readonly by: string | null;
  /** In the window, while it is closed. */
  readonly calls: number;
  readonly failures: number;
  readonly failuresInRow: number;
  /** When the next probe may go; null while it is closed or isolated. */
  readonly nextProbeMs: number | null;
};

export function statusOf(breaker: Breaker, policy: BreakerPolicy, nowMs: number): BreakerStatus {
  const state = stateOf(breaker, nowMs);
  if (breaker.kind === "closed") {
    const { sinceMs, failuresInRow, window } = breaker;
    return {
      ...{ state, sinceMs: sinceMs === 0 ? null : sinceMs, openedAtMs: null, reason: null, by: null },
      ...sumOf(window, policy.windowMs, nowMs),
      ...{ failuresInRow, nextProbeMs: null },
    };
  }
  const { openedAtMs, reason } = breaker;
  const by = breaker.kind === "isolated" ? breaker.by : null;
  const sinceMs = breaker.kind === "open" && state === "half_open" ? breaker.untilMs : breaker.sinceMs;
  const nextProbeMs = breaker.kind === "open" ? breaker.untilMs : breaker.kind === "half_open" ? nowMs : null;
  return { state, sinceMs, openedAtMs, reason, by, calls: 0, failures: 0, failuresInRow: 0, nextProbeMs };
}
