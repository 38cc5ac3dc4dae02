/**
 * Who the channels are, as the hot path asks: from the isolate's memory, for seconds, and on from what it last knew while
 * the database is away.
 */
import type { Channel } from "../../domain/channel/channel.ts";
import type { ChannelId } from "../../domain/ids.ts";

/** Decrypted, in memory alone. */
export type ChannelSecrets = {
  /** Sign and verify, both ways ("whsec_…"): the newest first, the one before it while a rotation lasts. */
  readonly signing: readonly string[];
  /** What its adapter needs of its sender's ("app_secret", "access_token", …), by name. */
  readonly credentials: Readonly<Record<string, string>>;
};

export type KnownChannel = { readonly channel: Channel; readonly secrets: ChannelSecrets };

export interface ChannelDirectory {
  /**
   * Null: there is none of this name. Rejects when the database is away and the isolate never knew.
   * @param sinceMs  nothing that was read before will do (epoch ms): then it rejects whenever the database is away
   */
  get(id: ChannelId, sinceMs?: number): Promise<KnownChannel | null>;
  /** All, without their secrets. Rejects likewise. */
  list(sinceMs?: number): Promise<readonly Channel[]>;
}
