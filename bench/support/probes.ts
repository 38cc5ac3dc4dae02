/** How long one sale takes to get where it has to be: on SKUs that nothing else touches, so that each has one expected level. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Sku } from "../../src/domain/ids.ts";
import { levelsKey } from "../../src/store/mirror-keys.ts";
import type { BenchStack } from "./bench-stack.ts";
import { take } from "./sales.ts";

/** Late is a figure; only what has not come by then is lost. */
const PATIENCE_MS = 60_000;

export type Probed = { readonly ms: readonly number[]; readonly lost: number };

const atShopify = ({ simulator }: BenchStack, sku: Sku): number => simulator.availableOf(sku);

async function inRedis({ stack }: BenchStack, sku: Sku): Promise<number | null> {
  const text = await stack.gateway.command("GET", levelsKey(sku));
  return typeof text === "string" ? (JSON.parse(text) as { available: number }).available : null;
}

/** Looks every millisecond. Null: it did not come. */
async function msUntil(startedMs: number, look: () => boolean | Promise<boolean>): Promise<number | null> {
  while (performance.now() - startedMs < PATIENCE_MS) {
    if (await look()) return performance.now() - startedMs;
    await sleep(1);
  }
  return null;
}

async function probeEach(
  skus: readonly Sku[],
  everyMs: number,
  probe: (sku: Sku) => Promise<number | null>,
): Promise<Probed> {
  const found: Promise<number | null>[] = [];
  for (const sku of skus) {
    found.push(probe(sku));
    await sleep(everyMs);
  }
  const all = await Promise.all(found);
  const ms = all.filter((one) => one !== null);
  return { ms, lost: all.length - ms.length };
}

/** From checkout, Shopify's way to our door included, until Redis shows it. */
export function probeOrders(bench: BenchStack, skus: readonly Sku[], everyMs: number): Promise<Probed> {
  return probeEach(skus, everyMs, (sku) => {
    const wanted = atShopify(bench, sku) - 1;
    const startedMs = performance.now();
    bench.simulator.createOrder({ lines: [{ sku, quantity: 1 }] });
    return msUntil(startedMs, async () => (await inRedis(bench, sku)) === wanted);
  });
}

/** From the till's request until Shopify's own level shows it. */
export function probeTills(bench: BenchStack, skus: readonly Sku[], everyMs: number): Promise<Probed> {
  return probeEach(skus, everyMs, (sku) => {
    const wanted = atShopify(bench, sku) - 1;
    const startedMs = performance.now();
    void take(bench, sku);
    return msUntil(startedMs, () => atShopify(bench, sku) === wanted);
  });
}
