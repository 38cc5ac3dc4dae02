/**
 * Movements: immutable, signed changes of the ledger at one location, each with its reason. The key is the idempotency
 * key within one counter. A correction is a new movement.
 */
import type { CorrelationId, ListingId, LocationId, MovementKey } from "../ids.ts";

/** `adjustment`: a movement of ours. `shopify`: what Shopify itself changed, as measured by the merge. */
export type MovementKind = "adjustment" | "shopify";

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

/** A movement of ours that somebody asks for. */
export type MovementRequest = {
  readonly key: MovementKey;
  /** Hash of what was asked: the same key with another fingerprint is an error, never a duplicate. */
  readonly fingerprint: string;
  /** Null: at the first location, in order of import, that has enough (a take), or the first of all (a gift). */
  readonly locationId: LocationId | null;
  /** Signed units, never 0. */
  readonly delta: number;
  /** A take that may go below what is certainly there. */
  readonly allowNegative: boolean;
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
  /** Ledger of the location before and after. */
  readonly before: number;
  readonly after: number;
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
  /** Each location, in order of import. */
  readonly locations: readonly {
    readonly locationId: LocationId;
    readonly floor: number;
    readonly available?: number;
  }[];
};

export type MovementOutcome =
  | { readonly kind: "applied"; readonly movement: Movement }
  | { readonly kind: "duplicate"; readonly movement: Movement }
  | { readonly kind: "key_reused"; readonly movement: Movement }
  | { readonly kind: "insufficient"; readonly shortage: Shortage }
  | { readonly kind: "unknown_location"; readonly known: readonly LocationId[] }
  /** Older than the dedupe horizon: whether it was counted can no longer be told, so it is not counted. */
  | { readonly kind: "too_old"; readonly horizonMs: number }
  | { readonly kind: "out_of_range"; readonly level: number; readonly levelMax: number };
