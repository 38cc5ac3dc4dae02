/** What becomes of one GraphQL call. Decided once, on arrival, by a planned fate or by the rates. */
import type { SeededRandom } from "../model/seeded-random.ts";
import type { GraphqlFaults } from "./faults.ts";

export type CallFate =
  | { readonly kind: "normal" }
  | { readonly kind: "http_error"; readonly status: number; readonly isApplied: boolean }
  | { readonly kind: "internal_error"; readonly isApplied: boolean }
  | { readonly kind: "throttled" }
  | { readonly kind: "lost_response" }
  | { readonly kind: "timeout_after_apply" }
  | { readonly kind: "lost_request" }
  | { readonly kind: "late_request"; readonly afterMs: number }
  | { readonly kind: "user_error"; readonly code: string };

const NORMAL: CallFate = { kind: "normal" };
const SERVER_ERRORS = [500, 502, 503, 504] as const;

/** At most one fault per call; the first that strikes, in a fixed order, wins. */
export function decideFate(faults: GraphqlFaults, random: SeededRandom, isMutation: boolean): CallFate {
  if (faults.outageStatus !== null) return { kind: "http_error", status: faults.outageStatus, isApplied: false };
  if (faults.target === "mutations" && !isMutation) return NORMAL;
  const isApplied = (): boolean => random.chance(faults.failedButAppliedRate);
  if (random.chance(faults.rateLimitedRate)) return { kind: "http_error", status: 429, isApplied: false };
  if (random.chance(faults.serverErrorRate)) {
    return { kind: "http_error", status: random.pick(SERVER_ERRORS), isApplied: isApplied() };
  }
  if (random.chance(faults.internalErrorRate)) return { kind: "internal_error", isApplied: isApplied() };
  if (random.chance(faults.throttledRate)) return { kind: "throttled" };
  if (random.chance(faults.lostRequestRate)) return { kind: "lost_request" };
  if (random.chance(faults.lateRequestRate)) {
    return { kind: "late_request", afterMs: random.between(faults.lateRequestMs[0], faults.lateRequestMs[1]) };
  }
  if (random.chance(faults.lostResponseRate)) return { kind: "lost_response" };
  if (random.chance(faults.timeoutAfterApplyRate)) return { kind: "timeout_after_apply" };
  const struck = faults.userErrors.find((fault) => isMutation && random.chance(fault.rate));
  return struck === undefined ? NORMAL : { kind: "user_error", code: struck.code };
}
