/** Channels that are told levels and documents, wired. */
import { tellChannel } from "../channels/webhook/tell-channel.ts";
import { LIMITS } from "../config.ts";
import { type ChannelId, type CorrelationId, destinationOfChannel } from "../domain/ids.ts";
import { newsOfPause } from "../domain/notification/from-channel.ts";
import { NOT_CALLED } from "../domain/reply-beginning.ts";
import { consoleLog as log, reasonOf } from "../observability/log.ts";
import type { DocumentSignal, FulfilmentNews, UnaddressedNews } from "../queues/channel-document-message.ts";
import type { ConsumeChannelSyncDeps } from "../queues/consume-channel-sync.ts";
import { sendBatches } from "../queues/send-batches.ts";
import { splitFacts } from "../queues/split-facts.ts";
import {
  type ChannelDocument,
  type DocumentsQuery,
  type DocumentType,
  documentId,
  noteFulfilment,
} from "../services/channels/channel-documents.ts";
import { fulfillersOf } from "../services/channels/order-news.ts";
import { previewChannel } from "../services/channels/preview-channel.ts";
import { sendDocument } from "../services/channels/send-document.ts";
import type { NewsOfOrder } from "../services/channels/tell-fulfillers.ts";
import type { Counters } from "../services/counter-contract.ts";
import { BY_RECEIVER, causeOfPause } from "../services/notifications/tell-stops.ts";
import { reaching } from "../services/unavailable.ts";
import { d1ChannelDocuments, d1Fulfilments } from "../store/d1-channel-documents.ts";
import { d1ChannelPreview } from "../store/d1-channel-preview.ts";
import { durableCounters } from "../store/durable-counters.ts";
import { callDestination } from "./breakers.ts";
import { channelsOf, pauseChannel } from "./channels.ts";
import { notifierOf } from "./notifier.ts";
import { postLimits } from "./post-limits.ts";
import { sendingAgain } from "./queues.ts";
import { settleDeps } from "./settle.ts";
import { meterOf } from "./telemetry.ts";

const nowMs = (): number => Date.now();
const GONE = "its receiver answered 410 Gone";

export function channelSyncDeps(env: Env, ctx: ExecutionContext): ConsumeChannelSyncDeps {
  const parts = {
    channels: channelsOf(env),
    counters: durableCounters(env.SKU_COUNTER),
    callChannel: tellChannel({
      limits: postLimits(LIMITS.channelCallMsMax),
      nowMs,
      through: ({ id }, pace, call) => callDestination(env, ctx, destinationOfChannel(id), call, pace),
      onCalled({ id: channel }, { type, urgent }, outcome, ms) {
        meterOf(env).count("onhand_channel_called_total", { channel, type, outcome });
        const level = outcome === "taken" ? "info" : "warn";
        log(level, "channel.called", { shop: channel, topic: type, outcome, ms, counts: { urgent: urgent ? 1 : 0 } });
      },
    }),
    async onGone({ id }: { readonly id: ChannelId }) {
      const correlationId = causeOfPause(id);
      const stored = await pauseChannel(env, id, GONE, { actor: BY_RECEIVER, correlationId });
      // A pause of an operator's is none of the receiver's doing.
      if (stored?.stateReason === GONE)
        await notifierOf(env).publish([newsOfPause(id, GONE, stored.stateAtMs, correlationId)]);
    },
    callsMax: LIMITS.counterCallsMax,
    documentsAtOnce: LIMITS.channelDocumentsAtOnce,
    documents: d1ChannelDocuments(env.DB),
    fulfilments: d1Fulfilments(env.DB),
  };
  const deps = { ...parts, ...settleDeps(env, ctx), sendAgain: sendingAgain(env) };
  return {
    ...deps,
    takeDocument: ({ channel, documentId: id }) => sendDocument(channel, id, deps),
    address: (news) => address(env, news),
    async takeFulfilment({ channel, orderChannel, orderId, news, correlationId, sentAt }) {
      try {
        // A channel that is new was seen by whoever sent this; it is gone only if the database says so.
        const known = await deps.channels.get(channel, sentAt);
        if (known === null) return NOTHING;
        const order = { orderChannel, orderId };
        const id = await noteFulfilment(known.channel, order, news, correlationId, deps);
        return id === null ? NOTHING : await sendDocument(channel, id, deps);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        return { verdict: { kind: "retry", reason, code: "store" }, document: null };
      }
    },
    documentFailed({ id, version }) {
      const attempt = { atMs: nowMs(), outcome: "dead_letter", reason: null, ...NOT_CALLED };
      return deps.documents.attempted(id, version, "failed", attempt);
    },
  };
}

const NOTHING = { verdict: { kind: "done", outcome: "nothing" }, document: null } as const;

export type DocumentToSend = {
  readonly type: Exclude<DocumentType, "order.fulfilment">;
  readonly reorderId: string;
  /** As it is sent. */
  readonly data: Readonly<Record<string, unknown>>;
  /** Rises with what it says; left out: it says one thing for ever. */
  readonly version?: number;
  readonly correlationId: CorrelationId;
};

/** Durable when it resolves; the same document again changes nothing and is sent once. Rejects when D1 or queue are away. */
export async function sendChannelDocument(env: Env, channel: ChannelId, document: DocumentToSend): Promise<void> {
  const { type, reorderId: subject, version = 1, data, correlationId } = document;
  const id = await documentId(channel, type, subject);
  const written = { channel, type, subject, orderId: null, version, data, correlationId };
  await d1ChannelDocuments(env.DB).put(id, written, nowMs());
  await env.CHANNEL_SYNC.send(signalOf({ channel, id, subject, correlationId }));
}

const signalOf = ({
  channel,
  id,
  subject,
  correlationId,
}: Pick<ChannelDocument, "channel" | "id" | "subject" | "correlationId">): DocumentSignal => ({
  ...{ v: 1, kind: "channel_document", channel, documentId: id, subject, correlationId, sentAt: nowMs() },
});

/** Durable when it resolves. */
export async function sendFulfilmentNews(
  env: Env,
  channels: readonly ChannelId[],
  { news, ...order }: NewsOfOrder,
): Promise<void> {
  const about = { v: 1, kind: "fulfilment_news", ...order, sentAt: nowMs() } as const;
  const bodies = splitFacts(news, LIMITS.messageBytesMax).flatMap((part): readonly FulfilmentNews[] =>
    channels.map((channel) => ({ ...about, channel, news: part })),
  );
  await sendBatches(env.CHANNEL_SYNC, bodies);
}

/** Durable when it resolves. */
export async function sendUnaddressedNews(env: Env, { news, ...order }: NewsOfOrder): Promise<void> {
  const about = { v: 1, kind: "unaddressed_news", ...order, sentAt: nowMs() } as const;
  const bodies = splitFacts(news, LIMITS.messageBytesMax).map((part): UnaddressedNews => ({ ...about, news: part }));
  await sendBatches(env.CHANNEL_SYNC, bodies);
}

async function address(env: Env, { orderChannel, orderId, news, correlationId, sentAt }: UnaddressedNews) {
  try {
    const fulfillers = fulfillersOf(await channelsOf(env).list(sentAt), orderChannel);
    const channels = fulfillers.map(({ id }) => id);
    await sendFulfilmentNews(env, channels, { orderChannel, orderId, news, correlationId });
    return { kind: "done", outcome: channels.length === 0 ? "nothing" : "told" } as const;
  } catch (error) {
    return { kind: "wait", untilMs: nowMs() + LIMITS.unaddressedRetryMs, reason: reasonOf(error) } as const;
  }
}

/** Each minute: documents that have waited for a while (their channel was paused, their message got lost) are signalled again. */
export async function tendChannelDocuments(env: Env, atMs: number): Promise<void> {
  const documents = d1ChannelDocuments(env.DB);
  const due = await documents.waitingSince(atMs - LIMITS.documentResendMs, LIMITS.documentsResentMax, atMs);
  if (due.length === 0) return;
  await env.CHANNEL_SYNC.sendBatch(due.map((document) => ({ body: signalOf(document) })));
  log("info", "documents.resent", { counts: { documents: due.length } });
}

export const pruneChannelDocuments = (env: Env, atMs: number): Promise<void> =>
  d1ChannelDocuments(env.DB).prune(atMs - LIMITS.documentRetentionMs);

/** What the API may do. */
export function channelDocumentServices(env: Env, counters: Counters) {
  const documents = reaching("channels", d1ChannelDocuments(env.DB));
  return {
    documents: (query: DocumentsQuery) => documents.list(query),
    /** @returns null: there is none of this channel */
    async resend(channel: ChannelId, id: string): Promise<ChannelDocument | null> {
      const document = await documents.reopen(id, channel, nowMs());
      if (document !== null) await env.CHANNEL_SYNC.send(signalOf(document));
      return document;
    },
    preview: (channel: ChannelId, after: string | null, limit: number) =>
      previewChannel(channel, after, limit, {
        channels: channelsOf(env),
        counters,
        pages: reaching("channels", d1ChannelPreview(env.DB)),
        callsMax: LIMITS.counterCallsMax,
      }),
  };
}
