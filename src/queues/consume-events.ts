/**
 * Consumer of the event queue: parse, take in, settle. Each message is settled by name and exactly once, after every SKU
 * of it has answered: returning without an ack would ack everything, throwing would retry everything.
 */
import type { Message, MessageBatch } from "@cloudflare/workers-types";
import { letterClassOf } from "../domain/dead-letters/error-classes.ts";
import type { JournalEntry } from "../domain/journal/entry.ts";
import type { Meter } from "../domain/telemetry/meter.ts";
import { reasonOf } from "../observability/log.ts";
import type { TellFulfillers } from "../services/channels/tell-fulfillers.ts";
import {
  type BatchTakenIn,
  type Incoming,
  TAKEN_AS_IT_CAME,
  type TakeInBatchDeps,
  type TakenAs,
  takeInBatch,
} from "../services/take-in-batch.ts";
import type { EventAccount } from "../services/take-in-events.ts";
import { consumedEntry, type EventEnding, unreadableEntry, withMirrored } from "./consumed-entries.ts";
import { type Envelope, isOfShop, parseEnvelope } from "./envelope.ts";
import { type PostponeDeps, postpone } from "./postpone.ts";
import type { QueueSpec } from "./queue-table.ts";
import { bury, retryOrBury } from "./settle.ts";

export interface ConsumeEventsDeps extends TakeInBatchDeps, PostponeDeps {
  /**
   * What an order's event says of what is to be sent out, to those who send it out: begun beside the counting, told of each
   * event after it was counted, durable when that resolves. Rejects when that failed: the message comes again, and counts
   * nothing twice.
   */
  tellingFulfillers(batch: readonly Incoming[]): TellFulfillers;
}

type Readable = { readonly message: Message<unknown>; readonly envelope: Envelope };

export async function consumeEvents(
  batch: MessageBatch<unknown>,
  spec: QueueSpec,
  deps: ConsumeEventsDeps,
): Promise<void> {
  const startedMs = deps.nowMs();
  const readable: Readable[] = [];
  const entries: JournalEntry[] = [];
  for (const message of batch.messages) {
    const parsed = parseEnvelope(message.body);
    if (parsed.ok) readable.push({ message, envelope: parsed.value });
    else {
      const reason = { code: "unreadable", message: parsed.error.problems.join("; ") };
      const ending = await bury(message, spec, reason, deps);
      const outcome = ending === "buried" ? "dead" : ending;
      deps.meter.count("onhand_events_consumed_total", { topic: "unreadable", outcome });
      entries.push(unreadableEntry(batch.queue, message.id, ending, deps.nowMs()));
    }
  }
  const incoming = readable.map(({ envelope }) => incomingOf(envelope));
  const tell = deps.tellingFulfillers(incoming);
  const { verdicts, accounts, views, counts, mirrored, takenAs } = await takeInBatch(incoming, deps);
  const endings = await Promise.all(
    readable.map((each, i) =>
      afterCounted(incoming[i], verdicts[i] ?? NO_VERDICT, takenAs[i] ?? TAKEN_AS_IT_CAME, tell).then((told) =>
        settle(each, told, accounts[i] ?? NO_ACCOUNT, spec, deps),
      ),
    ),
  );
  const oldestMs = Math.min(startedMs, ...readable.map(({ envelope }) => envelope.receivedAt));
  const endedMs = deps.nowMs();
  for (const [i, ending] of endings.entries()) {
    const envelope = readable[i]?.envelope;
    if (envelope === undefined) continue;
    countOne(envelope, ending, endedMs, deps.meter);
    entries.push(consumedEntry(envelope, ending, endedMs));
  }
  deps.journal(withMirrored(entries, mirrored, deps.nowMs));
  deps.log("info", "events.consumed", {
    queue: batch.queue,
    counts: { messages: batch.messages.length, skus: views.length, ...counts },
    ms: endedMs - startedMs,
    queuedMs: startedMs - oldestMs,
    lagMs: endedMs - oldestMs,
  });
}

function incomingOf(envelope: Envelope): Incoming {
  const { correlationId, id: eventId, receivedAt: receivedAtMs } = envelope;
  const about = { correlationId, eventId, receivedAtMs };
  if (isOfShop(envelope)) return { ...about, shop: envelope.channel.shop, event: envelope.data };
  return { ...about, channel: envelope.channel.id, occurredAtMs: envelope.occurredAt, event: envelope.data };
}

type Verdict = BatchTakenIn["verdicts"][number];
const NO_VERDICT: Verdict = { kind: "retry", reason: "no verdict" };
const NO_ACCOUNT: EventAccount = { outcome: "nothing_new", skuIds: [] };

/** Of what is tried again nothing is told yet. */
async function afterCounted(
  incoming: Incoming | undefined,
  verdict: Verdict,
  takenAs: TakenAs,
  tell: TellFulfillers,
): Promise<Verdict> {
  if (incoming === undefined || (verdict.kind !== "done" && verdict.kind !== "dead")) return verdict;
  try {
    await tell(incoming, takenAs);
    return verdict;
  } catch (error) {
    return {
      kind: "retry",
      reason: `counted, and not told to those who send it out: ${reasonOf(error)}`,
      code: "store",
    };
  }
}

async function settle(
  { message, envelope }: Readable,
  verdict: Verdict,
  account: EventAccount,
  spec: QueueSpec,
  deps: ConsumeEventsDeps,
): Promise<EventEnding> {
  const { attempts } = message;
  switch (verdict.kind) {
    case "done":
      message.ack();
      return { kind: "taken", account };
    case "dead": {
      const ending = await bury(message, spec, { ...verdict, payload: { ...envelope, data: verdict.rest } }, deps);
      if (ending === "buried") return { kind: "dead", code: verdict.code, account };
      return { kind: "retried", attempt: attempts, reason: `not kept: ${verdict.code}`, account };
    }
    case "retry": {
      const ending = await retryOrBury(message, spec, verdict.reason, deps, verdict.code);
      if (ending === "buried") return { kind: "dead", code: letterClassOf(verdict.code), account };
      return { kind: "retried", attempt: attempts, reason: verdict.reason, account };
    }
    case "later": {
      const { reason } = verdict;
      const untilMs = deps.nowMs() + verdict.afterMs;
      const ending = await postpone(message, spec, { untilMs, reason, code: "shopify" }, deps);
      if (ending === "postponed") return { kind: "postponed", reason, account };
      if (ending === "buried") return { kind: "dead", code: letterClassOf("shopify"), account };
      return { kind: "retried", attempt: attempts, reason, account };
    }
  }
}

function countOne({ kind: topic, receivedAt }: Envelope, ending: EventEnding, endedMs: number, meter: Meter): void {
  const outcome = ending.kind === "taken" ? ending.account.outcome : ending.kind;
  meter.count("onhand_events_consumed_total", { topic, outcome });
  if (outcome === "duplicate") meter.count("onhand_events_duplicate_total", { topic });
  if (outcome === "counted")
    meter.observe("onhand_event_to_counted_seconds", { topic }, (endedMs - receivedAt) / 1_000);
}
