/** How a counter keeps time: the shipped numbers, and what a local stack scales down. */
import type { CounterSettings } from "../../durable-objects/counter-deps.ts";
import { LIMITS, type Timing } from "../config.ts";
import { WATCH_WINDOWS } from "../domain/counter/stock-watch.ts";
import { MERGE_WINDOWS } from "../domain/replica/windows.ts";

export function counterSettingsOf(timing: Timing): CounterSettings {
  const { signalRetryMs = LIMITS.signalRetryMs } = timing;
  return {
    windows: { ...MERGE_WINDOWS, ...definedOf(timing, MERGE_WINDOWS) },
    limits: { horizonMs: LIMITS.movementHorizonMs, levelMax: LIMITS.quantityMax },
    orderHorizonMs: LIMITS.orderHorizonMs,
    outbox: { signalRetryMs, signalRetryMsMax: LIMITS.signalRetryMsMax },
    pruneEveryMs: LIMITS.pruneEveryMs,
    pruneRowsMax: LIMITS.pruneRowsMax,
    historyRowsMax: LIMITS.historyRowsMax,
    watch: { ...WATCH_WINDOWS, ...definedOf(timing, WATCH_WINDOWS) },
    salesEveryMs: timing.salesEveryMs ?? LIMITS.salesEveryMs,
    shortfall: { namedMax: LIMITS.shortSalesMax, movementsMax: LIMITS.shortSalesMovementsMax },
  };
}

/** The entries of `given` that `known` knows too. */
function definedOf<Known extends Readonly<Record<string, number>>>(
  given: Readonly<Record<string, number | undefined>>,
  known: Known,
): Partial<Known> {
  return Object.fromEntries(
    Object.entries(given).filter(([key, value]) => key in known && value !== undefined),
  ) as Partial<Known>;
}
