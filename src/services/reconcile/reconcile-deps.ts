/** What a reconciliation may touch: its store, the shop as Shopify tells it, the counters, the event queue. */
import type {
  CorrelationId,
  FindingId,
  InventoryItemId,
  ListingId,
  ReconciliationId,
  ShopDomain,
  ShopLocationId,
  Sku,
  SkuId,
} from "../../domain/ids.ts";
import type { Remedy } from "../../domain/reconcile/after-look.ts";
import type { FoundLevel, LevelCause } from "../../domain/reconcile/classify-level.ts";
import type { Run, RunCounts, RunCursor, RunStatus } from "../../domain/reconcile/run.ts";
import type { ShopMarks } from "../../domain/reconcile/schedule.ts";
import type { OrderEvent } from "../../domain/shop-event.ts";
import type { Log } from "../../observability/log.ts";
import type { Catalogue } from "../catalogue.ts";
import type { Counters } from "../counter-contract.ts";
import type { HeldPush } from "../gate-contract.ts";
import type { SourceReply } from "../import-catalogue.ts";
import type { SubscriptionsApi } from "../webhook-subscriptions.ts";

/** A listing that a counter has. */
export type KnownListing = {
  readonly skuId: SkuId;
  readonly sku: Sku;
  readonly listingId: ListingId;
  readonly item: InventoryItemId;
};

/** One level of it. */
export type LevelRef = KnownListing & { readonly location: ShopLocationId };

/** A level that differed, and is to be looked at (again). */
export type Suspect = LevelRef & { readonly id: FindingId; readonly looks: number; readonly nextLookMs: number };

export type SubscriptionCause = "subscription_missing" | "subscription_wrong" | "subscription_refused";
export type FindingCause = LevelCause | SubscriptionCause;

export type Overwritten = {
  readonly atMs: number;
  readonly by: string;
  readonly reason: string;
  /** Number of the movement in its counter; null where the level was only let go again. */
  readonly movementSeq: number | null;
};

export type Finding = {
  readonly id: FindingId;
  readonly runId: ReconciliationId;
  readonly cause: FindingCause;
  readonly remedy: Remedy;
  /** Null: it is about a subscription. */
  readonly level: LevelRef | null;
  readonly expected: number | null;
  readonly found: number | null;
  readonly difference: number | null;
  readonly byShopify: number;
  readonly foundAtMs: number | null;
  /** Topic of a subscription, or what Shopify said. */
  readonly detail: string | null;
  readonly isHealed: boolean;
  readonly healedAtMs: number | null;
  /** Reads of the listing started when one was asked for; null: none was. */
  readonly readsBefore: number | null;
  readonly overwritten: Overwritten | null;
  readonly createdAtMs: number;
};

/** What one step came to. All of it is written at once, so a step that is cut off is as if it had not begun. */
export type Progress = {
  /** Null: the run is done. */
  readonly cursor: RunCursor | null;
  readonly counts?: Partial<RunCounts>;
  readonly notes?: readonly string[];
  readonly suspects?: readonly Suspect[];
  readonly findings?: readonly Finding[];
  readonly cleared?: readonly FindingId[];
  readonly healed?: readonly FindingId[];
  /** A read that heals them was asked for, when so many had been started. */
  readonly asked?: readonly { readonly id: FindingId; readonly readsBefore: number }[];
  /** Still not healed when looked at: they come last the next time. */
  readonly checked?: readonly FindingId[];
  readonly marks?: Partial<ShopMarks>;
  /** Nothing is to be done before; left out: at once. */
  readonly wakeAtMs?: number;
};

export type StepOutcome =
  | ({ readonly kind: "progress" } & Progress)
  /** Shopify cannot be asked just now: the same step again after that. */
  | { readonly kind: "later"; readonly afterMs: number; readonly reason: string }
  | { readonly kind: "failed"; readonly reason: string };

export type RunFilter = {
  readonly shop?: ShopDomain | undefined;
  readonly status?: RunStatus | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
};
export type RunPage = { readonly runs: readonly Run[]; readonly nextCursor: string | null };

export type FindingFilter = {
  readonly cause?: string;
  readonly isHealed?: boolean;
  readonly limit: number;
  /** Id of the last finding of the page before. */
  readonly after?: string;
};
export type FindingPage = { readonly findings: readonly Finding[]; readonly nextAfter: string | null };

export interface RunStore {
  queue(run: Run): Promise<void>;
  /** Runs of the shop that wait or run. */
  open(shop: ShopDomain): Promise<readonly Run[]>;
  /** The oldest waiting run of a shop starts, unless one runs. */
  startNext(shop: ShopDomain, nowMs: number): Promise<void>;
  /** The running run of a shop, for nobody else until then. Null: none runs, or somebody has it. */
  acquire(shop: ShopDomain, lease: string, nowMs: number, untilMs: number): Promise<Run | null>;
  /** The run as it is after the progress; null: it is no longer ours (cancelled, or the lease ran out). */
  commit(run: Run, lease: string, progress: Progress, nowMs: number, untilMs: number): Promise<Run | null>;
  /** Not now. @returns failures in a row so far */
  postpone(run: Run, lease: string, wakeAtMs: number, isFailure: boolean): Promise<number>;
  fail(run: Run, lease: string, reason: string, nowMs: number): Promise<void>;
  release(run: Run, lease: string): Promise<void>;
  get(id: ReconciliationId): Promise<Run | null>;
  list(filter: RunFilter): Promise<RunPage>;
  /** @returns the run as it is now; null: there is none */
  cancel(id: ReconciliationId, nowMs: number): Promise<Run | null>;
  prune(beforeMs: number): Promise<void>;
}

export interface FindingStore {
  suspects(id: ReconciliationId, dueMs: number, limit: number): Promise<readonly Suspect[]>;
  /** When the next look is due; null: no suspect is left. */
  nextLookMs(id: ReconciliationId): Promise<number | null>;
  /** Not healed, about a level; those that were checked longest ago first. */
  unhealed(id: ReconciliationId, limit: number): Promise<readonly Finding[]>;
  findings(id: ReconciliationId, filter: FindingFilter): Promise<FindingPage>;
  finding(id: ReconciliationId, finding: FindingId): Promise<Finding | null>;
  noteRead(id: ReconciliationId, finding: FindingId, readsBefore: number): Promise<void>;
  noteOverwritten(id: ReconciliationId, finding: FindingId, overwritten: Overwritten): Promise<void>;
}

export interface ShopMarksStore {
  /** Null: the shop was never seen, or has no listings yet. */
  marks(shop: ShopDomain): Promise<ShopMarks | null>;
  putMarks(shop: ShopDomain, marks: ShopMarks): Promise<void>;
  callbackUri(shop: ShopDomain): Promise<string | null>;
  /** Where Shopify delivers, as an operator last said. */
  putCallbackUri(shop: ShopDomain, uri: string): Promise<void>;
}

/** Of the catalogue what runs need beside `Catalogue`. */
export interface ListingStore {
  /** In order of item; `skus` null: all of the shop that have a counter. */
  page(
    shop: ShopDomain,
    skus: readonly Sku[] | null,
    after: string | null,
    limit: number,
  ): Promise<readonly KnownListing[]>;
  /** What the shop calls its locations, in our order. */
  locations(shop: ShopDomain): Promise<readonly ShopLocationId[]>;
  /** Connected, and with anything to compare. */
  takesPart(shop: ShopDomain): Promise<boolean>;
}

/** Null: not stocked there. Locations that were not asked for are missing. */
export type FoundLevels = ReadonlyMap<ShopLocationId, FoundLevel | null>;
export type ScreenRow = { readonly item: InventoryItemId; readonly levels: FoundLevels };

export type FetchedOrder = { readonly event: OrderEvent; readonly updatedAtMs: number };

export type BulkState =
  | { readonly kind: "running" }
  /** `url` null: the shop has no items at all. */
  | { readonly kind: "done"; readonly url: string | null }
  | { readonly kind: "failed"; readonly reason: string };

export type BulkRows = { readonly rows: readonly ScreenRow[]; readonly offset: number; readonly isEnd: boolean };

/** How a shop's news come, and what of them may have been lost. */
export interface ShopNews {
  readonly subscriptions: SubscriptionsApi;
  ordersSince(
    sinceMs: number,
    after: string | null,
  ): Promise<SourceReply<{ readonly orders: readonly FetchedOrder[]; readonly nextAfter: string | null }>>;
}

/** All levels by one query that takes its time. */
export interface BulkView {
  startBulk(locations: readonly ShopLocationId[]): Promise<SourceReply<string>>;
  bulkState(operation: string): Promise<SourceReply<BulkState>>;
  cancelBulk(operation: string): Promise<void>;
  /** Rejects when the result cannot be fetched; `offset` bytes are left out. */
  bulkRows(url: string, offset: number, rowsMax: number): Promise<BulkRows>;
}

/**
 * A shop, or a till that keeps its own stock, as the other side tells it: through its gate at the lowest priority; a bulk result
 * alone comes from elsewhere.
 */
export interface ShopView {
  /** Null: it tells of levels alone, and its subscriptions are not ours to mend. */
  readonly news: ShopNews | null;
  /** Null: all is read page by page. */
  readonly bulk: BulkView | null;
  levelsSince(
    location: ShopLocationId,
    sinceMs: number,
    after: string | null,
  ): Promise<SourceReply<{ readonly rows: readonly ScreenRow[]; readonly nextAfter: string | null }>>;
  /** Now, and whole: items whose answer was not whole are missing. */
  levelsOf(
    items: readonly InventoryItemId[],
    locations: readonly ShopLocationId[],
  ): Promise<SourceReply<ReadonlyMap<InventoryItemId, FoundLevels>>>;
  held(): Promise<readonly HeldPush[]>;
  /** When it answered again after the last outage. */
  outageEndedMs(): Promise<number | null>;
}

export type ReconcilePolicy = {
  readonly changedEveryMs: number;
  readonly allEveryMs: number;
  readonly webhookWindowMs: number;
  readonly looksMax: number;
  /** How far before the last run a run looks, because searches at Shopify lag and clocks differ. */
  readonly overlapMs: number;
  /** From the start of a run; then levels have waited long enough for orders. */
  readonly ordersMsMax: number;
  /** Listings per query of levels, and rows of a bulk result per step. */
  readonly listingsPerStep: number;
  readonly bulkRowsPerStep: number;
  readonly locationsPerBulkMax: number;
  readonly counterCallsMax: number;
  readonly settleMs: number;
  readonly settleEveryMs: number;
  readonly bulkPollMs: number;
  readonly bulkTriesMax: number;
  readonly leaseMs: number;
  readonly failuresMax: number;
  readonly runMsMax: number;
  readonly openRunsMax: number;
};

export interface ReconcileDeps {
  readonly runs: RunStore;
  readonly found: FindingStore;
  readonly marks: ShopMarksStore;
  readonly listings: ListingStore;
  readonly catalogue: Catalogue;
  readonly counters: Counters;
  shopOf(shop: ShopDomain): ShopView;
  /** Durable when it resolves. */
  sendOrder(shop: ShopDomain, order: FetchedOrder, correlationId: CorrelationId): Promise<void>;
  readonly policy: ReconcilePolicy;
  readonly log: Log;
  nowMs(): number;
  newId(): string;
  wait(ms: number): Promise<unknown>;
}
