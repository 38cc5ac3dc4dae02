/**
 * One call to a destination, through the breaker that all invocations share. Whoever hears `wait` or `isolated` has not
 * called, and keeps the work where it is, without spending a try of its message (queues/postpone.ts).
 */
import type { CallReport, Pace } from "../domain/breaker/destination.ts";
import type { DestinationName } from "../domain/ids.ts";
import { type Log, reasonOf } from "../observability/log.ts";
import type { DestinationStub } from "./destination-contract.ts";

export type Called<Answer> =
  /** The destination lives, whatever it says: a refusal of what was sent is an answer. */
  | { readonly kind: "answered"; readonly answer: Answer }
  | {
      readonly kind: "failed";
      readonly reason: string;
      readonly retryAfterSeconds: number | null;
      /** What it said all the same; null: nothing was heard. */
      readonly answer: Answer | null;
    };

export type NotCalled =
  | { readonly kind: "wait"; readonly untilMs: number; readonly reason: string }
  /** An operator has stopped it: nobody knows until when. */
  | { readonly kind: "isolated"; readonly reason: string };

export interface DestinationBreakerDeps {
  destinationOf(name: DestinationName): DestinationStub;
  readonly log: Log;
  nowMs(): number;
}

/** An object that keeps a breaker is away for moments. An operator's isolation must hold meanwhile, so nothing is sent. */
const UNREACHABLE_WAIT_MS = 5_000;

/**
 * @param call  in bounded time; what it throws counts as a failure of the destination
 * @param pace  null: as often as one likes
 * Never rejects.
 */
export async function throughBreaker<Answer>(
  destination: DestinationName,
  call: () => Promise<Called<Answer>>,
  { destinationOf, log, nowMs }: DestinationBreakerDeps,
  pace: Pace | null = null,
): Promise<Called<Answer> | NotCalled> {
  let admission: Awaited<ReturnType<DestinationStub["admit"]>>;
  try {
    admission = await destinationOf(destination).admit(pace);
  } catch (error) {
    log("warn", "breaker.not_asked", { code: destination, reason: reasonOf(error) });
    return { kind: "wait", untilMs: nowMs() + UNREACHABLE_WAIT_MS, reason: "breaker_unreachable" };
  }
  if (admission.kind !== "go") return admission;
  const called = await guarded(call);
  const report = reportOf(called);
  try {
    // A fresh stub: one that has failed stays broken.
    await destinationOf(destination).report(admission.permit, report);
  } catch (error) {
    // The call is made, and its outcome is known: only the breaker learns nothing of it.
    log("warn", "breaker.not_told", { code: destination, reason: reasonOf(error) });
  }
  return called;
}

/** What it said stays here. */
function reportOf(called: Called<unknown>): CallReport {
  if (called.kind === "answered") return { kind: "answered" };
  const { kind, reason, retryAfterSeconds } = called;
  return { kind, reason, retryAfterSeconds };
}

async function guarded<Answer>(call: () => Promise<Called<Answer>>): Promise<Called<Answer>> {
  try {
    return await call();
  } catch (error) {
    return { kind: "failed", reason: reasonOf(error), retryAfterSeconds: null, answer: null };
  }
}

/**
 * What an HTTP answer says of the destination: 408, 429 and 5xx are failures of it, any other status is an answer.
 * @param response  its body is the caller's to read or to cancel
 */
export function judgeHttp<Answer>(response: Pick<Response, "status" | "headers">, answer: Answer): Called<Answer> {
  const { status, headers } = response;
  if (status < 500 && status !== 429 && status !== 408) return { kind: "answered", answer };
  return {
    kind: "failed",
    reason: `HTTP_${status}`,
    retryAfterSeconds: retryAfter(headers.get("retry-after")),
    answer,
  };
}

/** Seconds alone: a date, as HTTP also allows, would be the other side's clock. */
const retryAfter = (given: string | null): number | null =>
  given !== null && /^\d{1,9}$/.test(given.trim()) ? Number(given) : null;
