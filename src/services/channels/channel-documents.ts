/**
 * Documents to channels: what an order asks to be sent out, what shall be bought anew. Each is written down in D1 before its
 * message is sent, and what is sent is what stands there then: late and repeated messages are harmless.
 */
import type { Channel } from "../../domain/channel/channel.ts";
import { type FulfilmentFacts, fulfilmentOf, NO_FACTS, withFacts } from "../../domain/channel/fulfilment.ts";
import type { ChannelId, CorrelationId } from "../../domain/ids.ts";
import type { Heard } from "../../domain/reply-beginning.ts";
import { sha256Hex } from "../sha256.ts";

export type DocumentType = "order.fulfilment" | "reorder.requested" | "reorder.cancelled";
/** `withheld`: the channel is read-only. `failed`: a dead letter has it. */
export type DocumentState = "waiting" | "sent" | "failed" | "withheld";

export type DocumentAttempt = Heard & {
  readonly atMs: number;
  readonly outcome: string;
  readonly reason: string | null;
};

export type ChannelDocument = {
  readonly id: string;
  readonly channel: ChannelId;
  readonly type: DocumentType;
  /** Of an order "<its channel>/<its id>", of a reorder its id. */
  readonly subject: string;
  readonly orderId: string | null;
  /** Rises with what it says. */
  readonly version: number;
  readonly state: DocumentState;
  readonly data: Readonly<Record<string, unknown>>;
  /** The newest first. */
  readonly attempts: readonly DocumentAttempt[];
  readonly correlationId: CorrelationId;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
};

export type NewDocument = Pick<
  ChannelDocument,
  "channel" | "type" | "subject" | "orderId" | "version" | "data" | "correlationId"
>;

export type DocumentsQuery = {
  readonly channel: ChannelId;
  readonly orderId?: string | undefined;
  readonly state?: DocumentState | undefined;
  readonly limit: number;
  /** The `nextCursor` of the page before. */
  readonly cursor?: string | undefined;
};

export interface DocumentStore {
  get(id: string): Promise<ChannelDocument | null>;
  /** Newest first. */
  list(
    query: DocumentsQuery,
  ): Promise<{ readonly documents: readonly ChannelDocument[]; readonly nextCursor: string | null }>;
  /** An older version than the stored one, and the same one, change nothing. */
  put(id: string, document: NewDocument, nowMs: number): Promise<void>;
  /** Those of channels that are told now that have waited since then, the longest first; each is passed over until as much time has gone by again. */
  waitingSince(beforeMs: number, limit: number, nowMs: number): Promise<readonly ChannelDocument[]>;
  /** Waiting again, to be sent as it stands. @returns null: there is none of this channel */
  reopen(id: string, channel: ChannelId, nowMs: number): Promise<ChannelDocument | null>;
  /** Notes a try; its state changes only if it still is of this version. */
  attempted(id: string, version: number, state: DocumentState, attempt: DocumentAttempt): Promise<void>;
}

export type OrderKey = { readonly channel: ChannelId; readonly orderChannel: ChannelId; readonly orderId: string };

export interface FulfilmentStore {
  read(key: OrderKey): Promise<{ readonly version: number; readonly facts: FulfilmentFacts } | null>;
  /** With its document, in one transaction. @returns false: somebody else was faster, so look again */
  write(
    key: OrderKey,
    next: { readonly version: number; readonly facts: FulfilmentFacts },
    document: { readonly id: string; readonly document: NewDocument } | null,
    nowMs: number,
  ): Promise<boolean>;
}

export async function documentId(channel: ChannelId, type: DocumentType, subject: string): Promise<string> {
  const text = JSON.stringify([channel, type, subject]);
  return `doc_${(await sha256Hex(new TextEncoder().encode(text))).slice(0, 32)}`;
}

/** Somebody else writes the same order at the same moment, again and again: that many times is no chance. */
const TRIES = 5;

/**
 * Adds what is news of an order to what a channel is told of it.
 * @returns the document that says it; null: there is nothing to say yet
 */
export async function noteFulfilment(
  channel: Pick<Channel, "id" | "locations">,
  order: Omit<OrderKey, "channel">,
  news: FulfilmentFacts,
  correlationId: CorrelationId,
  { fulfilments, nowMs }: { readonly fulfilments: FulfilmentStore; nowMs(): number },
): Promise<string | null> {
  const key = { channel: channel.id, ...order };
  const subject = `${order.orderChannel}/${order.orderId}`;
  const id = await documentId(channel.id, "order.fulfilment", subject);
  const names = new Map(Array.from(channel.locations, ([theirs, ours]) => [ours as string, theirs] as const).reverse());
  for (let attempt = 1; attempt <= TRIES; attempt++) {
    const known = await fulfilments.read(key);
    const facts = withFacts(known?.facts ?? NO_FACTS, news);
    const version = (known?.version ?? 0) + (facts === known?.facts ? 0 : 1);
    const data = fulfilmentOf({ ...order, version }, facts, (locationId) => names.get(locationId) ?? locationId);
    if (known !== null && facts === known.facts) return data === null ? null : id;
    const document: NewDocument | null =
      data === null
        ? null
        : {
            channel: channel.id,
            type: "order.fulfilment",
            subject,
            orderId: order.orderId,
            version,
            data,
            correlationId,
          };
    const written = document === null ? null : { id, document };
    if (await fulfilments.write(key, { version, facts }, written, nowMs())) return data === null ? null : id;
  }
  throw new Error(`order ${subject} is being changed by others`);
}
