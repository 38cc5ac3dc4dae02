/**
 * The event journal: what became of an event, step by step. Best effort: it never keeps an event from counting and never
 * throws. What cannot be written now waits in the isolate for the next write, up to a bound; what is above that is
 * dropped, and counted.
 */
import type { JournalEntry, StoredEntry } from "../domain/journal/entry.ts";

export interface Journal {
  /** Written at once, with whatever waits: for a batch's entries. Resolves when they are, or cannot be. */
  append(entries: readonly JournalEntry[]): Promise<void>;
  /** Written with the next write, whoever asks for it: for entries of a batch that is not over yet. */
  leave(entries: readonly JournalEntry[]): void;
  /** Written within some hundred ms, together with what others bring meanwhile: for a request's entry. */
  gather(entries: readonly JournalEntry[]): Promise<void>;
}

export type JournalFilter = {
  readonly topic?: string | undefined;
  readonly step?: string | undefined;
  readonly outcome?: string | undefined;
  readonly shop?: string | undefined;
  readonly skuId?: string | undefined;
  readonly correlationId?: string | undefined;
  readonly eventId?: string | undefined;
  /** Epoch ms, inclusive. */
  readonly fromMs?: number | undefined;
  /** Epoch ms, exclusive. */
  readonly toMs?: number | undefined;
  readonly limit: number;
  /** Opaque; from the page before. */
  readonly cursor?: string | undefined;
};

export type JournalPage = {
  /** Newest first. */
  readonly entries: readonly StoredEntry[];
  /** A page looks through a bounded number of entries: it may be short, and yet another may follow. */
  readonly nextCursor: string | null;
};

export interface JournalStore {
  /** Throws when the store is away. An entry that is there already is not written twice. */
  put(entries: readonly StoredEntry[]): Promise<void>;
  list(filter: JournalFilter): Promise<JournalPage>;
  /** The oldest `limit` entries of one correlation id, in order of time. */
  ofCorrelation(correlationId: string, limit: number): Promise<readonly StoredEntry[]>;
  /** From when the newest entry is that has `keptMax` newer ones; null: there are no more than those. */
  beyond(keptMax: number): Promise<number | null>;
  /** Forgets at most `rowsMax` entries older than this. @returns how many */
  prune(beforeMs: number, rowsMax: number): Promise<number>;
}
