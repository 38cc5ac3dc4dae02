/** Whether history costs anything: a hot SKU with ever more movements stored, its first call after an eviction, and memory. */
import { type BenchStack, startBenchStack, timed } from "../support/bench-stack.ts";
import { atMost, equals, type Figure, type Findings } from "../support/figures.ts";
import { median } from "../support/percentiles.ts";
import type { Run } from "../support/run.ts";
import { workerdBytes } from "../support/workerd-process.ts";
import { HOT_STOCK, type HotSku, hotSku, rateOf, seedHotSku } from "./hot-sku.ts";

const BATCH = 100;
const ROUNDS = 3;
const EVICTIONS = 7;

export async function benchGrowth(run: Run): Promise<Findings> {
  const bench = await startBenchStack({ seed: seedHotSku, hasWebhooks: true, storage: "disk" });
  try {
    const hot = await hotSku(bench);
    const sizes = run.isQuick ? [2_000, 20_000] : [10_000, 100_000, 1_000_000];
    const measuredCalls = run.isQuick ? 30 : 300;
    const take = (calls: number, inFlight: number) =>
      rateOf(bench, hot, { kind: "take", calls, size: BATCH, inFlight });
    const rates: { readonly stored: number; readonly rate: number; readonly firstCallMs: number }[] = [];
    let stored = 0;
    for (const size of sizes) {
      run.say(`storing ${(size - stored).toLocaleString("en-US")} more movements`);
      await take((size - stored) / BATCH, 4);
      stored = size;
      const rounds: number[] = [];
      for (let round = 0; round < ROUNDS; round += 1) rounds.push(await take(measuredCalls, 4));
      stored += ROUNDS * measuredCalls * BATCH;
      rates.push({ stored: size, rate: median(rounds), firstCallMs: await firstCallMs(bench, hot) });
    }
    const [left] = await bench.driver.levels({ skuIds: [hot.skuId] });
    return {
      figures: [...figuresOf(rates), ...(await memory(bench, run.isQuick ? 200 : 2_000))],
      checks: [equals("units left after all takes", left?.available ?? 0, HOT_STOCK - stored)],
    };
  } finally {
    await bench.stack.stop();
  }
}

/** Beside a call to the same object awake: what the eviction itself costs. */
async function firstCallMs({ stack, driver }: BenchStack, { skuId }: HotSku): Promise<number> {
  const call = async () => (await timed(() => driver.levels({ skuIds: [skuId] }))).seconds * 1_000;
  const extra: number[] = [];
  for (let i = 0; i < EVICTIONS; i += 1) {
    await call();
    const awake = await call();
    await stack.worker.evict("SkuCounter", skuId);
    extra.push((await call()) - awake);
  }
  return median(extra);
}

function figuresOf(rates: readonly { stored: number; rate: number; firstCallMs: number }[]): readonly Figure[] {
  const [first] = rates;
  return rates.flatMap(({ stored, rate, firstCallMs: ms }) => {
    const text = stored.toLocaleString("en-US");
    const share = first === undefined ? Number.NaN : rate / first.rate;
    return [
      {
        name: `guarded takes with ${text} movements stored`,
        value: rate,
        unit: "movements/s",
        beside: `${share.toFixed(2)} of the first`,
      },
      {
        name: `first call after an eviction, ${text} stored`,
        value: ms,
        unit: "ms",
        beside: "more than a call to the object awake",
        goal: atMost(ms, 20, "20 ms"),
      },
    ];
  });
}

/** Counters of two levels each, in memory all at once. */
async function memory({ driver }: BenchStack, counters: number): Promise<readonly Figure[]> {
  const before = workerdBytes();
  const skuIds = Array.from({ length: counters }, (_, i) => `memory-${i}`);
  for (const [i, skuId] of skuIds.entries()) {
    const levels = ["1", "2"].map((locationId) => ({ locationId, available: 100 }));
    await driver.connect({ skuId, listingId: `bench.myshopify.com/${i + 1}`, levels });
  }
  await driver.levels({ skuIds });
  const after = workerdBytes();
  if (before === null || after === null) return [];
  return [
    {
      name: "memory of workerd per 1,000 active counters",
      value: ((after - before) / 2 ** 20 / counters) * 1_000,
      unit: "MiB",
      beside: `${counters.toLocaleString("en-US")} counters woken at once, SQLite's caches included`,
    },
  ];
}
