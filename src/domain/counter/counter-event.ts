/** What a counter is told, and what it answers, one outcome per event in the same order. */
import type {
  ChannelId,
  CorrelationId,
  HintId,
  LeaseId,
  ListingId,
  LocationId,
  PushKey,
  ReadKey,
  ReservationId,
  ShopLocationId,
} from "../ids.ts";
import type { ChannelRules, SkuPolicy } from "../policy/sku-policy.ts";
import type { CountOutcome, CountRequest } from "./count.ts";
import type { CountVerdict } from "./decide-count.ts";
import type { HoldEnd, HoldEndOutcome, HoldExtendOutcome, HoldOutcome, HoldRequest } from "./hold.ts";
import type { LeaseOutcome } from "./lease.ts";
import type { Expected, GuardRefusal, MovementOutcome, MovementRequest } from "./movement.ts";
import type { OutboundTerms } from "./outbound.ts";
import type { Reorder, ReorderRule, ReorderState, SalesRate } from "./reorder.ts";
import type { StockThresholds } from "./thresholds.ts";

/** A level as Shopify tells it when a listing is connected. */
export type ConnectedLevel = {
  readonly locationId: LocationId;
  readonly shopLocationId: ShopLocationId;
  readonly available: number;
  readonly committed: number;
  /** `updatedAt` of the level's available quantity, epoch ms. */
  readonly atMs: number;
};

/** Whether a level at a location whose stock we know already may be connected, and then shows that stock. */
export type ConnectMode = "adopt" | "mirror";

/** What is asked about watching, ordering and counting. */
export type StockAsked =
  /** What holds for all SKUs. An older revision than the known one changes nothing. */
  | {
      readonly kind: "stock_default";
      readonly thresholds: StockThresholds | null;
      readonly reorderRule: ReorderRule | null;
      readonly revision: number;
      readonly correlationId: CorrelationId;
    }
  /** `{}`: what holds for all SKUs. */
  | { readonly kind: "thresholds"; readonly thresholds: StockThresholds; readonly correlationId: CorrelationId }
  /** Null: what holds for all SKUs; `rule` null: it is never ordered by a rule. */
  | { readonly kind: "reorder_rule"; readonly own: ReorderState["own"]; readonly correlationId: CorrelationId }
  | {
      readonly kind: "reorder_ask";
      /** The caller's: the same again answers the same request. */
      readonly key: string;
      readonly quantity: number;
      readonly locationId: LocationId | null;
      readonly leadDays: number | null;
      readonly reason: string;
      readonly correlationId: CorrelationId;
    }
  | {
      readonly kind: "reorder_cancel";
      readonly reorderId: string;
      readonly reason: string;
      readonly correlationId: CorrelationId;
    }
  /** From the counter's own history. */
  | { readonly kind: "sales_measured"; readonly sales: SalesRate }
  | { readonly kind: "count_verdict"; readonly verdict: CountVerdict; readonly correlationId: CorrelationId };

export type StockAskedOutcome =
  | { readonly kind: "thresholds_set"; readonly thresholds: StockThresholds }
  | { readonly kind: "reorder_rule_set"; readonly rule: ReorderRule | null }
  | { readonly kind: "reorder"; readonly reorder: Reorder; readonly isNew: boolean }
  /** One is open, and nothing is asked for beside it. */
  | { readonly kind: "reorder_is_open"; readonly reorder: Reorder }
  | { readonly kind: "reorder_not_open"; readonly reorder: Reorder | null };

/** What somebody asks for: decided in order, each against the levels as the one before left them. */
export type AskedEvent =
  | { readonly kind: "movement"; readonly request: MovementRequest }
  | { readonly kind: "count"; readonly request: CountRequest }
  | { readonly kind: "hold"; readonly request: HoldRequest }
  | { readonly kind: "end_hold"; readonly end: HoldEnd }
  | {
      readonly kind: "extend_hold";
      readonly reservationId: ReservationId;
      readonly expiresAtMs: number;
      readonly correlationId: CorrelationId;
    }
  | {
      readonly kind: "lock";
      /** Fresh, minted by the caller; the same again answers the same lease. */
      readonly leaseId: LeaseId;
      readonly holder: string;
      readonly ttlMs: number;
      readonly correlationId: CorrelationId;
    }
  | {
      readonly kind: "extend_lock";
      readonly lease: NonNullable<Expected["lease"]>;
      readonly ttlMs: number;
      readonly correlationId: CorrelationId;
    }
  | {
      readonly kind: "unlock";
      readonly lease: NonNullable<Expected["lease"]>;
      readonly correlationId: CorrelationId;
    }
  | {
      readonly kind: "policy";
      readonly policy: SkuPolicy;
      readonly expected?: Expected;
      readonly correlationId: CorrelationId;
    }
  /** Rules of one channel; null: its defaults hold again. */
  | {
      readonly kind: "channel_rules";
      readonly channel: ChannelId;
      readonly rules: ChannelRules | null;
      readonly expected?: Expected;
      readonly correlationId: CorrelationId;
    }
  | {
      readonly kind: "channel_stop";
      readonly channel: ChannelId;
      readonly isStopped: boolean;
      readonly expected?: Expected;
      readonly correlationId: CorrelationId;
    }
  /** A channel's word for all SKUs; null: it has none any more. An older revision than the known one changes nothing. */
  | {
      readonly kind: "channel_default";
      readonly channel: ChannelId;
      readonly rules: ChannelRules | null;
      readonly revision: number;
      readonly correlationId: CorrelationId;
    }
  /** Whether a channel is told what it may show of this SKU; terms null: it is not. Older revisions change nothing. */
  | {
      readonly kind: "channel_outbound";
      readonly channel: ChannelId;
      readonly terms: OutboundTerms | null;
      readonly revision: number;
      readonly correlationId: CorrelationId;
    }
  | StockAsked;

export type CounterEvent =
  | AskedEvent
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
  /**
   * Levels that are known already count as snapshots. Unknown ones are adopted as opening stock where nobody supplies the
   * location yet; elsewhere they are refused or, if `mode` says so, shall show our stock from now on.
   */
  | {
      readonly kind: "connect";
      readonly listingId: ListingId;
      readonly levels: readonly ConnectedLevel[];
      /** `adopt` where it is left out. */
      readonly mode?: ConnectMode;
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
  /**
   * Shopify shipped units of an order line: its committed goes down, its available stays. Told once per line of a
   * fulfilment, under its own id; a read is asked for, because another one may have measured it already.
   */
  | {
      readonly kind: "shipped";
      readonly listingId: ListingId;
      readonly id: HintId;
      /** Null, or unknown to the listing: where most is committed. */
      readonly locationId: LocationId | null;
      readonly quantity: number;
      readonly atMs: number;
      readonly correlationId: CorrelationId;
    }
  /** Shopify says that it stocks the item there no more: no push goes there until a read finds the level again. */
  | {
      readonly kind: "level_gone";
      readonly listingId: ListingId;
      readonly locationId: LocationId;
      readonly correlationId: CorrelationId;
    }
  | { readonly kind: "read_failed"; readonly listingId: ListingId; readonly key: ReadKey }
  | { readonly kind: "audit"; readonly listingId: ListingId }
  | { readonly kind: "unpark"; readonly listingId: ListingId; readonly locationId: LocationId }
  | { readonly kind: "tick" };

export type EventOutcome =
  | MovementOutcome
  | CountOutcome
  | HoldOutcome
  | HoldEndOutcome
  | HoldExtendOutcome
  | LeaseOutcome
  | GuardRefusal
  | StockAskedOutcome
  /** The policy is in force. */
  | { readonly kind: "policy_set"; readonly policy: SkuPolicy }
  /** Taken into account. */
  | { readonly kind: "noted" }
  /** Seen before, or older than what is known: it changes nothing. */
  | { readonly kind: "known" }
  | { readonly kind: "unknown_listing" }
  /** A snapshot of a level that another listing already supplies: whose stock it is, a person must say. */
  | { readonly kind: "unknown_level" };
