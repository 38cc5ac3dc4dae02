/** Channels, their secrets and their items, as operators change them. Every statement may be repeated. */
import type { Channel } from "../../domain/channel/channel.ts";
import type { ChannelId, Sku, SkuId } from "../../domain/ids.ts";
import type { Sealed } from "./secret-box.ts";

/** Of secrets that we made, to sign and verify with. Every other name is a credential of the merchant's. */
export const SIGNING = "signing";

export type StoredChannel = {
  readonly channel: Channel;
  /** Why it is paused, and who paused it. */
  readonly stateReason: string | null;
  readonly stateBy: string | null;
  readonly stateAtMs: number;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
};

/** What can be told of a secret. */
export type SecretFacts = {
  readonly name: string;
  readonly version: number;
  readonly createdAtMs: number;
  /** Null: the present one. */
  readonly retiresAtMs: number | null;
};

export type StoredSecret = SecretFacts & { readonly sealed: Sealed };

/** What an operator says of a channel; its state and its revision are not part of it. */
export type ChannelDraft = Omit<Channel, "state" | "readOnly" | "revision">;

export type PutOutcome =
  | { readonly kind: "put"; readonly isNew: boolean; readonly stored: StoredChannel }
  | { readonly kind: "stale"; readonly revision: number | null };

/** `connected`: items of it are counted as a shop's are, and would be on their own. */
export type RemoveOutcome = "removed" | "unknown" | "connected";

export type ChannelListing = { readonly itemId: string; readonly sku: Sku; readonly skuId: SkuId };

export interface ChannelStore {
  get(id: ChannelId): Promise<StoredChannel | null>;
  /** In order of their ids. */
  list(): Promise<readonly StoredChannel[]>;
  /** With their secrets, all that have not retired by now; null: there is none of this name. */
  withSecrets(
    id: ChannelId,
    nowMs: number,
  ): Promise<{ stored: StoredChannel; secrets: readonly StoredSecret[] } | null>;
  /**
   * @param ifRevision  what the caller saw; 0: there was none; null: it does not matter
   * @param signing     the first signing secret, stored if there is none; null: it needs none
   */
  put(draft: ChannelDraft, ifRevision: number | null, signing: Sealed | null, nowMs: number): Promise<PutOutcome>;
  /** @returns what it is now; null: unknown. A pause that is there already keeps its reason. */
  setState(
    id: ChannelId,
    state: Channel["state"],
    by: { readonly reason: string | null; readonly actor: string },
    nowMs: number,
  ): Promise<StoredChannel | null>;
  setReadOnly(id: ChannelId, on: boolean, nowMs: number): Promise<StoredChannel | null>;
  /** With its secrets and its items. */
  remove(id: ChannelId): Promise<RemoveOutcome>;

  secrets(id: ChannelId, nowMs: number): Promise<readonly SecretFacts[]>;
  /** A new present one. The one before it retires at `keepOldUntilMs`, all older ones now. */
  addSecret(
    id: ChannelId,
    name: string,
    sealed: Sealed,
    times: { readonly keepOldUntilMs: number; readonly nowMs: number },
  ): Promise<void>;
  /** All but the present one. @returns how many */
  retireOld(id: ChannelId, name: string): Promise<number>;
  /** @returns whether there was one */
  removeSecret(id: ChannelId, name: string): Promise<boolean>;
  /** All secrets of all channels, one page: for a new key. */
  sealedPage(
    after: { readonly channel: ChannelId; readonly name: string; readonly version: number } | null,
    limit: number,
  ): Promise<readonly (StoredSecret & { readonly channel: ChannelId })[]>;
  reseal(
    secret: { readonly channel: ChannelId; readonly name: string; readonly version: number },
    was: Sealed,
    sealed: Sealed,
  ): Promise<void>;

  /** In order of their items, those after `after`. */
  listings(id: ChannelId, after: string | null, limit: number): Promise<readonly ChannelListing[]>;
  putListings(id: ChannelId, rows: readonly { readonly itemId: string; readonly skuId: SkuId }[]): Promise<void>;
  /** @param items  null: all. @returns how many there were */
  removeListings(id: ChannelId, items: readonly string[] | null): Promise<number>;
  listingCount(id: ChannelId): Promise<number>;
  /** SKU ids by the name that they go or went by. */
  skuIds(skus: readonly Sku[]): Promise<ReadonlyMap<Sku, SkuId>>;
  /** Those of these locations that we have. */
  knownLocations(ids: readonly string[]): Promise<ReadonlySet<string>>;
}
