/** What a counter is told, and what it answers, one outcome per event in the same order. */
import type { CorrelationId, HintId, ListingId, LocationId, PushKey, ReadKey, ShopLocationId } from "../ids.ts";
import type { MovementOutcome, MovementRequest } from "./movement.ts";

/** A level as Shopify tells it when a listing is connected. */
export type ConnectedLevel = {
  readonly locationId: LocationId;
  readonly shopLocationId: ShopLocationId;
  readonly available: number;
  readonly committed: number;
  /** `updatedAt` of the level's available quantity, epoch ms. */
  readonly atMs: number;
};

export type CounterEvent =
  | { readonly kind: "movement"; readonly request: MovementRequest }
  /** An order line (negative) or a restocking refund line (positive): early news, never a change of the ledger. */
  | {
      readonly kind: "hint";
      readonly listingId: ListingId;
      readonly id: HintId;
      readonly atMs: number;
      readonly quantity: number;
      readonly locationId: LocationId | null;
      /** Whether `committed` moves the other way: a sale not yet shipped, the cancellation of one. */
      readonly commits: boolean;
      readonly correlationId: CorrelationId;
    }
  /** Shopify's absolute level, from a webhook or a page of the import. */
  | {
      readonly kind: "snapshot";
      readonly listingId: ListingId;
      readonly locationId: LocationId;
      readonly shopLocationId: ShopLocationId;
      readonly available: number;
      readonly atMs: number;
      readonly correlationId: CorrelationId;
    }
  /** Levels that are known already count as snapshots; unknown ones are adopted as opening stock. */
  | {
      readonly kind: "connect";
      readonly listingId: ListingId;
      readonly levels: readonly ConnectedLevel[];
      readonly correlationId: CorrelationId;
    }
  | {
      readonly kind: "push_applied";
      readonly listingId: ListingId;
      readonly key: PushKey;
      readonly atMs: number | null;
      readonly after: readonly { readonly locationId: LocationId; readonly quantity: number }[];
    }
  | {
      readonly kind: "push_failed";
      readonly listingId: ListingId;
      readonly key: PushKey;
      readonly park: readonly LocationId[];
    }
  /** Certainly not sent: the gate held it and gave it back. */
  | { readonly kind: "push_returned"; readonly listingId: ListingId; readonly key: PushKey }
  | {
      readonly kind: "read_answered";
      readonly listingId: ListingId;
      readonly key: ReadKey;
      readonly levels: readonly {
        readonly locationId: LocationId;
        readonly available: number;
        readonly committed: number | null;
        readonly atMs: number;
      }[];
    }
  | { readonly kind: "read_failed"; readonly listingId: ListingId; readonly key: ReadKey }
  | { readonly kind: "audit"; readonly listingId: ListingId }
  | { readonly kind: "unpark"; readonly listingId: ListingId; readonly locationId: LocationId }
  | { readonly kind: "tick" };

export type EventOutcome =
  | MovementOutcome
  /** Taken into account. */
  | { readonly kind: "noted" }
  /** Seen before, or older than what is known: it changes nothing. */
  | { readonly kind: "known" }
  | { readonly kind: "unknown_listing" }
  /** A snapshot of a level that another listing already supplies: whose stock it is, a person must say. */
  | { readonly kind: "unknown_level" };
