/**
 * Which rules hold for a channel: the SKU's own, else the channel's defaults, else none. Defaults are the channel's word for
 * all SKUs; a counter learns them by revision, so that an older word never undoes a newer one.
 */
import type { ChannelId } from "../ids.ts";
import { type ChannelRules, DEFAULT_RULES, type SkuPolicy } from "./sku-policy.ts";

/** `rules` null: the channel has no defaults any more. */
export type ChannelDefault = { readonly rules: ChannelRules | null; readonly revision: number };
export type ChannelDefaults = ReadonlyMap<ChannelId, ChannelDefault>;

export const NO_DEFAULTS: ChannelDefaults = new Map();

/** `from`: who said so; `nobody`: everything is shown. */
export type EffectiveRules = { readonly rules: ChannelRules; readonly from: "sku" | "channel" | "nobody" };

export function effectiveRules(policy: SkuPolicy, defaults: ChannelDefaults, channel: ChannelId): EffectiveRules {
  const own = policy.channels.get(channel);
  if (own !== undefined) return { rules: own, from: "sku" };
  const given = defaults.get(channel)?.rules ?? null;
  return given === null ? { rules: DEFAULT_RULES, from: "nobody" } : { rules: given, from: "channel" };
}

/** @param rules  null: the channel's defaults hold again */
export function withChannelRules(policy: SkuPolicy, channel: ChannelId, rules: ChannelRules | null): SkuPolicy {
  const channels = new Map(policy.channels);
  if (rules === null) channels.delete(channel);
  else channels.set(channel, rules);
  return { ...policy, channels };
}

/**
 * Stop-sell, or the end of it, and nothing else about the rules. Own rules that say no more than the defaults go again, so
 * that a stop leaves nothing behind.
 */
export function withStop(
  policy: SkuPolicy,
  defaults: ChannelDefaults,
  channel: ChannelId,
  isStopped: boolean,
): SkuPolicy {
  const rules = { ...effectiveRules(policy, defaults, channel).rules, isStopped };
  const given = defaults.get(channel)?.rules ?? DEFAULT_RULES;
  return withChannelRules(policy, channel, sameRules(rules, given) ? null : rules);
}

/** A newer word takes the place of an older one; the same or an older one changes nothing. */
export function withDefault(defaults: ChannelDefaults, channel: ChannelId, given: ChannelDefault): ChannelDefaults {
  const known = defaults.get(channel);
  return known !== undefined && known.revision >= given.revision ? defaults : new Map(defaults).set(channel, given);
}

/** By content: rules that come from storage are other objects. */
export function sameRules(a: ChannelRules, b: ChannelRules): boolean {
  return a === b || JSON.stringify(ordered(a)) === JSON.stringify(ordered(b));
}

const ordered = ({ buffer, zeroBelow, cap, excludedLocations, isStopped, allocation }: ChannelRules): unknown => [
  buffer.kind,
  buffer.kind === "fixed" ? buffer.units : buffer.kind === "percentage" ? buffer.percent : 0,
  zeroBelow,
  cap,
  excludedLocations,
  isStopped,
  allocation === null ? null : [allocation.by, allocation.locations, allocation.split],
];
