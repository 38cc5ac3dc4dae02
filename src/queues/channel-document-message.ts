/**
 * What a channel is told beside levels: news of an order that it may have to send out, which its consumer adds to what is
 * known of that order; and "send this document", which stands in D1.
 */
import * as z from "zod/mini";
import type { FulfilmentFacts } from "../domain/channel/fulfilment.ts";
import type { ChannelId, CorrelationId } from "../domain/ids.ts";
import { err, ok, type Result } from "../domain/result.ts";
import { type Unreadable, unreadable } from "./unreadable.ts";

type Common = {
  readonly v: 1;
  /** Who is told. */
  readonly channel: ChannelId;
  readonly correlationId: CorrelationId;
  /** Epoch ms. */
  readonly sentAt: number;
};

export type FulfilmentNews = Common & {
  readonly kind: "fulfilment_news";
  readonly orderChannel: ChannelId;
  readonly orderId: string;
  readonly news: FulfilmentFacts;
};
/** To whoever sends out what is ordered there: when it was sent, nobody could say who that is. */
export type UnaddressedNews = Omit<FulfilmentNews, "kind" | "channel"> & { readonly kind: "unaddressed_news" };
export type DocumentSignal = Common & {
  readonly kind: "channel_document";
  readonly documentId: string;
  /** What it is about: the documents of one subject are sent in turn. */
  readonly subject: string;
};

const text = z.string().check(z.minLength(1));
const units = z.int().check(z.positive());
const sent = { v: z.literal(1), correlationId: text, sentAt: z.int() };
const common = { ...sent, channel: text };
const parts = z.array(z.object({ sku: text, units })).check(z.minLength(1));
const facts = z.object({
  lines: z.record(
    text,
    z.object({ sku: text, quantity: units, locationId: z.nullable(text), parts: z.optional(parts) }),
  ),
  cancelled: z.record(text, z.object({ line: text, quantity: units })),
  isCancelled: z.boolean(),
});
const order = { orderChannel: text, orderId: text, news: facts };
const message = z.discriminatedUnion("kind", [
  z.object({ ...common, kind: z.literal("fulfilment_news"), ...order }),
  z.object({ ...sent, kind: z.literal("unaddressed_news"), ...order }),
  z.object({ ...common, kind: z.literal("channel_document"), documentId: text, subject: text }),
]);

export type DocumentMessage = FulfilmentNews | UnaddressedNews | DocumentSignal;

export function parseDocumentMessage(body: unknown): Result<DocumentMessage, Unreadable> {
  const parsed = message.safeParse(body);
  if (parsed.success) return ok(parsed.data as unknown as DocumentMessage);
  return err(unreadable(parsed.error));
}
