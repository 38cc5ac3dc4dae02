/**
 * Dead letters: what could not be processed, kept so that a person can read and replay it. One row per event: the same
 * event dying twice is one letter that died twice, and a replay that fails brings the letter back.
 */
import type { ChannelId, CorrelationId, ShopDomain } from "../domain/ids.ts";
import { sha256Hex } from "./sha256.ts";

/** Where a letter died, and so how it is replayed. */
export type DeadLetterOrigin = "ingress/shopify" | "ingress/adapter" | `queue/${string}`;

export type DeadLetterError = {
  /** The error class: src/domain/dead-letters/error-classes.ts says which need no person. */
  readonly code: string;
  readonly message: string;
  readonly atMs: number;
  readonly attempt: number;
};

/** A letter on its way into the store. `payload` holds no personal data: it is a projection, or scrubbed. */
export type DeadLetter = {
  /** Derived from origin and event: the same death is the same letter. */
  readonly id: string;
  readonly origin: DeadLetterOrigin;
  readonly topic: string;
  /** Whose event it is: a shop by its domain, any other channel by its name. */
  readonly shop: ShopDomain | ChannelId | null;
  readonly correlationId: CorrelationId;
  readonly eventId: string;
  /** What it is about, named so that a person can find it: "variant 123", "location 9". */
  readonly subject: string | null;
  /** What it names, so that it is found by SKU: "sku:ABC", "skuId:…", "item:<shop>/<item>", "variant:<shop>/<variant>". */
  readonly refs: readonly string[];
  /** Newest first. */
  readonly errors: readonly DeadLetterError[];
  readonly attempts: number;
  readonly payload: unknown;
  /** The payload has no shape that we know: it is kept for a week, then its outline. */
  readonly isFreeForm: boolean;
  /** The payload as it would be replayed was cut: readable, not replayable. */
  readonly truncated: boolean;
  /** Of what was received, where that is not what is kept. */
  readonly received: { readonly bytes: number; readonly sha256: string } | null;
  readonly occurredAtMs: number;
};

export const DEAD_LETTER_STATUSES = ["waiting", "replayed", "discarded"] as const;
export type DeadLetterStatus = (typeof DEAD_LETTER_STATUSES)[number];

/** Something that happened to a letter. */
export type TrailEntry = {
  readonly what: "died" | "replayed" | "edited" | "discarded" | "outlined";
  readonly atMs: number;
  /** Who did it; "automatic" where nobody asked. Null: it happened by itself. */
  readonly actor: string | null;
  /** Of a death its class, of a replay or discarding by a job its name, else the reason. */
  readonly detail: string | null;
  /** Deaths of one class, one after the other, are one entry. */
  readonly times?: number;
  readonly lastAtMs?: number;
};

export type StoredDeadLetter = Omit<DeadLetter, "refs"> & {
  readonly status: DeadLetterStatus;
  /** Rises with everything that happens to it. */
  readonly version: number;
  /** How often it died. */
  readonly deaths: number;
  readonly replays: number;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  readonly replayedAtMs: number | null;
  /** Its newest death. */
  readonly diedAtMs: number;
  /** Newest first, capped: what people did stands in the audit log as well. */
  readonly trail: readonly TrailEntry[];
  readonly isEdited: boolean;
  /** Since when the payload is only its outline. */
  readonly outlinedAtMs: number | null;
  /** When it will be replayed by itself; null: it waits for a person. */
  readonly replayDueAtMs: number | null;
  /** As it died, where a person has edited it. */
  readonly original: unknown;
};

export type DeadLetterSummary = Omit<StoredDeadLetter, "payload" | "original">;

/** Which letters. Everything that is given must be so. */
export type DeadLetterMatch = {
  readonly status?: DeadLetterStatus | undefined;
  readonly origin?: string | undefined;
  readonly topic?: string | undefined;
  /** Error classes of the newest error: one of them. */
  readonly codes?: readonly string[] | undefined;
  readonly shop?: string | undefined;
  readonly correlationId?: string | undefined;
  /** A SKU that it names, or that an item or variant is which it names. */
  readonly sku?: string | undefined;
  /** Of the newest death, epoch ms: at or after, and before. */
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
  /** Found in the subject or in a message, whatever its case. */
  readonly text?: string | undefined;
};

export type DeadLetterFilter = DeadLetterMatch & {
  readonly limit: number;
  /** Opaque; from the page before. */
  readonly cursor?: string | undefined;
};

/** What somebody does to a letter: it stands in its trail, and in the audit log. */
export type LetterAct = {
  readonly actor: string;
  /** For the trail. */
  readonly detail: string | null;
  /** For the audit log: no value of a payload. */
  readonly audit: Readonly<Record<string, unknown>>;
  readonly correlationId: CorrelationId;
  readonly atMs: number;
};

export interface DeadLetterStore {
  /** Durable when it returns; throws when the store is away. */
  put(letters: readonly DeadLetter[], nowMs: number): Promise<void>;
  list(
    filter: DeadLetterFilter,
  ): Promise<{ readonly letters: readonly DeadLetterSummary[]; readonly nextCursor: string | null }>;
  get(id: string): Promise<StoredDeadLetter | null>;
  count(status: DeadLetterStatus): Promise<number>;
  /**
   * Count one replay, and settle the letter, unless it died again since it was read: that death is another one.
   * @param deaths  as they were read before the replay was sent
   */
  markReplayed(id: string, deaths: number, act: LetterAct): Promise<DeadLetterStatus>;
  /**
   * Put another payload in the place of the one that died; the first one is kept beside it.
   * @param version  as the editor read it
   * @returns the new version; null: the letter is another one by now
   */
  edit(id: string, version: number, edited: EditedPayload, act: LetterAct): Promise<number | null>;
  /** @returns false: it does not wait any more */
  discard(id: string, act: LetterAct): Promise<boolean>;
  /** Payloads of no known shape that died before that become their outline. @returns how many, at most `limit` */
  outline(beforeMs: number, limit: number, nowMs: number): Promise<number>;
  /** Forget settled letters older than this. @returns how many */
  prune(beforeMs: number): Promise<number>;
}

export type EditedPayload = {
  readonly payload: unknown;
  readonly refs: readonly string[];
  readonly isFreeForm: boolean;
};

/** Why a message failed the delivery before its last. The last one may be cut off, and then says nothing. */
export type LastReason = { readonly queue: string; readonly eventId: string; readonly error: DeadLetterError };

export interface LastReasonStore {
  note(reasons: readonly LastReason[]): Promise<void>;
  find(queue: string, eventId: string): Promise<DeadLetterError | null>;
  prune(beforeMs: number): Promise<void>;
}

/** Stable: SHA-256 of origin and event, shortened to what a person can still paste (96 bits). */
export async function deadLetterId(origin: DeadLetterOrigin, eventId: string): Promise<string> {
  return `dl_${(await sha256Hex(new TextEncoder().encode(`${origin}|${eventId}`))).slice(0, 24)}`;
}
