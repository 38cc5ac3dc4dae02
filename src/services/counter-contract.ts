/**
 * What the counter of a SKU answers to (RPC of the SkuCounter object). Plain data; refusals are values, never exceptions.
 * Worker and objects of two versions mix for minutes during a deploy: fields are only ever added, and optional.
 */
import type { ChannelSellable } from "../domain/counter/channel-sellable.ts";
import type { FirstPush } from "../domain/counter/connection.ts";
import type { ConnectedLevel, ConnectMode, CounterEvent, EventOutcome } from "../domain/counter/counter-event.ts";
import type { HistorySum, PastLevels } from "../domain/counter/level-history.ts";
import type { Movement, MovementKind } from "../domain/counter/movement.ts";
import type { LevelsToTell, ToldLevels } from "../domain/counter/outbound.ts";
import type { ReorderState } from "../domain/counter/reorder.ts";
import type { StockState } from "../domain/counter/stock-watch.ts";
import type { StockThresholds } from "../domain/counter/thresholds.ts";
import type {
  ChannelId,
  CorrelationId,
  ListingId,
  LocationId,
  PushKey,
  ShopDomain,
  Sku,
  SkuId,
} from "../domain/ids.ts";
import type { LevelsView } from "../domain/levels-view.ts";
import type { ChannelRules, SkuPolicy } from "../domain/policy/sku-policy.ts";
import type { CounterExpectation } from "../domain/reconcile/expectation.ts";
import type { GatePush, GateRead } from "./gate-contract.ts";

export type ApplyReply =
  | {
      readonly kind: "applied";
      readonly outcomes: readonly EventOutcome[];
      readonly view: LevelsView;
      /** Left out by older counters: it may have. */
      readonly hasChanged?: boolean;
      /** Of somebody who has waited in vain for a lease to end: sent again, it keeps the place in the queue. */
      readonly ticket?: string;
      /** Of a connection alone: one per level, same order. */
      readonly firstPushes?: readonly FirstPush[];
    }
  /** Nobody has connected this counter yet: its import is under way, or its id is wrong. */
  | { readonly kind: "not_connected" };

export type ApplyOptions = {
  /** Answers what would be, and changes nothing. */
  readonly dryRun?: boolean;
  /** How long to wait for somebody else's lease to end, in ms; 0: refuse at once. */
  readonly waitMs?: number;
  readonly ticket?: string | null;
  /** Receipt of the oldest event in it (epoch ms); left out: now. */
  readonly receivedAtMs?: number;
};

export type ConnectRequest = {
  readonly sku: Sku;
  readonly listingId: ListingId;
  readonly levels: readonly ConnectedLevel[];
  readonly correlationId: CorrelationId;
  /** `adopt` where it is left out. */
  readonly mode?: ConnectMode;
  /** Say what would be, and change nothing. */
  readonly dryRun?: boolean;
};

/** What a parted listing leaves behind as ours. */
export type FoldedLevel = { readonly locationId: LocationId; readonly units: number };

export type DisconnectReply =
  | { readonly kind: "disconnected"; readonly folded: readonly FoldedLevel[]; readonly view: LevelsView }
  /** This counter does not know itself, or not the listing: nothing changed. */
  | { readonly kind: "not_connected" };

/** What a change of settled level was explained by. */
export type MovementPart = { readonly cause: string; readonly quantity: number };

export type MovementEntry = Movement & {
  /** Orders and refunds that a movement of kind `shopify` was matched with; the rest was changed in Shopify. */
  readonly explainedBy: readonly MovementPart[];
};

/** What is left out is not asked for. Times are those of recording. */
export type MovementFilter = {
  readonly kinds?: readonly MovementKind[] | undefined;
  readonly locationId?: LocationId | undefined;
  readonly source?: string | undefined;
  readonly reason?: string | undefined;
  readonly channel?: ChannelId | undefined;
  readonly reference?: string | undefined;
  readonly correlationId?: CorrelationId | undefined;
  /** At or after. */
  readonly fromMs?: number | undefined;
  /** Before. */
  readonly toMs?: number | undefined;
};

export type MovementsQuery = {
  readonly beforeSeq: number | null;
  readonly limit: number;
  readonly filter?: MovementFilter;
};

/** `nextBeforeSeq` null: there is nothing older that the filter would find. A page may be empty and have a next. */
export type MovementsPage = { readonly movements: readonly MovementEntry[]; readonly nextBeforeSeq: number | null };

export type PolicyReply = {
  readonly policy: SkuPolicy;
  readonly version: number;
  /** What channels say for all SKUs, as far as this counter has learnt it. */
  readonly defaults: readonly { readonly channel: ChannelId; readonly rules: ChannelRules | null }[];
};

/** How a SKU is watched, ordered and counted. */
export type StockSettingsReply = {
  readonly thresholds: { readonly own: StockThresholds; readonly defaults: StockThresholds };
  /** State of each scope that is watched: `all`, or a location. */
  readonly states: readonly { readonly scope: string; readonly state: StockState }[];
  readonly reorder: ReorderState;
};

export type SellableReply = { readonly view: LevelsView; readonly sellable: ChannelSellable };

export type LevelsAtReply =
  | { readonly kind: "not_connected" }
  /** More rows than one call may add up: ask again, with this. */
  | { readonly kind: "under_way"; readonly sum: HistorySum }
  | {
      readonly kind: "levels";
      readonly sku: Sku;
      /** `day`: movements of that time are folded by day, so that it speaks of the beginning of the day (UTC). */
      readonly precision: "exact" | "day";
      /** The moment that it speaks of (epoch ms). */
      readonly atMs: number;
      /** In order of import; one that was not stocked then has zeros. */
      readonly locations: readonly ({ readonly locationId: LocationId } & PastLevels)[];
    };

export type OpenWork = {
  readonly pushes: readonly GatePush[];
  readonly reads: readonly GateRead[];
  /** Pushes that the gate shall give back, if it holds them: a read is waiting for them. */
  readonly recalls?: readonly PushKey[];
};

/** What a channel may show now. `isTold`: it is known to have it. */
export type TakenLevels = LevelsToTell & {
  /** Units that it is known to have shown last; null: nothing is known. */
  readonly toldUnits: number | null;
  /** The cause that made it dirty; null: it was not. */
  readonly correlationId: CorrelationId | null;
  readonly receivedAtMs: number | null;
};

export interface Counter {
  /** One outcome per event, in order; all of one transaction. */
  apply(events: readonly CounterEvent[], options?: ApplyOptions): Promise<ApplyReply>;
  /** Make the counter known to itself, and connect one listing's levels. Idempotent. */
  connectListing(request: ConnectRequest): Promise<ApplyReply>;
  /** Part a listing from it, and keep what it supplied as ours. Idempotent. */
  disconnect(listingId: ListingId, correlationId: CorrelationId, dryRun?: boolean): Promise<DisconnectReply>;
  /** Part a listing from it: what it supplied leaves the count. Idempotent. */
  release(
    listingId: ListingId,
    correlationId: CorrelationId,
    options?: Pick<ApplyOptions, "dryRun">,
  ): Promise<ApplyReply>;
  levels(): Promise<LevelsView | null>;
  /** Null, as of levels: nobody has connected it yet. */
  policy(): Promise<PolicyReply | null>;
  /** Null, as of levels. */
  stockSettings(): Promise<StockSettingsReply | null>;
  sellable(channel: ChannelId): Promise<SellableReply | null>;
  /** Newest first; `beforeSeq` pages on. */
  movements(query: MovementsQuery): Promise<MovementsPage>;
  /** Levels at a past moment, added up a bounded number of movements at a time. */
  levelsAt(atMs: number, under: HistorySum | null): Promise<LevelsAtReply>;
  /** Mint what is due for this shop, or hand out again what is open. */
  takeWork(shop: ShopDomain): Promise<OpenWork>;
  /** What this channel may show now, absolute; what is handed out is answered for by `levelsTold`. Null: it is told nothing. */
  takeLevels(channel: ChannelId): Promise<TakenLevels | null>;
  /** What was handed out waits until then, its signal with it. */
  levelsPostponed(channel: ChannelId, untilMs: number): Promise<void>;
  /** The channel has it. Idempotent; late ones are harmless. */
  levelsTold(channel: ChannelId, told: ToldLevels): Promise<void>;
  /** What it expects Shopify to show, and what is on its way there; changes nothing. Null: nobody has connected it. */
  expectations(listingId?: ListingId): Promise<CounterExpectation | null>;
  /** Ask for the levels of a listing to be read again. */
  audit(listingId: ListingId): Promise<void>;
  /** Let pushes go to a level again that a failed row, or an operator, stopped. */
  unpark(listingId: ListingId, locationId: LocationId): Promise<ApplyReply>;
}

export interface Counters {
  of(skuId: SkuId): Counter;
}
