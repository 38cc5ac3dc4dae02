/**
 * Consumer of the event queue: parse, take in, settle. Each message is settled by name and exactly once, after every SKU
 * of it has answered: returning without an ack would ack everything, throwing would retry everything.
 */
import { backoffSeconds } from "../domain/backoff.ts";
import type { LevelsView } from "../domain/levels-view.ts";
import type { Log } from "../observability/log.ts";
import { reasonOf } from "../observability/log.ts";
import { type EventVerdict, type TakeInDeps, takeInEvents } from "../services/take-in-events.ts";
import { deadLetterOf, type LastWords } from "./dead-letter-message.ts";
import { type Envelope, parseEnvelope } from "./envelope.ts";
import type { QueueSpec } from "./queue-table.ts";

export interface ConsumeEventsDeps extends TakeInDeps {
  /** Beside the settlement, never before it, and never failing it. */
  mirror(views: readonly LevelsView[]): void;
  /** Store or, when the store is away, put on the dead-letter queue. False: neither worked. */
  deadLetter(words: LastWords): Promise<boolean>;
  readonly log: Log;
  nowMs(): number;
  random(): number;
}

type Readable = { readonly message: Message<unknown>; readonly envelope: Envelope };

export async function consumeEvents(
  batch: MessageBatch<unknown>,
  spec: QueueSpec,
  deps: ConsumeEventsDeps,
): Promise<void> {
  const startedMs = deps.nowMs();
  const readable: Readable[] = [];
  for (const message of batch.messages) {
    const parsed = parseEnvelope(message.body);
    if (parsed.ok) readable.push({ message, envelope: parsed.value });
    // Unreadable now is unreadable later: spend no tries on it.
    else await bury(message, spec, { code: "unreadable", message: parsed.error.problems.join("; ") }, deps);
  }
  const incoming = readable.map(({ envelope }) => ({
    shop: envelope.channel.shop,
    correlationId: envelope.correlationId,
    event: envelope.data,
  }));
  const { verdicts, views, counts } = await takeInEvents(incoming, deps);
  if (views.length > 0) deps.mirror(views);
  await Promise.all(
    readable.map(({ message, envelope }, i) =>
      settle(message, envelope, verdicts[i] ?? { kind: "retry", reason: "no verdict" }, spec, deps),
    ),
  );
  const oldestMs = Math.min(startedMs, ...readable.map(({ envelope }) => envelope.receivedAt));
  const endedMs = deps.nowMs();
  deps.log("info", "events.consumed", {
    queue: batch.queue,
    counts: { messages: batch.messages.length, skus: views.length, ...counts },
    ms: endedMs - startedMs,
    queuedMs: startedMs - oldestMs,
    lagMs: endedMs - oldestMs,
  });
}

async function settle(
  message: Message<unknown>,
  envelope: Envelope,
  verdict: EventVerdict,
  spec: QueueSpec,
  deps: ConsumeEventsDeps,
): Promise<void> {
  switch (verdict.kind) {
    case "done":
      message.ack();
      return;
    case "dead":
      await bury(message, spec, { ...verdict, payload: { ...envelope, data: verdict.rest } }, deps);
      return;
    case "retry":
      // The platform's own move to the dead-letter queue would say nothing about why.
      if (message.attempts > spec.triesMax)
        await bury(message, spec, { code: "out_of_tries", message: verdict.reason }, deps);
      else retry(message, verdict.reason, spec, deps);
      return;
  }
}

type Reason = {
  readonly code: string;
  readonly message: string;
  readonly subject?: string;
  readonly payload?: unknown;
};

async function bury(
  message: Message<unknown>,
  spec: QueueSpec,
  reason: Reason,
  deps: ConsumeEventsDeps,
): Promise<void> {
  const words = deadLetterOf(message, spec.queue, reason, deps.nowMs());
  if (await deps.deadLetter(words)) message.ack();
  else retry(message, `not kept: ${reason.message}`, spec, deps);
}

function retry(message: Message<unknown>, reason: string, spec: QueueSpec, deps: ConsumeEventsDeps): void {
  const delaySeconds = backoffSeconds(message.attempts, spec, deps.random);
  deps.log("warn", "message.retried", {
    queue: spec.queue,
    attempts: message.attempts,
    delaySeconds,
    reason: reasonOf(reason),
  });
  message.retry({ delaySeconds });
}
