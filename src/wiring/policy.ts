/** Policies of SKUs and default rules of channels, wired. */
import { LIMITS } from "../config.ts";
import type { ChannelId, CorrelationId, Sku } from "../domain/ids.ts";
import type { ChannelRules } from "../domain/policy/sku-policy.ts";
import type { Log } from "../observability/log.ts";
import { changeChannelRules, readChannelRules, type SpreadDeps, spreadRules } from "../services/channel-rules.ts";
import type { Counters } from "../services/counter-contract.ts";
import { readPolicy, readSellable, type SkuPolicyDeps } from "../services/sku-policy.ts";
import { reaching } from "../services/unavailable.ts";
import { d1ChannelRules } from "../store/d1-channel-rules.ts";

const spreadDeps = (env: Env, counters: Counters): SpreadDeps => ({
  store: reaching("catalogue", d1ChannelRules(env.DB)),
  counters,
  callsMax: LIMITS.counterCallsMax,
  roundMax: LIMITS.rulesCountersPerRound,
});

export const policyServices = (env: Env, deps: SkuPolicyDeps) => ({
  policy: (sku: Sku) => readPolicy(sku, deps),
  sellable: (sku: Sku, channel: ChannelId) => readSellable(sku, channel, deps),
  channelRules: (channel: ChannelId) => readChannelRules(channel, spreadDeps(env, deps.counters).store),
  changeChannelRules: (channel: ChannelId, rules: ChannelRules | null) =>
    changeChannelRules(channel, rules, spreadDeps(env, deps.counters), Date.now()),
});

/** Each minute: the next counters that have not learnt what their channels say. */
export async function spreadRulesNow(env: Env, counters: Counters, log: Log, atMs: number): Promise<void> {
  const spread = await spreadRules(spreadDeps(env, counters), `minute:${atMs}` as CorrelationId, atMs);
  const { told, notConnected, failed } = spread;
  if (told + notConnected + failed.length === 0) return;
  const counts = { told, notConnected, failed: failed.length };
  log(failed.length > 0 ? "warn" : "info", "rules.spread", { counts, ...(failed[0] ? { reason: failed[0] } : {}) });
}
