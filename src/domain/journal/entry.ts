/** One step of an event's way, as the journal keeps it: for people who ask where it went. Holds no payload and no name of a person. */
import type { ChannelId, CorrelationId, ShopDomain, SkuId } from "../ids.ts";

/** In the order in which they happen: entries of one millisecond are shown so. */
export const JOURNAL_STEPS = [
  "received", // a webhook, with its answer; `ms`: until the queue had it
  "written", // a write of the API, with its answer
  "consumed", // by the event queue's consumer
  "submitted", // what a counter had for a shop was handed to the shop's gate
  "told", // a channel was told levels, or sent a document
  "notified", // a notification taken
  "buried", // stored as a dead letter; what people did with it stands in the letter's own trail
] as const;
export type JournalStep = (typeof JOURNAL_STEPS)[number];

/** How an event ends at the consumer. Every event that was accepted ends with one of these. */
export const FINAL_OUTCOMES = ["counted", "nothing_new", "duplicate", "refused", "dead"] as const;

export type JournalEntry = {
  readonly atMs: number;
  readonly correlationId: CorrelationId;
  readonly step: JournalStep;
  /** The envelope's; of an API write its idempotency key; null where there is none. */
  readonly eventId: string | null;
  readonly topic: string;
  /** Whose event it is: a shop by its domain, any other channel by its name. */
  readonly shop: ShopDomain | ChannelId | null;
  /** Counters it went to, at most `JOURNAL_SKUS_MAX`. */
  readonly skuIds?: readonly SkuId[];
  readonly outcome: string;
  readonly code?: string;
  /** How long it took: of an event, from its receipt. */
  readonly ms?: number;
  /** What came of writing its levels to Redis, and when (epoch ms). */
  readonly mirrored?: { readonly outcome: string; readonly atMs: number };
};

/** An order of more SKUs is found by the others' counters: each movement bears the correlation id. */
export const JOURNAL_SKUS_MAX = 20;

/** An entry with its place: unique, and rising with time. */
export type StoredEntry = JournalEntry & { readonly key: string };
