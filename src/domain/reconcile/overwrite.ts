/**
 * Whether an operator may put our number over Shopify's, and how. Never done by itself: the difference may be a sale whose
 * news was lost. What Shopify changed is undone by a movement of ours of the opposite sign, which the ordinary push
 * carries there; an absolute number written at Shopify would be undone by the next push. Pure.
 */
import { isReadSince, type Remedy } from "./after-look.ts";
import type { LevelCause } from "./classify-level.ts";
import type { LevelExpectation, ListingExpectation } from "./expectation.ts";

export type OverwritableFinding = {
  readonly cause: LevelCause;
  readonly remedy: Remedy;
  readonly byShopify: number;
  readonly foundAtMs: number | null;
  readonly isHealed: boolean;
  readonly readsBefore: number | null;
};

export type OverwriteDecision =
  /** Signed units of a movement of ours. */
  | { readonly kind: "move"; readonly delta: number }
  | { readonly kind: "unpark" }
  /** The counter has not measured the difference yet: undone now, it would be counted twice. */
  | { readonly kind: "measure_first" }
  | { readonly kind: "not_offered"; readonly why: string };

export function decideOverwrite(
  finding: OverwritableFinding,
  listing: ListingExpectation | null,
  level: LevelExpectation | null,
): OverwriteDecision {
  if (listing === null || level === null) return refused("its counter knows no such level");
  switch (finding.remedy) {
    case "read":
      if (finding.byShopify === 0) return refused("there is no number at Shopify to overwrite");
      return isMeasured(finding, listing, level)
        ? { kind: "move", delta: -finding.byShopify }
        : { kind: "measure_first" };
    case "unpark":
      return level.parked === "refused" ? { kind: "unpark" } : refused("pushes go to the level again");
    case "wait":
      return refused("our number is on its way already");
    case "let_go":
      return refused("a catch of the gate holds our number: approve the push, or lift the catch");
    case "stock":
      return refused("Shopify does not stock the item there: stock it first");
    case "import":
      return refused("the counter has no number of its own there: import");
    case "subscribe":
      return refused("it is no level");
  }
}

const refused = (why: string): OverwriteDecision => ({ kind: "not_offered", why });

function isMeasured(finding: OverwritableFinding, listing: ListingExpectation, level: LevelExpectation): boolean {
  if (finding.isHealed) return true;
  if (finding.readsBefore !== null && isReadSince(listing, finding.readsBefore)) return true;
  const isNewStamp = finding.cause === "missed_webhook" || finding.cause === "change_in_shopify";
  return isNewStamp && finding.foundAtMs !== null && level.atMs >= finding.foundAtMs && level.doubt === 0;
}
