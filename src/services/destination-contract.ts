/** What passes between whoever calls a destination and the object that keeps its breaker (RPC: plain data only). */
import type { Admission, CallReport, Pace, Permit } from "../domain/breaker/destination.ts";
import type { BreakerStatus } from "../domain/breaker/status.ts";

export interface DestinationStub {
  /** Asked before each call. @param pace  how often this caller may call; left out or null: as often as it likes */
  admit(pace?: Pace | null): Promise<Admission>;
  /** What the call came to; one that is never reported gives its probe back after half a minute. */
  report(permit: Permit, report: CallReport): Promise<void>;
  status(): Promise<BreakerStatus>;
  /** No calls until `release`, whatever happens, through every restart. */
  isolate(by: string, reason: string): Promise<BreakerStatus>;
  /** Calls again, probes first; of what is not isolated: a pause ends now. */
  release(): Promise<BreakerStatus>;
}
