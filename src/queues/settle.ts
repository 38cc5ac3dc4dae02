/**
 * How a message ends that could not be taken in: tried again after a growing pause, and before its last try is spent,
 * buried with the reason. The platform's own move to the dead-letter queue would say nothing about why.
 */
import type { Message } from "@cloudflare/workers-types";
import { backoffSeconds } from "../domain/backoff.ts";
import { letterClassOf } from "../domain/dead-letters/error-classes.ts";
import type { JournalEntry } from "../domain/journal/entry.ts";
import { maskText } from "../domain/mask-text.ts";
import type { Meter } from "../domain/telemetry/meter.ts";
import type { Log } from "../observability/log.ts";
import { reasonOf } from "../observability/log.ts";
import type { LastReason } from "../services/dead-letters.ts";
import { deadLetterOf, eventIdOf, type LastWords, MESSAGE_CHARS_MAX, type Reason } from "./dead-letter-message.ts";
import type { QueueSpec } from "./queue-table.ts";

export interface SettleDeps {
  /** Store or, when the store is away, put on the dead-letter queue. False: neither worked. */
  deadLetter(words: LastWords): Promise<boolean>;
  /** Best effort, beside the settlement: the last delivery may be cut off before it can say anything. */
  noteReason(reason: LastReason): void;
  /** Best effort, beside the settlement: written once they are known. */
  journal(entries: readonly JournalEntry[] | Promise<readonly JournalEntry[]>): void;
  readonly log: Log;
  readonly meter: Meter;
  nowMs(): number;
  random(): number;
}

/** `buried`: a dead letter has it. `retried`: it comes again. */
export type Ending = "buried" | "retried";

type Settleable = Pick<Message<unknown>, "id" | "attempts" | "body" | "ack" | "retry">;

/** Spend no more tries on it: what is unreadable now is unreadable later. */
export async function bury(message: Settleable, spec: QueueSpec, reason: Reason, deps: SettleDeps): Promise<Ending> {
  const words = deadLetterOf(message, spec.queue, reason, deps.nowMs());
  if (await deps.deadLetter(words)) {
    message.ack();
    return "buried";
  }
  retry(message, spec, { code: "not_kept", message: `not kept: ${reason.message}` }, deps);
  return "retried";
}

/**
 * @param spec  of a queue with a dead-letter queue; one without never gives up
 * @param code  what kept it: one of few words; the letter's error class follows from it
 */
export async function retryOrBury(
  message: Settleable,
  spec: QueueSpec,
  reason: string,
  deps: SettleDeps,
  code = "other",
): Promise<Ending> {
  if (isLastTry(message, spec)) return bury(message, spec, { code: letterClassOf(code), message: reason }, deps);
  retry(message, spec, { code, message: reason }, deps);
  if (spec.deadLetterQueue === null || message.attempts !== spec.triesMax) return "retried";
  const said = maskText(reason, MESSAGE_CHARS_MAX);
  const error = { code: "retried", message: said, atMs: deps.nowMs(), attempt: message.attempts };
  deps.noteReason({ queue: spec.queue, eventId: eventIdOf(message), error });
  return "retried";
}

const isLastTry = ({ attempts }: Pick<Settleable, "attempts">, spec: QueueSpec): boolean =>
  spec.deadLetterQueue !== null && attempts > spec.triesMax;

function retry(message: Settleable, spec: QueueSpec, { code, message: reason }: Reason, deps: SettleDeps): void {
  const { attempts } = message;
  const delaySeconds = backoffSeconds(attempts, spec, deps.random);
  deps.log("warn", "message.retried", { queue: spec.queue, attempts, delaySeconds, reason: reasonOf(reason), code });
  deps.meter.count("onhand_message_retried_total", { queue: spec.queue, code });
  message.retry({ delaySeconds });
}
