/** Rules that withhold units are refused for a till that has no state to keep them in: docs/adapters.md says why. */
import type { Context } from "hono";
import { type ChannelId, parseShopDomain } from "../domain/ids.ts";
import type { ChannelRules } from "../domain/policy/sku-policy.ts";
import type { AppEnv } from "./app-env.ts";
import type { Problem } from "./problem.ts";

export const WITHHOLDS_NOTHING: Problem = {
  code: "conflict",
  detail:
    "Square has no state that keeps units back: buffers, caps, thresholds, excluded locations and stop-sell cannot hold there. Stop sales at the till itself.",
  field: "rules",
};

export const withholds = ({ buffer, zeroBelow, cap, excludedLocations, isStopped }: ChannelRules): boolean =>
  buffer.kind !== "none" || zeroBelow > 0 || cap !== null || excludedLocations.length > 0 || isStopped;

/** @returns the problem, if these rules cannot hold at this channel */
export async function refusedRules(
  c: Context<AppEnv>,
  channel: ChannelId,
  rules: ChannelRules | "stop" | null,
): Promise<Problem | null> {
  if (rules === null || parseShopDomain(channel).ok || (rules !== "stop" && !withholds(rules))) return null;
  return (await c.get("services").replicas.withholds(channel)) ? null : WITHHOLDS_NOTHING;
}
