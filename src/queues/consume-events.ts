/**
 * Consumer of the event queue: parse, take in, settle. Each message is settled by name and exactly once, after every SKU
 * of it has answered: returning without an ack would ack everything, throwing would retry everything.
 */
import type { Message, MessageBatch } from "@cloudflare/workers-types";
import { type ShopVerdict, type TakeInShopDeps, takeInShopEvents } from "../services/take-in-shop-events.ts";
import { type Envelope, parseEnvelope } from "./envelope.ts";
import type { QueueSpec } from "./queue-table.ts";
import { bury, retryOrBury, type SettleDeps } from "./settle.ts";

export interface ConsumeEventsDeps extends TakeInShopDeps, SettleDeps {}

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
    else await bury(message, spec, { code: "unreadable", message: parsed.error.problems.join("; ") }, deps);
  }
  const incoming = readable.map(({ envelope }) => ({
    shop: envelope.channel.shop,
    correlationId: envelope.correlationId,
    eventId: envelope.id,
    event: envelope.data,
  }));
  const { verdicts, views, counts } = await takeInShopEvents(incoming, deps);
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
  verdict: ShopVerdict,
  spec: QueueSpec,
  deps: ConsumeEventsDeps,
): Promise<void> {
  switch (verdict.kind) {
    case "done":
      message.ack();
      return;
    case "dead":
      return bury(message, spec, { ...verdict, payload: { ...envelope, data: verdict.rest } }, deps);
    case "retry":
      return retryOrBury(message, spec, verdict.reason, deps);
  }
}
