/**
 * What waits for a circuit breaker spends no tries of its message: it goes to the queue again as a new message, to come
 * when the breaker may be tried. Only where the queue refuses that, a try is spent.
 */
import type { Message } from "@cloudflare/workers-types";
import type { Log } from "../observability/log.ts";
import { reasonOf } from "../observability/log.ts";
import type { QueueSpec } from "./queue-table.ts";
import { retryOrBury, type SettleDeps } from "./settle.ts";

export interface PostponeDeps extends SettleDeps {
  /** Rejects when the queue does not take it. */
  sendAgain(queue: string, body: unknown, delaySeconds: number): Promise<void>;
  readonly log: Log;
}

/** Longest pause before it is looked at again: of an isolated destination nobody knows until when. */
const DELAY_SECONDS_MAX = 300;

/** @param untilMs  when the breaker may be tried; null: nobody knows */
export async function postpone(
  message: Pick<Message<unknown>, "id" | "attempts" | "body" | "ack" | "retry">,
  spec: QueueSpec,
  { untilMs, reason }: { readonly untilMs: number | null; readonly reason: string },
  deps: PostponeDeps,
): Promise<void> {
  const waitSeconds = untilMs === null ? DELAY_SECONDS_MAX : Math.ceil((untilMs - deps.nowMs()) / 1_000);
  // Up to half as long again, so that what waited together does not come back together.
  const jittered = Math.ceil(Math.max(1, waitSeconds) * (1 + deps.random() / 2));
  const delaySeconds = Math.min(jittered, DELAY_SECONDS_MAX);
  try {
    await deps.sendAgain(spec.queue, message.body, delaySeconds);
  } catch (error) {
    await retryOrBury(message, spec, `${reason}, and not postponed: ${reasonOf(error)}`, deps);
    return;
  }
  message.ack();
  deps.log("info", "message.postponed", { queue: spec.queue, delaySeconds, reason });
}
