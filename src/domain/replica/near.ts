/** Can this hint be the cause of that change of level? Judged by place and by Shopify's stamps alone. */
import type { LocationId } from "../ids.ts";
import type { Hint } from "./state.ts";

/** A change of level: after the evidence of `fromMs`, at the latest with the evidence of `toMs`. */
export type Change = { readonly locationId: LocationId; readonly fromMs: number; readonly toMs: number };

/**
 * Kept tight on purpose: a wrong match hides a sale until the next snapshot or the verifying read, a missed one only
 * reserves too much until a read.
 */
export function isNear(hint: Pick<Hint, "atMs" | "locationId">, change: Change, slackMs: number): boolean {
  if (hint.locationId !== null && hint.locationId !== change.locationId) return false;
  const earliestMs = Math.max(change.fromMs, change.toMs - slackMs) - slackMs;
  return earliestMs < hint.atMs && hint.atMs <= change.toMs + slackMs;
}
