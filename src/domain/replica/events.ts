/** What goes into the merge, and what comes out of it (docs/design/replica-merge.md, "Events"). */
import type { HintId, ListingId, LocationId, PushKey, ReadKey } from "../ids.ts";
import type { ChannelRules } from "../policy/sku-policy.ts";
import type { MergeState } from "./state.ts";

export type ReadLevel = { readonly locationId: LocationId; readonly available: number; readonly atMs: number };

export type MergeEvent =
  /** X changes: a movement of ours. */
  | { readonly kind: "own"; readonly locationId: LocationId; readonly delta: number }
  /** Shopify's absolute level. */
  | {
      readonly kind: "snapshot";
      readonly listingId: ListingId;
      readonly locationId: LocationId;
      readonly available: number;
      readonly atMs: number;
    }
  | {
      readonly kind: "hint";
      readonly listingId: ListingId;
      readonly id: HintId;
      readonly atMs: number;
      /** Signed: an order takes, a restock gives. */
      readonly quantity: number;
      readonly locationId: LocationId | null;
      readonly commits: boolean;
      /** What settled changes are attributed to it already, by the caller's books; signed like `quantity`. None: 0. */
      readonly explained?: number;
    }
  /** `atMs` null: applied at an unknown time (rule 6 of the call journal): the key is freed, a read is asked for. */
  | {
      readonly kind: "push_applied";
      readonly listingId: ListingId;
      readonly key: PushKey;
      readonly atMs: number | null;
      /** Level after exactly this push, where Shopify told it. */
      readonly after?: ReadonlyMap<LocationId, number>;
    }
  /** Certainly not applied (B1). The named locations are parked: the same row would fail again. */
  | {
      readonly kind: "push_failed";
      readonly listingId: ListingId;
      readonly key: PushKey;
      readonly park: readonly LocationId[];
    }
  /** Certainly not sent, and never will be: a catch of the gate held it, and we wanted it back in order to read. */
  | { readonly kind: "push_returned"; readonly listingId: ListingId; readonly key: PushKey }
  /** Levels that were asked for and are missing from the answer are parked until a read finds them again. */
  | {
      readonly kind: "read_answered";
      readonly listingId: ListingId;
      readonly key: ReadKey;
      readonly levels: readonly ReadLevel[];
    }
  | { readonly kind: "read_failed"; readonly listingId: ListingId; readonly key: ReadKey }
  /** Asks for a read: now, or in so many milliseconds. */
  | { readonly kind: "audit"; readonly listingId: ListingId; readonly inMs?: number }
  /**
   * Connect a level, adopting Shopify's number as its own contribution (opening stock). Known levels are left alone.
   * Only the first listing of a location can adopt: where another has a level already, this one mirrors (B13).
   */
  | {
      readonly kind: "adopt";
      readonly listingId: ListingId;
      readonly locationId: LocationId;
      readonly available: number;
      readonly atMs: number;
      /** Its settlements are numbered from the next on. */
      readonly settlements?: number;
    }
  /** Connect a level that shall show our stock: the difference is pushed. Known levels are left alone. */
  | {
      readonly kind: "mirror";
      readonly listingId: ListingId;
      readonly locationId: LocationId;
      readonly available: number;
      readonly atMs: number;
      /** As of `adopt`. */
      readonly settlements?: number;
    }
  /**
   * Forget a listing; what it contributed goes into X, so the stock stays: what is in doubt at its lowest, less the units
   * that its orders have taken and no level has shown yet.
   */
  | { readonly kind: "disconnect"; readonly listingId: ListingId }
  | { readonly kind: "unpark"; readonly listingId: ListingId; readonly locationId: LocationId }
  /** What the listing's channel may show from now on. Neither X nor C changes: only what is owed. */
  | { readonly kind: "rules"; readonly listingId: ListingId; readonly rules: ChannelRules }
  /** Shopify says that it stocks the item there no more. Parked until a read finds the level, and one is asked for. */
  | { readonly kind: "level_gone"; readonly listingId: ListingId; readonly locationId: LocationId }
  /** Time alone: timers that fell due. */
  | { readonly kind: "tick" };

/** Part of a hint that a change of level explained. Signed like the hint. */
export type Attribution = {
  readonly listingId: ListingId;
  readonly locationId: LocationId;
  /** The settlement it belongs to: the one just made or, a late match, an earlier one. Never one still to come. */
  readonly settlement: number;
  readonly hintId: HintId;
  readonly quantity: number;
  readonly commits: boolean;
};

/** A change of settled C, net over a batch: a movement of kind `shopify`. */
export type Settlement = {
  readonly listingId: ListingId;
  readonly locationId: LocationId;
  readonly n: number;
  readonly before: number;
  readonly after: number;
  readonly atMs: number;
  readonly evidence: "snapshot" | "read" | "push" | "adopted";
};

export type MergeResult = {
  readonly state: MergeState;
  readonly settlements: readonly Settlement[];
  readonly attributions: readonly Attribution[];
};

/** What a listing could start now. `recall`: ask the gate for the open pushes back, because a read waits for them. */
export type Want = "push" | "read" | "recall";

export type PushRow = { readonly locationId: LocationId; readonly delta: number };

/** Levels of one location as the books show them. */
export type LocationTruth = {
  readonly locationId: LocationId;
  /** X + Σ C. */
  readonly ledger: number;
  /** Σ (C − effective): units that Shopify may have taken. */
  readonly doubt: number;
  /** Units that hints have taken and no snapshot has shown yet. */
  readonly anticipated: number;
  /** T = ledger − doubt − anticipated. */
  readonly available: number;
  /** X + Σ lowest − anticipated: what is certainly there. */
  readonly floor: number;
};
