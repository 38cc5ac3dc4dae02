/**
 * What one counter knows of its listings: the state of the replica merge (docs/design/replica-merge.md).
 * Plain, immutable data: a changed part is a new object, an unchanged one is the same reference, so that the store can
 * write just what changed. Times are epoch milliseconds; quantities are units.
 */
import type { HintId, ListingId, LocationId, PushKey, ReadKey } from "../ids.ts";
import type { ChannelRules } from "../policy/sku-policy.ts";

/** Ages and periods in milliseconds; the production values and their reasons are in windows.ts. */
export type MergeWindows = {
  /** Two stamps of one level closer than this are not ordered. 0: equal stamps alone are a tie. */
  readonly tieMs: number;
  /** Worst distance between an order's `at` and the stamp of the level change that it caused. */
  readonly slackMs: number;
  /** A hint that no change of level explains asks for a read after this. */
  readonly graceMs: number;
  /** A hint that was explained, but not yet covered by newer evidence, asks for a read after this. */
  readonly verifyMs: number;
  /** An ambiguity asks for a read after this: the stamps' resolution and a little, so that the tied second is over. */
  readonly settleMs: number;
  /** Least time between two reads of one listing. */
  readonly minReadMs: number;
  /** A fully matched hint is forgotten after this. */
  readonly hintTtlMs: number;
  /** A change that found no hint waits this long for one. */
  readonly spareTtlMs: number;
  /** First pause after a failed push; doubles up to the maximum. */
  readonly failBackoffMs: number;
  readonly failBackoffMsMax: number;
  /** A read not answered within this time has failed (B9). */
  readonly readTimeoutMs: number;
  /** A read that waits so long for an open push asks the gate to give the push back … */
  readonly recallMs: number;
  /** … and asks again after this, while the push stays open. */
  readonly recallEveryMs: number;
  /** Least time between two pushes that do nothing but give withheld units back to a shop. */
  readonly releaseEveryMs: number;
};

/**
 * What a push does at Shopify. `adjust`: available changes, and what is on hand with it. `move`: units go from available to
 * safety_stock (a negative delta of available) or back; what is on hand stays. A call is of one kind, so a push is, too.
 */
export type PushKind = "adjust" | "move";

/** A push we sent, or are sending, to one level. */
export type Push = {
  /** Number in send order, per level. */
  readonly n: number;
  readonly delta: number;
  readonly kind: PushKind;
  /**
   * Shopify's stamp of it; null while in flight, and after it was applied at a time that Shopify did not tell, until a
   * read bounds that time.
   */
  readonly atMs: number | null;
  readonly key: PushKey;
};

/** An absolute level that Shopify told, and that does not yet settle anything. */
export type Snapshot = {
  readonly available: number;
  readonly atMs: number;
  /** Number of the newest push when it arrived: it cannot contain later ones. */
  readonly n: number;
};

/** Part of a hint that explains a drop still in doubt (`quantity` signed like the hint, so negative). */
export type Explanation = { readonly hintId: HintId; readonly quantity: number; readonly commits: boolean };

/** One (listing, location): what Shopify itself changed there, and the evidence for it. */
export type LevelReplica = {
  /** C: settled contribution of Shopify: its level minus everything we pushed there. */
  readonly settled: number;
  /** Stamp of the evidence for `settled` ("the base"). */
  readonly atMs: number;
  /** n0: number of the newest push certainly contained in the base. */
  readonly containedN: number;
  /** seq: number of the newest push ever sent here. */
  readonly sentN: number;
  /** cum0: sum of the forgotten pushes. */
  readonly forgotten: number;
  /** P: remembered pushes in send order; only the last can be in flight. */
  readonly pushes: readonly Push[];
  /** The part of Q that moves made: minus the units that we keep in the shop's safety_stock. */
  readonly moved: number;
  readonly pending: readonly Snapshot[];
  /** Snapshots that arrived while a read is in flight; null when none is. */
  readonly since: readonly Snapshot[] | null;
  /** Value used for the truth and for pushes; never above `settled`. */
  readonly effective: number;
  /** Lowest value compatible with all evidence: what guarded takes may count on. */
  readonly lowest: number;
  /** How often `settled` changed: the number of the newest movement of kind `shopify` here. */
  readonly settlements: number;
  /** Parts of hints that explain `effective − settled`: attributed when it settles, given back when it does not. */
  readonly explained: readonly Explanation[];
  /** Why no push goes to this level; null: pushes go. */
  readonly parked: Parking | null;
};

/**
 * `refused`: a row of a push failed for good, or an operator cancelled one; only somebody's word lifts it. `missing`: a
 * read no longer found the level; a read that finds it again lifts it.
 */
export type Parking = "refused" | "missing";

/** Early news of a change that the next snapshot will show: an order line (negative) or a restock (positive). */
export type Hint = {
  readonly id: HintId;
  /** Shopify's time of the cause (order or refund `created_at`). */
  readonly atMs: number;
  /** Where it fell, when the notice says so. */
  readonly locationId: LocationId | null;
  /** Signed part not yet matched with a change of level. */
  readonly left: number;
  /** Where we suppose it fell. */
  readonly predicted: LocationId;
  /** Our clock when it came. */
  readonly seenMs: number;
  /** Number of reads started before it came. */
  readonly generation: number;
  /** Whether it moves `committed` the other way (an order's sale, the cancellation of an unshipped line). */
  readonly commits: boolean;
};

/** A change of level that no hint has explained yet. */
export type Spare = {
  readonly locationId: LocationId;
  readonly amount: number;
  readonly fromMs: number;
  readonly toMs: number;
  readonly expiresMs: number;
  /** Number of the settlement that it belongs to; above the level's `settlements` while that change is in doubt. */
  readonly settlement: number;
};

/** A push without an answer: delta of available per location. */
export type OpenPush = { readonly kind: PushKind; readonly rows: ReadonlyMap<LocationId, number> };

/** One inventory item of one shop. A SKU on several items of a shop has several of these. */
export type ListingReplica = {
  readonly levels: ReadonlyMap<LocationId, LevelReplica>;
  readonly hints: ReadonlyMap<HintId, Hint>;
  readonly spares: readonly Spare[];
  readonly open: ReadonlyMap<PushKey, OpenPush>;
  /** What this listing's channel may show: the rest is moved away (buffers.ts). */
  readonly rules: ChannelRules;
  readonly read: { readonly key: ReadKey; readonly startedMs: number } | null;
  /** Reads started so far. */
  readonly reads: number;
  /** Infinity when none is asked for. */
  readonly auditAtMs: number;
  readonly doubtAtMs: number;
  /** 0 when nothing holds a read, a push, or the recall of one, back. */
  readonly noReadBeforeMs: number;
  readonly noPushBeforeMs: number;
  readonly noRecallBeforeMs: number;
  readonly noReleaseBeforeMs: number;
  /** Failed pushes in a row. */
  readonly failures: number;
};

export type MergeState = {
  /** In order of priority (import order): a hint without location is predicted at the first that has enough. */
  readonly locations: readonly LocationId[];
  /** X: sum of our own movements, opening stock included. */
  readonly own: ReadonlyMap<LocationId, number>;
  readonly listings: ReadonlyMap<ListingId, ListingReplica>;
};
