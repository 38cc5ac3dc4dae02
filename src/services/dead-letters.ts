/**
 * Dead letters: what could not be processed, kept so that a person can read and replay it. One row per event: the same
 * event dying twice is one letter that died twice, and a replay that fails brings the letter back.
 */
import type { CorrelationId, ShopDomain } from "../domain/ids.ts";
import { sha256Hex } from "./sha256.ts";

/** Where a letter died, and so how it is replayed. */
export type DeadLetterOrigin = "ingress/shopify" | `queue/${string}`;

export type DeadLetterError = {
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
  readonly shop: ShopDomain | null;
  readonly correlationId: CorrelationId;
  readonly eventId: string;
  /** What it is about, named so that a person can find it: "variant 123", "location 9". */
  readonly subject: string | null;
  /** Newest first. */
  readonly errors: readonly DeadLetterError[];
  readonly attempts: number;
  readonly payload: unknown;
  /** The payload as it would be replayed was cut: readable, not replayable. */
  readonly truncated: boolean;
  /** Of what was received, where that is not what is kept. */
  readonly received: { readonly bytes: number; readonly sha256: string } | null;
  readonly occurredAtMs: number;
};

export type DeadLetterStatus = "waiting" | "replayed";

export type StoredDeadLetter = DeadLetter & {
  readonly status: DeadLetterStatus;
  /** How often it died. */
  readonly deaths: number;
  readonly replays: number;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  readonly replayedAtMs: number | null;
};

export type DeadLetterSummary = Omit<StoredDeadLetter, "payload">;

export type DeadLetterFilter = {
  readonly status?: DeadLetterStatus | undefined;
  readonly origin?: string | undefined;
  readonly code?: string | undefined;
  readonly shop?: string | undefined;
  readonly correlationId?: string | undefined;
  readonly limit: number;
  /** Opaque; from the page before. */
  readonly cursor?: string | undefined;
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
  markReplayed(id: string, deaths: number, nowMs: number): Promise<DeadLetterStatus>;
  /** Forget settled letters older than this. @returns how many */
  prune(beforeMs: number): Promise<number>;
}

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
