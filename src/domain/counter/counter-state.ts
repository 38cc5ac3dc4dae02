/**
 * Everything a counter must know to take its next event: open state, never history. Immutable like the merge's state
 * inside it, so that the store writes what changed and nothing else.
 */
import type { HoldId, ListingId, LocationId, MovementKey, ShopLocationId, Sku, SkuId } from "../ids.ts";
import type { LocationView } from "../levels-view.ts";
import { type ChannelDefaults, NO_DEFAULTS } from "../policy/effective-rules.ts";
import { DEFAULT_POLICY, type SkuPolicy } from "../policy/sku-policy.ts";
import { emptyMerge } from "../replica/connect.ts";
import type { MergeState } from "../replica/state.ts";
import type { WaitingCount } from "./count.ts";
import type { HeldCounts } from "./held-count.ts";
import type { Hold } from "./hold.ts";
import { type LeaseState, NO_LEASES } from "./lease.ts";
import { NO_OUTBOUND, type Outbound } from "./outbound.ts";
import type { Oversell } from "./oversell.ts";
import type { OwnBooks } from "./own-book.ts";
import { NO_REORDERS, type ReorderState } from "./reorder.ts";
import { NO_WATCH, type WatchState } from "./stock-watch.ts";

/**
 * What the books keep of a level beside the merge: its name at the shop, and Shopify's own committed units. They are below
 * zero while a restock is known and its order is not.
 */
export type LevelBook = { readonly shopLocationId: ShopLocationId; readonly committed: number };

export type CounterState = {
  readonly skuId: SkuId;
  readonly sku: Sku;
  /** Rises whenever anything that is shown changes anywhere: the fencing token of the mirror, and the ETag of a read. */
  readonly version: number;
  /** Number of the newest movement. */
  readonly seq: number;
  readonly merge: MergeState;
  readonly books: ReadonlyMap<ListingId, ReadonlyMap<LocationId, LevelBook>>;
  /** States of our own units, beside the ledger. */
  readonly own: OwnBooks;
  readonly holds: ReadonlyMap<HoldId, Hold>;
  readonly leases: LeaseState;
  /** Counts that wait until nothing of their location is in the air. */
  readonly counts: ReadonlyMap<MovementKey, WaitingCount>;
  readonly policy: SkuPolicy;
  /** What the channels say for all SKUs, as far as this counter has learnt it. */
  readonly defaults: ChannelDefaults;
  /** Channels that are, or were, told what they may show, as far as this counter has learnt it. */
  readonly outbound: Outbound;
  /** Counts that wait for a person. */
  readonly held: HeldCounts;
  readonly watch: WatchState;
  readonly reorder: ReorderState;
  /** Null: nothing is sold that is not there. */
  readonly oversell: Oversell | null;
  /** The levels as last shown, in order of import: derived from the rest, kept to tell whether a batch changed them. */
  readonly shown: readonly LocationView[];
};

/** A counter that nothing has happened to. */
export const newCounter = (skuId: SkuId, sku: Sku): CounterState => ({
  ...{ skuId, sku, version: 0, seq: 0, merge: emptyMerge(), books: new Map(), own: new Map(), holds: new Map() },
  ...{ leases: NO_LEASES, counts: new Map(), policy: DEFAULT_POLICY, defaults: NO_DEFAULTS },
  ...{ outbound: NO_OUTBOUND, oversell: null, shown: [] },
  ...{ held: new Map(), watch: NO_WATCH, reorder: NO_REORDERS },
});
