/**
 * What a consumer says of a message before it dies. The queue's own move to its dead-letter queue carries the body and
 * nothing else, so the reason is written down here, before the last try is spent; it goes to D1 or, when D1 is away,
 * travels inside a message on the dead-letter queue.
 */
import * as z from "zod/mini";
import { type ChannelId, type CorrelationId, fromStore, partsOfListing, type ShopDomain } from "../domain/ids.ts";
import { maskText } from "../domain/mask-text.ts";
import {
  type DeadLetter,
  type DeadLetterError,
  type DeadLetterOrigin,
  deadLetterId,
} from "../services/dead-letters.ts";
import { type DocumentMessage, parseDocumentMessage } from "./channel-document-message.ts";
import { parseChannelSignal } from "./channel-signal.ts";
import { parseCountNotice } from "./count-notice.ts";
import { isOfShop, parseEnvelope, senderOf } from "./envelope.ts";
import { refsOf } from "./letter-refs.ts";
import { parseOversellNotice } from "./oversell-notice.ts";
import { parseParkedLevel } from "./parked-level.ts";
import { specOf } from "./queue-table.ts";
import { parseReorderNotice } from "./reorder-notice.ts";
import { replayMarkOf, withoutMark } from "./replay-mark.ts";
import { parseSignal } from "./signal.ts";
import { parseStockNotice } from "./stock-notice.ts";

export type LastWords = {
  readonly v: 1;
  readonly kind: "last_words";
  /** Where it died. */
  readonly queue: string;
  readonly code: string;
  readonly message: string;
  readonly subject: string | null;
  readonly attempts: number;
  readonly atMs: number;
  /** The platform's name of the message: its id where the body tells none. */
  readonly messageId: string;
  /** What a replay sends. */
  readonly payload: unknown;
  /** The letter of which it was a replay. */
  readonly replayOf?: string | undefined;
};

const lastWords = z.object({
  v: z.literal(1),
  kind: z.literal("last_words"),
  queue: z.string(),
  code: z.string(),
  message: z.string(),
  subject: z.nullable(z.string()),
  attempts: z.int(),
  atMs: z.int(),
  messageId: z.string(),
  payload: z.unknown(),
  replayOf: z.optional(z.string()),
});

export type Reason = {
  readonly code: string;
  readonly message: string;
  readonly subject?: string;
  readonly payload?: unknown;
};

export function deadLetterOf(
  message: { readonly id: string; readonly attempts: number; readonly body: unknown },
  queue: string,
  reason: Reason,
  atMs: number,
): LastWords {
  const replayOf = replayMarkOf(message.body)?.letter;
  return {
    v: 1,
    kind: "last_words",
    queue,
    code: reason.code,
    message: maskText(reason.message, MESSAGE_CHARS_MAX),
    subject: reason.subject?.slice(0, 500) ?? null,
    attempts: message.attempts,
    atMs,
    messageId: message.id,
    payload: withoutMark(reason.payload ?? message.body),
    ...(replayOf === undefined ? {} : { replayOf }),
  };
}

export const MESSAGE_CHARS_MAX = 1_000;

export const NO_ANSWER = "no_answer";

/** What the letter of this message would be about: the same across its deliveries. */
export const eventIdOf = (message: { readonly id: string; readonly body: unknown }): string =>
  describe({ payload: message.body, messageId: message.id, atMs: 0 }).eventId;

/** A message found on a dead-letter queue: with last words, or bare because its handler never came to say any. */
export function wordsOf(
  message: { readonly id: string; readonly timestamp: Date; readonly body: unknown },
  deadLetterQueue: string,
): LastWords {
  const said = lastWords.safeParse(message.body);
  if (said.success) return said.data as LastWords;
  const queue = deadLetterQueue.replace(/-dlq$/, "");
  const attempts = (specOf(queue)?.triesMax ?? 0) + 1;
  const reason = {
    code: NO_ANSWER,
    message: "ran out of tries without an answer: the handler was cut off or never started",
  };
  return deadLetterOf({ id: message.id, attempts, body: message.body }, queue, reason, message.timestamp.getTime());
}

/**
 * The letter that the last words make.
 * @param earlier  an error before them, if one is known
 */
export async function letterOf(words: LastWords, earlier: DeadLetterError | null = null): Promise<DeadLetter> {
  const about = describe(words);
  const origin: DeadLetterOrigin = `queue/${words.queue}`;
  const last = { code: words.code, message: words.message, atMs: words.atMs, attempt: words.attempts };
  const isUnreadable = about.topic === UNREADABLE;
  return {
    // What cannot be read, or could not before it was edited, has no name of its own: its replay is known by its mark alone.
    id: words.replayOf ?? (await deadLetterId(origin, about.letter ?? about.eventId)),
    origin,
    topic: about.topic,
    shop: about.shop,
    correlationId: about.correlationId,
    eventId: about.eventId,
    subject: words.subject,
    refs: refsOf(words.payload),
    errors: earlier === null ? [last] : [last, earlier],
    attempts: words.attempts,
    payload: words.payload,
    isFreeForm: isUnreadable,
    truncated: false,
    received: null,
    occurredAtMs: about.occurredAtMs,
  };
}

const UNREADABLE = "unreadable";

type About = {
  readonly eventId: string;
  /** What the letter is one of, where that is not the event: see levels. */
  readonly letter?: string;
  readonly topic: string;
  readonly shop: ShopDomain | ChannelId | null;
  readonly correlationId: CorrelationId;
  readonly occurredAtMs: number;
};

function describe(words: Pick<LastWords, "payload" | "messageId" | "atMs">): About {
  const envelope = parseEnvelope(words.payload);
  if (envelope.ok) {
    const { id, kind, correlationId, occurredAt } = envelope.value;
    const shop = senderOf(envelope.value);
    const about = { eventId: id, topic: kind, shop, correlationId, occurredAtMs: occurredAt };
    if (!isOfShop(envelope.value) || envelope.value.data.kind !== "level") return about;
    const { item, location } = envelope.value.data;
    // Levels are absolute: of one level of one unknown item, only the newest is worth a letter.
    return { ...about, letter: `level/${shop}/${item}/${location}` };
  }
  const signal = parseSignal(words.payload);
  if (signal.ok) {
    const { skuId, shop, correlationId, sentAt } = signal.value;
    return { eventId: `${skuId}/${shop}`, topic: "dirty", shop, correlationId, occurredAtMs: sentAt };
  }
  const channelSignal = parseChannelSignal(words.payload);
  if (channelSignal.ok) {
    const { skuId, channel: shop, correlationId, sentAt } = channelSignal.value;
    return { eventId: `${skuId}/${shop}`, topic: "stock.levels", shop, correlationId, occurredAtMs: sentAt };
  }
  const document = parseDocumentMessage(words.payload);
  if (document.ok) return describeDocument(document.value);
  const oversell = parseOversellNotice(words.payload);
  if (oversell.ok) {
    const { skuId, since, correlationId, atMs } = oversell.value;
    return { eventId: `oversell/${skuId}/${since}`, topic: "oversell", shop: null, correlationId, occurredAtMs: atMs };
  }
  for (const parse of [parseStockNotice, parseReorderNotice, parseCountNotice]) {
    const notice = parse(words.payload);
    if (!notice.ok) continue;
    const { id, kind, correlationId, news } = notice.value;
    return { eventId: id, topic: kind, shop: null, correlationId, occurredAtMs: news.atMs };
  }
  const parked = parseParkedLevel(words.payload);
  if (parked !== null) {
    const { listingId, locationIds, correlationId = fromStore<CorrelationId>(words.messageId) } = parked;
    return {
      eventId: `parked/${listingId}/${locationIds.join(",")}`,
      topic: "push.failed",
      shop: partsOfListing(listingId).shop,
      correlationId,
      occurredAtMs: words.atMs,
    };
  }
  return {
    eventId: words.messageId,
    topic: UNREADABLE,
    shop: null,
    correlationId: fromStore(words.messageId),
    occurredAtMs: words.atMs,
  };
}

/** News of an order is not absolute: each piece is a letter of its own. */
function describeDocument(body: DocumentMessage): About {
  const { correlationId, sentAt: occurredAtMs } = body;
  const about = { shop: "channel" in body ? body.channel : body.orderChannel, correlationId, occurredAtMs };
  if (body.kind === "channel_document")
    return { eventId: `${body.channel}/${body.documentId}`, topic: "document", ...about };
  const order = `${body.orderChannel}/${body.orderId}`;
  const eventId = "channel" in body ? `${body.channel}/${order}` : `*/${order}`;
  const facts = [...Object.keys(body.news.lines), ...Object.keys(body.news.cancelled)].sort().join(",");
  return { eventId, letter: `${eventId}/${body.news.isCancelled}/${facts}`, topic: "order.fulfilment", ...about };
}
