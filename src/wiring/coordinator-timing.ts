/** How a reservation's coordinator keeps time: the shipped numbers. */
import { LIMITS } from "../config.ts";
import type { CoordinatorTiming } from "../domain/reservation/wake.ts";

export const COORDINATOR_TIMING: CoordinatorTiming = {
  prepareMs: LIMITS.reservationPrepareMs,
  stragglerMs: LIMITS.reservationStragglerMs,
  commitMarginMs: LIMITS.reservationCommitMarginMs,
  retryMs: LIMITS.reservationRetryMs,
  retryMsMax: LIMITS.reservationRetryMsMax,
  keptMs: LIMITS.reservationKeptMs,
};
