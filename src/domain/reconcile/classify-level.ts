/**
 * What it means that Shopify shows this where that was expected. A total function: every pair of expectation and level has
 * a verdict, and a difference always has a cause, if only "unexplained". Pure.
 */
import type { LevelExpectation } from "./expectation.ts";

/** A level as Shopify told it just now. */
export type FoundLevel = {
  readonly available: number;
  /** Null where the answer lacks it. */
  readonly committed: number | null;
  /** `updatedAt` of `available`, epoch ms. */
  readonly atMs: number;
};

export type LevelCause =
  /** Shopify changed the level longer ago than its webhook takes, and we have not heard of it. */
  | "missed_webhook"
  /** Shopify changed the level just now: its webhook may yet come. */
  | "change_in_shopify"
  /** Snapshots that came do not agree yet; the counter reads by itself. */
  | "in_doubt"
  /** Another number under a stamp that we know already: a push that was not applied as told, or Shopify's own slip. */
  | "unexplained"
  /** Shopify does not stock the item there any more, and did not say so. */
  | "level_missing"
  /** Shopify stocks the item where its counter knows no level of it. */
  | "level_not_connected"
  | "push_in_flight"
  | "push_owed"
  /** What the channel's rules withhold is not moved away yet, or not given back. */
  | "buffer"
  /** An operator's catch holds the push: read-only, stop, largest delta. */
  | "held_by_catch"
  /** Pushes to the level stopped: Shopify refused a row, or an operator cancelled one. */
  | "parked_refused"
  /** Pushes to the level stopped: Shopify stocked it no more when it was last read. */
  | "parked_missing";

export type LevelDifference = {
  readonly kind: "difference";
  readonly cause: LevelCause;
  /** What Onhand wants Shopify to show, everything sent; null where it expects no level. */
  readonly expected: number | null;
  /** Null: not stocked there. */
  readonly found: number | null;
  /** found − expected; null where one of them is. */
  readonly difference: number | null;
  /** The part of it that Shopify made itself: what an overwrite would undo. */
  readonly byShopify: number;
  readonly foundAtMs: number | null;
};

export type LevelVerdict =
  | { readonly kind: "match" }
  /** Available agrees; Shopify counts other units as committed, which a read brings home. */
  | { readonly kind: "stale_committed" }
  | LevelDifference;

export type LookContext = {
  readonly nowMs: number;
  /** A webhook that has not come within this is missed. */
  readonly webhookWindowMs: number;
  /** The listing has a push that a catch holds. */
  readonly isHeld: boolean;
};

export function classifyLevel(
  expected: LevelExpectation | null,
  found: FoundLevel | null,
  context: LookContext,
): LevelVerdict {
  if (expected === null) return found === null ? MATCH : notConnected(found);
  if (found === null) return notStocked(expected);
  const { owed, toBuffer, inFlight } = expected;
  const rest = found.available - (expected.shown - expected.anticipated);
  const difference = rest - owed - toBuffer;
  if (difference === 0) return isCommittedStale(expected, found) ? { kind: "stale_committed" } : MATCH;
  if (rest === 0)
    return differs(expected, found, ownCause(expected, owed === 0 ? "buffer" : "push_owed", context.isHeld), 0);
  if (inFlight !== 0 && rest === -inFlight) {
    return differs(expected, found, ownCause(expected, "push_in_flight", context.isHeld), 0);
  }
  return differs(expected, found, causeAtShopify(expected, found, rest, context), rest);
}

const MATCH: LevelVerdict = { kind: "match" };

/** What Onhand wants Shopify to show in the end. */
export const goalOf = ({ shown, anticipated, owed, toBuffer }: LevelExpectation): number =>
  shown - anticipated + owed + toBuffer;

/** While a level is missing it is owed what it is owed; without that nothing is expected of it. */
function notStocked(expected: LevelExpectation): LevelVerdict {
  if (expected.parked === "missing" && expected.owed === 0) return MATCH;
  const cause = expected.parked === "missing" ? "parked_missing" : "level_missing";
  const goal = goalOf(expected);
  return { kind: "difference", cause, expected: goal, found: null, difference: null, byShopify: 0, foundAtMs: null };
}

function notConnected({ available, atMs }: FoundLevel): LevelVerdict {
  const cause = "level_not_connected";
  const found = available;
  return { kind: "difference", cause, expected: null, found, difference: null, byShopify: 0, foundAtMs: atMs };
}

/** Shopify's number is what we made it; what is lacking is ours to send. */
function ownCause(
  { parked }: LevelExpectation,
  otherwise: "push_owed" | "push_in_flight" | "buffer",
  isHeld: boolean,
): LevelCause {
  if (parked !== null) return parked === "refused" ? "parked_refused" : "parked_missing";
  return isHeld ? "held_by_catch" : otherwise;
}

function causeAtShopify(
  { doubt, atMs }: LevelExpectation,
  found: FoundLevel,
  rest: number,
  { nowMs, webhookWindowMs }: LookContext,
): LevelCause {
  if (doubt > 0 && rest < 0 && -rest <= doubt) return "in_doubt";
  if (found.atMs <= atMs) return "unexplained";
  return nowMs - found.atMs >= webhookWindowMs ? "missed_webhook" : "change_in_shopify";
}

function differs(expected: LevelExpectation, found: FoundLevel, cause: LevelCause, byShopify: number): LevelVerdict {
  const goal = goalOf(expected);
  return {
    kind: "difference",
    cause,
    expected: goal,
    found: found.available,
    difference: found.available - goal,
    byShopify,
    foundAtMs: found.atMs,
  };
}

const isCommittedStale = (expected: LevelExpectation, found: FoundLevel): boolean =>
  found.committed !== null && found.committed !== expected.committed;
