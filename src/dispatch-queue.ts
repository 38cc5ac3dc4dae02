/**
 * One Worker consumes every queue: which one, `batch.queue` says. Never throws: a throw would retry the whole batch, and
 * the local queue simulator would even forget the acks already given.
 */
import { consoleLog as log, reasonOf } from "./observability/log.ts";
import { consumeChannelSync } from "./queues/consume-channel-sync.ts";
import { consumeDeadLetters } from "./queues/consume-dead-letters.ts";
import { consumeEvents } from "./queues/consume-events.ts";
import { consumeNotifications } from "./queues/consume-notifications.ts";
import { consumeShopifySync } from "./queues/consume-shopify-sync.ts";
import { type QueueSpec, specOf } from "./queues/queue-table.ts";
import { replayMarkOf } from "./queues/replay-mark.ts";
import { retryOrBury } from "./queues/settle.ts";
import type { ReplayMark } from "./services/dead-letters/jobs.ts";
import { channelSyncDeps } from "./wiring/channel-sync.ts";
import { configOf } from "./wiring/configuration.ts";
import { noteReplays } from "./wiring/dead-letters.ts";
import { flushJournal } from "./wiring/journal.ts";
import { notificationDeps } from "./wiring/notifications.ts";
import { settleDeps } from "./wiring/settle.ts";
import { flushNow, meterOf } from "./wiring/telemetry.ts";
import { deadLetterConsumerDeps, errorReporterOf, eventConsumerDeps, syncConsumerDeps } from "./wiring.ts";

/** A queue that no table knows: a deploy that is half through, or a slip in wrangler.toml. */
const UNKNOWN_RETRY_SECONDS = 60;

export async function dispatchQueue(batch: MessageBatch<unknown>, env: Env, ctx: ExecutionContext): Promise<void> {
  const spec = specOf(batch.queue);
  const open = new Set(batch.messages);
  const replays: ReplayMark[] = [];
  try {
    if (spec === undefined) throw new Error(`no consumer for queue "${batch.queue}"`);
    meterOf(env).observe("onhand_queue_wait_seconds", { queue: batch.queue }, waitedMs(batch) / 1_000);
    await consume(trackSettled(batch, open, replays), spec, env, ctx);
  } catch (error) {
    const reason = reasonOf(error);
    log("error", "batch.failed", { queue: batch.queue, reason, counts: { messages: batch.messages.length } });
    report(error, env, ctx);
    for (const message of open) {
      if (spec === undefined) message.retry({ delaySeconds: UNKNOWN_RETRY_SECONDS });
      else await retryOrBury(message, spec, `the whole batch: ${reason}`, settleDeps(env, ctx));
    }
  } finally {
    ctx.waitUntil(flushJournal(env));
  }
  await noteReplays(env, replays);
  ctx.waitUntil(flushNow(env)); // once per batch, and no wait: the next batch waits for what this one leaves behind
}

/** By the oldest message. */
function waitedMs({ messages }: MessageBatch<unknown>): number {
  const nowMs = Date.now();
  return nowMs - Math.min(nowMs, ...messages.map(({ timestamp }) => timestamp.getTime()));
}

/** The same batch; what is settled leaves `open`, and what was a job's replay and is done with goes to `replays`. */
function trackSettled(
  batch: MessageBatch<unknown>,
  open: Set<Message<unknown>>,
  replays: ReplayMark[],
): MessageBatch<unknown> {
  const messages = batch.messages.map((message): Message<unknown> => {
    const { id, timestamp, body, attempts } = message;
    return {
      ...{ id, timestamp, body, attempts },
      ack: () => {
        open.delete(message);
        message.ack();
        const mark = replayMarkOf(body);
        if (mark !== null) replays.push(mark);
      },
      retry: (options) => {
        open.delete(message);
        message.retry(options);
      },
    };
  });
  const { queue, metadata } = batch;
  return { queue, metadata, messages, ackAll: () => batch.ackAll(), retryAll: (options) => batch.retryAll(options) };
}

function consume(batch: MessageBatch<unknown>, spec: QueueSpec, env: Env, ctx: ExecutionContext): Promise<void> {
  switch (spec.role) {
    case "events":
      return consumeEvents(batch, spec, eventConsumerDeps(env, ctx));
    case "shopify-sync":
      return consumeShopifySync(batch, spec, syncConsumerDeps(env, ctx));
    case "channel-sync":
      return consumeChannelSync(batch, spec, channelSyncDeps(env, ctx));
    case "notifications":
      return consumeNotifications(batch, spec, notificationDeps(env, configOf(env), ctx, settleDeps(env, ctx)));
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
