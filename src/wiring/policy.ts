/** Policies of SKUs and default rules of channels, wired. */
import type { ChannelId, Sku } from "../domain/ids.ts";
import type { ChannelRules } from "../domain/policy/sku-policy.ts";
import { changeChannelRules, readChannelRules } from "../services/channel-rules.ts";
import { readPolicy, readSellable, type SkuPolicyDeps } from "../services/sku-policy.ts";
import { reaching } from "../services/unavailable.ts";
import { d1ChannelRules } from "../store/d1-channel-rules.ts";
import { wordDeps } from "./words.ts";

export const policyServices = (env: Env, deps: SkuPolicyDeps) => ({
  policy: (sku: Sku) => readPolicy(sku, deps),
  sellable: (sku: Sku, channel: ChannelId) => readSellable(sku, channel, deps),
  channelRules: (channel: ChannelId) => readChannelRules(channel, rulesOf(env), wordDeps(env, deps.counters).words),
  changeChannelRules: (channel: ChannelId, rules: ChannelRules | null) =>
    changeChannelRules(channel, rules, { ...wordDeps(env, deps.counters), store: rulesOf(env) }, Date.now()),
});

const rulesOf = (env: Env) => reaching("catalogue", d1ChannelRules(env.DB));
