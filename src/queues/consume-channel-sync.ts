/**
 * Consumer of the channels' queue: signals of one channel are answered together, so that a call carries many SKUs; then its
 * documents, several at a time, those of one subject in turn. Channels go beside each other, so that a slow one keeps nobody
 * else waiting. Each message is settled by name.
 */
import type { Message, MessageBatch } from "@cloudflare/workers-types";
import type { ChannelId } from "../domain/ids.ts";
import type { JournalEntry } from "../domain/journal/entry.ts";
import { reasonOf } from "../observability/log.ts";
import { atMost } from "../services/at-most.ts";
import type { ChannelDocument } from "../services/channels/channel-documents.ts";
import type { ChannelVerdict } from "../services/channels/channel-verdict.ts";
import { type SyncChannelDeps, type SyncedSku, syncChannel } from "../services/channels/sync-channel.ts";
import {
  type DocumentSignal,
  type FulfilmentNews,
  parseDocumentMessage,
  type UnaddressedNews,
} from "./channel-document-message.ts";
import { type ChannelSignal, parseChannelSignal } from "./channel-signal.ts";
import { type PostponeDeps, postpone } from "./postpone.ts";
import type { QueueSpec } from "./queue-table.ts";
import { bury, type Ending, retryOrBury } from "./settle.ts";

export interface ConsumeChannelSyncDeps extends SyncChannelDeps, PostponeDeps {
  /** Writes news of an order down, and sends what is to be said of it. Never rejects. */
  takeFulfilment(
    news: FulfilmentNews,
  ): Promise<{ readonly verdict: ChannelVerdict; readonly document: ChannelDocument | null }>;
  /** Sends it on to those whom it is for. Never rejects. */
  address(news: UnaddressedNews): Promise<ChannelVerdict>;
  /** Never rejects. */
  takeDocument(
    signal: DocumentSignal,
  ): Promise<{ readonly verdict: ChannelVerdict; readonly document: ChannelDocument | null }>;
  /** A dead letter has it. Rejects when that cannot be written down: then it is sent again by itself. */
  documentFailed(document: ChannelDocument): Promise<void>;
  /** Of one channel. */
  readonly documentsAtOnce: number;
}

type Readable<Body> = { readonly message: Message<unknown>; readonly body: Body };
type Work = {
  readonly signals: Readable<ChannelSignal>[];
  readonly documents: Readable<FulfilmentNews | DocumentSignal>[];
};

export async function consumeChannelSync(
  batch: MessageBatch<unknown>,
  spec: QueueSpec,
  deps: ConsumeChannelSyncDeps,
): Promise<void> {
  const work = new Map<ChannelId, Work>();
  const workOf = (channel: ChannelId): Work => {
    const known = work.get(channel) ?? { signals: [], documents: [] };
    work.set(channel, known);
    return known;
  };
  const unaddressed: Readable<UnaddressedNews>[] = [];
  for (const message of batch.messages) {
    const signal = parseChannelSignal(message.body);
    const document = signal.ok ? null : parseDocumentMessage(message.body);
    if (signal.ok) workOf(signal.value.channel).signals.push({ message, body: signal.value });
    else if (document?.ok) {
      const body = document.value;
      if (body.kind === "unaddressed_news") unaddressed.push({ message, body });
      else workOf(body.channel).documents.push({ message, body });
    } else {
      const problems = (isSignal(message.body) ? signal : document)?.error.problems ?? [];
      await bury(message, spec, { code: "unreadable", message: problems.join("; ") }, deps);
    }
  }
  await Promise.all([
    ...Array.from(work, async ([channel, { signals, documents }]) => {
      if (signals.length > 0) await takeSignals(channel, signals, batch.queue, spec, deps);
      const bySubject = Map.groupBy(documents, ({ body }) => subjectOf(body));
      await atMost(deps.documentsAtOnce, [...bySubject.values()], async (ofOne) => {
        for (const each of ofOne) await takeDocument(each, spec, deps);
      });
    }),
    // In turn: what the first one learns of the channels answers for the others, too.
    atMost(1, unaddressed, async ({ message, body }) => settle(message, await deps.address(body), spec, deps)),
  ]);
}

const subjectOf = (body: FulfilmentNews | DocumentSignal): string =>
  body.kind === "fulfilment_news" ? `${body.orderChannel}/${body.orderId}` : body.subject;

const isSignal = (body: unknown): boolean =>
  typeof body === "object" && body !== null && "kind" in body && body.kind === "dirty_channel";

async function takeSignals(
  channel: ChannelId,
  signals: readonly Readable<ChannelSignal>[],
  queue: string,
  spec: QueueSpec,
  deps: ConsumeChannelSyncDeps,
): Promise<void> {
  const startedMs = deps.nowMs();
  const answers = await syncChannel(
    channel,
    signals.map(({ body }) => body),
    deps,
  );
  const entries: JournalEntry[] = [];
  for (const { message, body } of signals) {
    const synced = answers.get(body.skuId);
    await settle(message, synced?.verdict ?? NO_VERDICT, spec, deps);
    if (synced !== undefined) entries.push(...toldEntries(body, synced, deps.nowMs()));
  }
  deps.journal(entries);
  const told = [...answers.values()].filter(({ verdict }) => verdict.kind === "done" && verdict.outcome === "told");
  for (const { receivedAtMs } of told)
    if (receivedAtMs !== null)
      deps.meter.observe("onhand_event_to_channel_seconds", { channel }, (deps.nowMs() - receivedAtMs) / 1_000);
  const oldestMs = Math.min(startedMs, ...signals.map(({ body }) => body.sentAt));
  deps.log("info", "channel_sync.consumed", {
    ...{ queue, shop: channel, counts: { signals: signals.length, told: told.length } },
    ...{ queuedMs: startedMs - oldestMs, lagMs: deps.nowMs() - oldestMs },
  });
}

const NO_VERDICT: ChannelVerdict = { kind: "retry", reason: "no verdict", code: "channel" };

async function takeDocument(
  { message, body }: Readable<FulfilmentNews | DocumentSignal>,
  spec: QueueSpec,
  deps: ConsumeChannelSyncDeps,
): Promise<void> {
  const { verdict, document } = await (body.kind === "fulfilment_news"
    ? deps.takeFulfilment(body)
    : deps.takeDocument(body));
  const ending = await settle(message, verdict, spec, deps);
  if (ending === "buried" && document !== null) await noteFailed(document, deps);
  if (verdict.kind !== "done" || verdict.outcome === "nothing" || document === null) return;
  const { correlationId, channel } = body;
  const atMs = deps.nowMs();
  const about = { eventId: document.subject, topic: document.type, shop: channel, outcome: verdict.outcome };
  deps.journal([{ atMs, correlationId, step: "told", ...about, ms: Math.max(0, atMs - body.sentAt) }]);
}

async function noteFailed(document: ChannelDocument, { documentFailed, log }: ConsumeChannelSyncDeps): Promise<void> {
  try {
    await documentFailed(document);
  } catch (error) {
    log("warn", "document.not_noted", { shop: document.channel, reason: reasonOf(error) });
  }
}

async function settle(
  message: Message<unknown>,
  verdict: ChannelVerdict,
  spec: QueueSpec,
  deps: ConsumeChannelSyncDeps,
): Promise<Ending | "settled"> {
  switch (verdict.kind) {
    case "done":
      message.ack();
      return "settled";
    case "wait": {
      const ending = await postpone(message, spec, { ...verdict, code: "channel" }, deps);
      return ending === "postponed" ? "settled" : ending;
    }
    case "refused":
      return bury(message, spec, { code: "refused", message: verdict.reason }, deps);
    case "retry":
      return retryOrBury(message, spec, verdict.reason, deps, verdict.code);
  }
}

/** Under the cause that the counter names, where it names one: the signal's is that of the change which began it. */
function toldEntries(
  { skuId, channel, correlationId, sentAt }: ChannelSignal,
  synced: SyncedSku,
  atMs: number,
): readonly JournalEntry[] {
  const { verdict } = synced;
  if (verdict.kind !== "done" || verdict.outcome === "nothing") return [];
  const about = { eventId: null, topic: "stock.levels", shop: channel, skuIds: [skuId], outcome: verdict.outcome };
  return [
    {
      ...{ atMs, correlationId: synced.correlationId ?? correlationId, step: "told" },
      ...about,
      ms: Math.max(0, atMs - sentAt),
    },
  ];
}
