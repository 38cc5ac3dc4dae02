/** What was last seen of a channel, for people: from journal and dead letters. */
import type { ChannelId } from "../../domain/ids.ts";

export type ChannelSeen = {
  /** Within what is looked through; null: nothing. */
  readonly lastReceivedMs: number | null;
  readonly lastSentMs: number | null;
  readonly lastError: { readonly code: string; readonly atMs: number; readonly deadLetterId: string } | null;
  /** Journal entries since `sinceMs`, by `step/outcome`. */
  readonly counts: Readonly<Record<string, number>>;
  /** There were more entries than are looked through: the oldest are not counted. */
  readonly isPartial: boolean;
  readonly waitingLetters: number;
};

export interface ChannelSeenStore {
  seen(id: ChannelId, sinceMs: number): Promise<ChannelSeen>;
}
