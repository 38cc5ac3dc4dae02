/**
 * One Worker consumes every queue: which one, `batch.queue` says. Never throws: a throw would retry the whole batch, and
 * the local queue simulator would even forget the acks already given.
 */
import { consoleLog as log, reasonOf } from "./observability/log.ts";
import { consumeDeadLetters } from "./queues/consume-dead-letters.ts";
import { consumeEvents } from "./queues/consume-events.ts";
import { consumeShopifySync } from "./queues/consume-shopify-sync.ts";
import { type QueueSpec, specOf } from "./queues/queue-table.ts";
import { deadLetterConsumerDeps, errorReporterOf, eventConsumerDeps, syncConsumerDeps } from "./wiring.ts";

const UNKNOWN_RETRY_SECONDS = 60;

export async function dispatchQueue(batch: MessageBatch<unknown>, env: Env, ctx: ExecutionContext): Promise<void> {
  const spec = specOf(batch.queue);
  try {
    if (spec === undefined) throw new Error(`no consumer for queue "${batch.queue}"`);
    await consume(batch, spec, env, ctx);
  } catch (error) {
    log("error", "batch.failed", {
      queue: batch.queue,
      reason: reasonOf(error),
      counts: { messages: batch.messages.length },
    });
    report(error, env, ctx);
    // Those that were settled stay so: the first call on a message wins.
    for (const message of batch.messages) message.retry({ delaySeconds: UNKNOWN_RETRY_SECONDS });
  }
}

function consume(batch: MessageBatch<unknown>, spec: QueueSpec, env: Env, ctx: ExecutionContext): Promise<void> {
  switch (spec.role) {
    case "events":
      return consumeEvents(batch, spec, eventConsumerDeps(env, ctx));
    case "shopify-sync":
      return consumeShopifySync(batch, spec, syncConsumerDeps(env));
    case "dead-letters":
      return consumeDeadLetters(batch, spec, deadLetterConsumerDeps(env));
  }
}

/** An environment that cannot even be read has no reporter: the log line above is all there is. */
function report(error: unknown, env: Env, ctx: ExecutionContext): void {
  try {
    errorReporterOf(env, ctx)(error);
  } catch {
    log("error", "report.failed", { reason: "misconfigured" });
  }
}
