/**
 * What waits for a circuit breaker, or for its turn at a shop's gate, spends no tries of its message: it goes to the queue
 * again as a new message, to come when it may be tried. Only where the queue refuses that, a try is spent.
 */
import type { Message } from "@cloudflare/workers-types";
import { reasonOf } from "../observability/log.ts";
import type { RetryCode } from "../services/take-in-events.ts";
import type { QueueSpec } from "./queue-table.ts";
import { type Ending, retryOrBury, type SettleDeps } from "./settle.ts";

export interface PostponeDeps extends SettleDeps {
  /** Rejects when the queue does not take it. */
  sendAgain(queue: string, body: unknown, delaySeconds: number): Promise<void>;
}

/** Longest pause before it is looked at again: of an isolated destination nobody knows until when. */
const DELAY_SECONDS_MAX = 300;

export type Wait = {
  /** When it may be tried; null: nobody knows. */
  readonly untilMs: number | null;
  readonly reason: string;
  /** Of the try that is spent where the queue refuses. */
  readonly code?: RetryCode;
};

export async function postpone(
  message: Pick<Message<unknown>, "id" | "attempts" | "body" | "ack" | "retry">,
  spec: QueueSpec,
  { untilMs, reason, code }: Wait,
  deps: PostponeDeps,
): Promise<"postponed" | Ending> {
  const waitSeconds = untilMs === null ? DELAY_SECONDS_MAX : Math.ceil((untilMs - deps.nowMs()) / 1_000);
  // Up to half as long again, so that what waited together does not come back together.
  const jittered = Math.ceil(Math.max(1, waitSeconds) * (1 + deps.random() / 2));
  const delaySeconds = Math.min(jittered, DELAY_SECONDS_MAX);
  try {
    await deps.sendAgain(spec.queue, message.body, delaySeconds);
  } catch (error) {
    return retryOrBury(message, spec, `${reason}, and not postponed: ${reasonOf(error)}`, deps, code);
  }
  message.ack();
  deps.log("info", "message.postponed", { queue: spec.queue, delaySeconds, reason });
  return "postponed";
}
