/**
 * When people want to hear of a SKU's stock: in all, and per location. What a SKU says of itself goes before what holds for
 * all SKUs, scope by scope. Plain data, as it is stored and told.
 */
import type { LocationId } from "../ids.ts";

export type Thresholds = {
  /** Low at so many available units or fewer; null: it is never low. */
  readonly lowAt: number | null;
  /** Out ends at so many units or more: at least 1. */
  readonly backAt: number;
  /** Low ends above `lowAt` plus this. */
  readonly hysteresis: number;
};

/** Left out: what holds for all SKUs. Null: it is not watched. */
export type StockThresholds = {
  readonly inAll?: Thresholds | null;
  /** Of each location that `locations` does not name. */
  readonly eachLocation?: Thresholds | null;
  readonly locations?: Readonly<Record<string, Thresholds | null>>;
};

export const NO_THRESHOLDS: StockThresholds = {};

/**
 * Before anybody has said anything. Locations are not watched: that one is empty while another has the units is no news
 * to most.
 */
export const SHIPPED_THRESHOLDS: StockThresholds = {
  inAll: { lowAt: 5, backAt: 1, hysteresis: 2 },
  eachLocation: null,
};

/** `all`, or a location. A location's id is digits, so no other is called so. */
export type Scope = "all" | LocationId;

/** @returns null: the scope is not watched */
export function thresholdsOf(scope: Scope, own: StockThresholds, defaults: StockThresholds): Thresholds | null {
  for (const said of [saidOf(scope, own), saidOf(scope, defaults), saidOf(scope, SHIPPED_THRESHOLDS)]) {
    if (said !== undefined) return said;
  }
  return null;
}

/** @returns undefined: it says nothing of the scope */
export function saidOf(
  scope: Scope,
  { inAll, eachLocation, locations }: StockThresholds,
): Thresholds | null | undefined {
  if (scope === "all") return inAll;
  const named = locations?.[scope];
  return named === undefined ? eachLocation : named;
}
