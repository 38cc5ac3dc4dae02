/** What becomes of one GraphQL call. Decided once, on arrival, by a planned fate or by the rates. */
import * as z from "zod";
import type { SeededRandom } from "../model/seeded-random.ts";
import type { GraphqlFaults } from "./faults.ts";

export const callFateSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("normal") }),
  z.strictObject({ kind: z.literal("http_error"), status: z.number().int(), isApplied: z.boolean() }),
  z.strictObject({ kind: z.literal("internal_error"), isApplied: z.boolean() }),
  z.strictObject({ kind: z.literal("throttled") }),
  /** Applied; the connection breaks. */
  z.strictObject({ kind: z.literal("lost_response") }),
  /** Applied; silence. */
  z.strictObject({ kind: z.literal("timeout_after_apply") }),
  /** Not applied; the connection breaks. */
  z.strictObject({ kind: z.literal("lost_request") }),
  /** The connection breaks now, the call is applied later. */
  z.strictObject({ kind: z.literal("late_request"), afterMs: z.number().min(0) }),
  z.strictObject({ kind: z.literal("user_error"), code: z.string() }),
]);

export type CallFate = z.output<typeof callFateSchema>;

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
