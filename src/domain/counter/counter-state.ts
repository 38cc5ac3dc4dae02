/**
 * Everything a counter must know to take its next event: open state, never history. Immutable like the merge's state
 * inside it, so that the store writes what changed and nothing else.
 */
import type { ListingId, LocationId, ShopLocationId, Sku, SkuId } from "../ids.ts";
import type { LocationView } from "../levels-view.ts";
import type { MergeState } from "../replica/state.ts";

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
  /** The levels as last shown, in order of import: derived from the rest, kept to tell whether a batch changed them. */
  readonly shown: readonly LocationView[];
};
