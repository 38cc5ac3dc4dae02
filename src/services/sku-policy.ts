/** The policy of a SKU, and what its channels may sell, read from its counter: it alone knows what holds now. */
import type { ChannelId, Sku, SkuId } from "../domain/ids.ts";
import type { Catalogue } from "./catalogue.ts";
import type { Counters, PolicyReply, SellableReply, StockSettingsReply } from "./counter-contract.ts";
import { knownSkuId } from "./known-sku-id.ts";

export interface SkuPolicyDeps {
  readonly catalogue: Pick<Catalogue, "skuIds">;
  readonly counters: Counters;
}

export type FoundOf<Value> =
  | { readonly kind: "found"; readonly value: Value }
  | { readonly kind: "unknown_sku" }
  /** In the catalogue, and its counter has not heard of it: an import is under way. */
  | { readonly kind: "not_connected" };

/** Throws Unavailable when the catalogue or the counter is away. */
export const readPolicy = (sku: Sku, deps: SkuPolicyDeps): Promise<FoundOf<PolicyReply>> =>
  ask(sku, deps, (skuId) => deps.counters.of(skuId).policy());

/** Throws Unavailable when the catalogue or the counter is away. */
export const readSellable = (sku: Sku, channel: ChannelId, deps: SkuPolicyDeps): Promise<FoundOf<SellableReply>> =>
  ask(sku, deps, (skuId) => deps.counters.of(skuId).sellable(channel));

/** Throws Unavailable when the catalogue or the counter is away. */
export const readStockSettings = (sku: Sku, deps: SkuPolicyDeps): Promise<FoundOf<StockSettingsReply>> =>
  ask(sku, deps, (skuId) => deps.counters.of(skuId).stockSettings());

async function ask<Value>(
  sku: Sku,
  { catalogue }: SkuPolicyDeps,
  of: (skuId: SkuId) => Promise<Value | null>,
): Promise<FoundOf<Value>> {
  const skuId = await knownSkuId(catalogue, sku);
  if (skuId === null) return { kind: "unknown_sku" };
  const value = await of(skuId);
  return value === null ? { kind: "not_connected" } : { kind: "found", value };
}
