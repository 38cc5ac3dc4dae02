/**
 * The levels of one SKU as they are served, mirrored and cached. All numbers are whole units; `version` is the counter's,
 * by which a store refuses late writers.
 */
import type { LocationId, Sku, SkuId } from "./ids.ts";

export type LocationView = {
  readonly locationId: LocationId;
  /** What a channel may count on seeing: ledger − doubt − anticipated. May be negative. */
  readonly available: number;
  /** What is certainly there: takes of our own channels are accepted against it. */
  readonly floor: number;
  readonly reserved: number;
  readonly committed: number;
  /** available + reserved + committed */
  readonly onHand: number;
  /** Σ of all movements. */
  readonly ledger: number;
  /** Units that Shopify may have taken: two pieces of news do not agree yet. */
  readonly doubt: number;
  /** Units that orders have taken and no level has shown yet. */
  readonly anticipated: number;
};

export type LevelsView = {
  readonly sku: Sku;
  readonly skuId: SkuId;
  readonly version: number;
  readonly available: number;
  readonly floor: number;
  readonly reserved: number;
  readonly committed: number;
  readonly onHand: number;
  /** In order of import. */
  readonly locations: readonly LocationView[];
  /** When the counter showed them: ISO 8601, UTC, milliseconds. */
  readonly asOf: string;
};
