/**
 * Movements: immutable, signed changes of the levels at one location, each with its reason. The key is the idempotency key
 * within one counter. A correction is a new movement.
 */
import type { ChannelId, CorrelationId, LeaseId, ListingId, LocationId, MovementKey } from "../ids.ts";
import type { Allocation } from "../policy/sku-policy.ts";
import type { Moves, State } from "./own-book.ts";

/**
 * What a movement is. `adjustment`: any change that has no better name. `shopify`: what Shopify itself changed, as measured
 * by the merge. `hold`, `release`, `expiry`, `commit`: the life of a reservation. The others: docs/stock-model.md.
 */
export const MOVEMENT_KINDS = [
  ...(["adjustment", "sale", "cancellation", "shipment", "return", "receipt", "transfer", "count", "damage"] as const),
  ...(["hold", "release", "expiry", "commit", "shopify"] as const),
] as const;
export type MovementKind = (typeof MOVEMENT_KINDS)[number];

/** Who asked for a movement of ours, and why. */
export type MovementCause = {
  /** Short text that people read: "sale", "damaged", "stocktake". */
  readonly reason: string;
  /** The sender's own document: a receipt number, a URI; null when it named none. */
  readonly reference: string | null;
  /** Way it came in: "api", "shopify", "import". */
  readonly source: string;
  /** Who: the token's name, the shop's domain. */
  readonly actor: string;
  readonly correlationId: CorrelationId;
};

/** What the caller believes of the counter; a write on a wrong belief is refused. */
export type Expected = {
  /** The version that it read (optimistic). */
  readonly version?: number;
  /** The lease that it holds (pessimistic): both of its names. */
  readonly lease?: { readonly leaseId: LeaseId; readonly token: number };
};

/** A movement of ours that somebody asks for. */
export type MovementRequest = {
  readonly key: MovementKey;
  /** Hash of what was asked: the same key with another fingerprint is an error, never a duplicate. */
  readonly fingerprint: string;
  readonly kind?: Exclude<MovementKind, "shopify" | "hold" | "release" | "expiry" | "commit" | "count">;
  /** Null: where the allocation says (a take), or at the first of all (a gift). */
  readonly locationId: LocationId | null;
  /** Of a transfer: where its units go. */
  readonly toLocationId?: LocationId;
  /** Signed change of the ledger, in units; 0 where only other states move. */
  readonly delta: number;
  readonly moves?: Moves;
  /** A take that may go below what is certainly there: mostly because it has happened already. */
  readonly allowNegative: boolean;
  readonly channel?: ChannelId | null;
  /** Null or left out: the channel's, or the SKU's. */
  readonly allocation?: Allocation | null;
  /** Locations that take nothing unless they are named: they are closed. */
  readonly avoid?: readonly LocationId[];
  readonly expected?: Expected;
  readonly cause: MovementCause;
  /** When it happened for its sender (epoch ms). */
  readonly occurredAtMs: number;
};

export type Movement = {
  /** Rising number within the counter. */
  readonly seq: number;
  readonly key: MovementKey;
  readonly kind: MovementKind;
  readonly locationId: LocationId;
  readonly delta: number;
  readonly moves: Readonly<Record<State, number>>;
  /**
   * Our own units in each state that `moves` changes, after it, at its location. Left out of Shopify's, whose states are
   * its listing's, and of movements older than this field.
   */
  readonly statesAfter?: Moves;
  /** Ledger of the location before and after. */
  readonly before: number;
  readonly after: number;
  readonly channel: ChannelId | null;
  readonly cause: MovementCause;
  readonly occurredAtMs: number;
  readonly recordedAtMs: number;
  /** The listing that a `shopify` movement was measured at. */
  readonly listingId: ListingId | null;
};

export type Shortage = {
  readonly wanted: number;
  /** What is certainly there in all. */
  readonly floor: number;
  /** The largest take that would have been accepted where this one was asked for; may be negative. */
  readonly bearable?: number;
  /** It shows as many as are wanted, and is not sure of them yet: the same take may succeed in seconds. */
  readonly pending?: boolean;
  /** What the named channel may sell, where that is what it failed on. */
  readonly sellable?: number;
  /** Each location, in order of import. */
  readonly locations: readonly {
    readonly locationId: LocationId;
    readonly floor: number;
    readonly available?: number;
  }[];
};

/** Why a write on a belief, or against a lease, is refused. */
export type GuardRefusal =
  /** Another version is current: the reply's view carries it. */
  | { readonly kind: "version_mismatch" }
  /** Somebody else holds the lease. */
  | { readonly kind: "locked"; readonly untilMs: number }
  /** The lease that was named has ended, or was never given; `newest` is the newest token there was. */
  | { readonly kind: "stale_token"; readonly newest: number }
  /** The SKU's strategy wants a version, or a lease, with every guarded write. */
  | { readonly kind: "precondition_required"; readonly strategy: "optimistic" | "pessimistic" };

export type MovementOutcome =
  /** `parts`: all movements of a request that took more than one (a split take, a transfer); `movement` is the first. */
  | { readonly kind: "applied"; readonly movement: Movement; readonly parts?: readonly Movement[] }
  | { readonly kind: "duplicate"; readonly movement: Movement; readonly parts?: readonly Movement[] }
  | { readonly kind: "key_reused"; readonly movement: Movement }
  | { readonly kind: "insufficient"; readonly shortage: Shortage }
  | { readonly kind: "unknown_location"; readonly known: readonly LocationId[] }
  /** Older than the dedupe horizon: whether it was counted can no longer be told, so it is not counted. */
  | { readonly kind: "too_old"; readonly horizonMs: number }
  | { readonly kind: "out_of_range"; readonly level: number; readonly levelMax: number }
  | GuardRefusal;
