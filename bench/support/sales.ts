/** Sales on both sides, and whether all of them have come to rest. */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Sku } from "../../src/domain/ids.ts";
import type { BenchStack } from "./bench-stack.ts";
import { countersOf } from "./counters-of.ts";

/** A buyer's at Shopify: two lines. @param i  which SKUs */
export function order({ simulator }: BenchStack, skus: readonly Sku[], i: number): void {
  const [one, other] = [skus[(i * 7) % skus.length], skus[(i * 13 + 5) % skus.length]];
  if (one === undefined || other === undefined) return;
  simulator.createOrder({ lines: [one, other].map((sku) => ({ sku, quantity: 1 })) });
}

/** A till's, over the API. */
export async function take({ stack }: BenchStack, sku: Sku): Promise<void> {
  await stack.client.call(
    "POST",
    `/v1/inventory/${encodeURIComponent(sku)}/adjustments`,
    { delta: -1, reason: "sale" },
    { "idempotency-key": randomUUID() },
  );
}

export const SETTLED_MS = 300;

/** Nothing has been consumed for a while, and nothing is under way. */
export async function settle({ stack, simulator }: BenchStack): Promise<void> {
  await simulator.idle();
  let last = -1;
  for (let stillMs = 0; stillMs < SETTLED_MS; stillMs += 50) {
    const now = (stack.log.tally().events.get("events.consumed") ?? 0) + simulator.stats().graphql.mutations;
    if (now !== last) stillMs = 0;
    last = now;
    await sleep(50);
  }
}

/** Counters against the shop's own store, once the last doubts are read. */
export async function differences(bench: BenchStack): Promise<number> {
  const { simulator, driver } = bench;
  const skuOf = new Map((await countersOf(bench)).map(({ skuId, sku }) => [skuId, sku]));
  const count = async () => {
    const levels = await driver.levels({ skuIds: [...skuOf.keys()] });
    return levels.filter(({ skuId, available }) => available !== simulator.availableOf(skuOf.get(skuId) ?? "")).length;
  };
  for (let i = 0; i < 60; i += 1) {
    if ((await count()) === 0) return 0;
    await sleep(500);
  }
  return count();
}
