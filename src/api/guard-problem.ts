/** The public face of a write that versions, leases or the SKU's strategy refuse. */
import type { GuardRefusal } from "../domain/counter/movement.ts";
import type { Problem } from "./problem.ts";

/** @param version  the current one */
export function guardProblem(refusal: GuardRefusal, version: number, nowMs: number): Problem {
  switch (refusal.kind) {
    case "version_mismatch":
      return {
        code: "version_mismatch",
        detail: `Version ${version} is current: read again, decide again, send again.`,
        field: "If-Match",
        more: { version },
      };
    case "locked":
      return {
        code: "locked",
        detail: "Guarded writes and counts are its holder's until it is released or ends.",
        retryAfterSeconds: Math.max(1, Math.ceil((refusal.untilMs - nowMs) / 1_000)),
      };
    case "stale_token":
      return {
        code: "stale_lease",
        detail: `It has ended, or is not this SKU's; the newest fencing token is ${refusal.newest}.`,
        field: "Lease",
        more: { newestToken: refusal.newest },
      };
    case "precondition_required":
      return refusal.strategy === "optimistic"
        ? {
            code: "precondition_required",
            detail: "Its strategy is optimistic: send the version that you read as If-Match.",
            field: "If-Match",
          }
        : {
            code: "precondition_required",
            detail: "Its strategy is pessimistic: lock it first, and send the lease.",
            field: "Lease",
          };
  }
}
