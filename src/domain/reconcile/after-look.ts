/** What follows from a look at one level: nothing, another look, or a finding; and how a finding is mended. Pure. */
import type { LevelCause, LevelDifference, LevelVerdict } from "./classify-level.ts";
import type { LevelExpectation, ListingExpectation } from "./expectation.ts";

export type LookPolicy = {
  /** Looks at one level before what still differs is reported, though it may pass by itself. */
  readonly looksMax: number;
  /** Time between two looks. */
  readonly webhookWindowMs: number;
};

export type AfterLook =
  | { readonly kind: "clear" }
  /** No mismatch; a read brings `committed` up to date. */
  | { readonly kind: "refresh" }
  | { readonly kind: "look_again"; readonly atMs: number }
  | { readonly kind: "report"; readonly difference: LevelDifference; readonly remedy: Remedy };

/** What mends a difference. `read` is asked for by the run itself; the others are not its to do. */
export type Remedy = "read" | "wait" | "let_go" | "unpark" | "stock" | "import" | "subscribe";

const REMEDIES: Readonly<Record<LevelCause, Remedy>> = {
  missed_webhook: "read",
  change_in_shopify: "read",
  in_doubt: "read",
  unexplained: "read",
  level_missing: "read",
  level_not_connected: "import",
  push_in_flight: "wait",
  push_owed: "wait",
  buffer: "wait",
  held_by_catch: "let_go",
  parked_refused: "unpark",
  parked_missing: "stock",
};

/** These pass by themselves within moments, and would make a busy shop look broken. */
const PASSING: ReadonlySet<LevelCause> = new Set<LevelCause>([
  "change_in_shopify",
  "in_doubt",
  "push_in_flight",
  "push_owed",
  "buffer",
]);

/** @param looks  that were taken before this one */
export function decideAfterLook(verdict: LevelVerdict, looks: number, nowMs: number, policy: LookPolicy): AfterLook {
  switch (verdict.kind) {
    case "match":
      return { kind: "clear" };
    case "stale_committed":
      return looks + 1 < policy.looksMax ? again(nowMs, policy) : { kind: "refresh" };
    case "difference":
      if (PASSING.has(verdict.cause) && looks + 1 < policy.looksMax) return again(nowMs, policy);
      return { kind: "report", difference: verdict, remedy: REMEDIES[verdict.cause] };
  }
}

const again = (nowMs: number, { webhookWindowMs }: LookPolicy): AfterLook => ({
  kind: "look_again",
  atMs: nowMs + webhookWindowMs,
});

/** A read that was asked for when `reads` had been started has been answered since. */
export const isReadSince = ({ reads, isReadDue }: ListingExpectation, before: number): boolean =>
  reads > before && !isReadDue;

/**
 * Whether a finding is mended by now.
 * @param readsBefore  reads started when one was asked for; null: none was
 */
export function isHealed(
  remedy: Remedy,
  listing: ListingExpectation | null,
  level: LevelExpectation | null,
  readsBefore: number | null,
): boolean {
  if (listing === null) return false;
  switch (remedy) {
    case "read":
      return readsBefore !== null && isReadSince(listing, readsBefore);
    case "import":
      return level !== null;
    case "wait":
    case "let_go":
    case "unpark":
    case "stock":
      return (
        level !== null && level.parked === null && level.owed === 0 && level.inFlight === 0 && level.toBuffer === 0
      );
    case "subscribe":
      return false;
  }
}
