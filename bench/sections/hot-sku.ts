/** One SKU that everybody wants: movements through its counter, next to Redis at the same work. */
import { type BenchStack, startBenchStack, timed } from "../support/bench-stack.ts";
import { counterOf } from "../support/counters-of.ts";
import { atLeast, equals, type Figure, type Findings } from "../support/figures.ts";
import { median } from "../support/percentiles.ts";
import { CLIENTS, redisTakesPerSecond } from "../support/redis-rival.ts";
import type { Run } from "../support/run.ts";
import type { ApplyOrder } from "../worker/driver.ts";

export const HOT_SKU = "HOT-0001";
/** Half of it at each of two locations: more than any run takes. */
export const HOT_STOCK = 20_000_000;

export type HotSku = { readonly skuId: string; readonly listingId: string };

const BATCH = 100;
const IN_FLIGHT = 4;
const ROUNDS = 3;

export async function benchHotSku(run: Run): Promise<Findings> {
  const bench = await startBenchStack({ seed: seedHotSku, hasWebhooks: true, storage: "disk" });
  try {
    const hot = await hotSku(bench);
    const scale = run.isQuick ? 0.1 : 1;
    const single = async (calls: number) => rateOf(bench, hot, { kind: "take", calls, size: 1, inFlight: 50 });
    const takes = async (calls: number) =>
      rateOf(bench, hot, { kind: "take", calls, size: BATCH, inFlight: IN_FLIGHT });
    await takes(50 * scale); // warm
    const batched: number[] = [];
    const redis: number[] = [];
    let made = 50 * scale * BATCH;
    for (let round = 0; round < ROUNDS; round += 1) {
      batched.push(await takes(600 * scale));
      made += 600 * scale * BATCH;
      const rate = await redisTakesPerSecond(`${run.dir}/redis-${round}`, 60_000 * scale);
      if (rate !== null) redis.push(rate);
    }
    const one = await single(6_000 * scale);
    made += 6_000 * scale;
    const orders = await rateOf(bench, hot, { kind: "order", calls: 50 * scale, size: BATCH, inFlight: IN_FLIGHT });
    const ordered = 50 * scale * BATCH;
    const [left] = await bench.driver.levels({ skuIds: [hot.skuId] });
    return {
      figures: figures({ batched: median(batched), redis: redis.length === 0 ? null : median(redis), one, orders }),
      checks: [equals("units left after takes and orders", left?.available ?? 0, HOT_STOCK - made - ordered)],
    };
  } finally {
    await bench.stack.stop();
  }
}

type Rates = {
  readonly batched: number;
  readonly redis: number | null;
  readonly one: number;
  readonly orders: number;
};

function figures({ batched, redis, one, orders }: Rates): readonly Figure[] {
  const rival = redis === null ? "no redis-server here" : `Redis ${Math.round(redis).toLocaleString("en-US")}`;
  const ratio = redis === null ? Number.NaN : batched / redis;
  return [
    {
      name: `guarded takes, calls of ${BATCH}`,
      value: batched,
      unit: "movements/s",
      beside: `${rival}: guarded Lua, AOF fsync always, ${CLIENTS} clients`,
      goal: atLeast(batched, 20_000, "20,000"),
    },
    { name: "… ÷ Redis", value: ratio, unit: "", goal: atLeast(ratio, 0.5, "0.5") },
    { name: "guarded takes, one a call", value: one, unit: "movements/s", beside: "50 calls in flight" },
    {
      name: `order lines (hints), calls of ${BATCH}`,
      value: orders,
      unit: "lines/s",
      beside: "all of them open at once",
    },
  ];
}

export function seedHotSku(simulator: BenchStack["simulator"]): void {
  const { locations } = simulator.seedCatalogue({ skus: 5, locations: 2 });
  simulator.addProduct({ title: "Hot", variants: [{ sku: HOT_SKU, priceCents: 1_000 }] });
  for (const { id } of locations) simulator.editLevel({ sku: HOT_SKU }, id, { available: HOT_STOCK / 2 });
}

export const hotSku = (bench: BenchStack): Promise<HotSku> => counterOf(bench, HOT_SKU);

let runs = 0;

/** @returns events a second, of which every one must have been taken in */
export async function rateOf(
  { driver }: BenchStack,
  hot: HotSku,
  order: Pick<ApplyOrder, "kind" | "calls" | "size" | "inFlight">,
): Promise<number> {
  runs += 1;
  const { value, seconds } = await timed(() =>
    driver.apply({ ...order, skuId: hot.skuId, listingId: hot.listingId, prefix: `run${runs}`, atMs: Date.now() }),
  );
  const wanted = order.calls * order.size;
  const taken = (value.counts["applied"] ?? 0) + (value.counts["noted"] ?? 0);
  if (taken !== wanted) throw new Error(`${taken} of ${wanted} were taken in: ${JSON.stringify(value.counts)}`);
  return wanted / seconds;
}
