/** Reading levels over the API: from Redis, from the counters where Redis has nothing, and with Redis gone. */
import { setTimeout as sleep } from "node:timers/promises";
import { startBenchStack } from "../support/bench-stack.ts";
import type { Check, Figure, Findings } from "../support/figures.ts";
import { type LoadRequest, type LoadResult, runLoad } from "../support/http-load.ts";
import { spreadOf } from "../support/percentiles.ts";
import type { Run } from "../support/run.ts";

const SKUS = 1_000;
const BATCH = 250;

type Source = "redis" | "counter";
type Sample = { readonly name: string; readonly source: Source; readonly results: readonly LoadResult[] };

export async function benchReads(run: Run): Promise<Findings> {
  const { stack, simulator } = await startBenchStack({
    seed: (shop) => void shop.seedCatalogue({ skus: SKUS, locations: 2 }),
    hasWebhooks: false,
    storage: "ram",
  });
  const { gateway, file, worker } = stack;
  try {
    const skus = simulator.store.variants.flatMap(({ item }) => (item.sku === null ? [] : [item.sku]));
    const headers = { authorization: `Bearer ${file.adminToken}`, "content-type": "application/json" };
    const load = (requests: readonly LoadRequest[], inFlight: number) =>
      runLoad({ url: worker.url, inFlight, requests, keepsTexts: true });
    const single = (count: number) =>
      load(
        Array.from({ length: count }, (_, i) => readOne(skus[i % skus.length] ?? "", headers)),
        8,
      );
    const batch = (count: number) =>
      load(
        Array.from({ length: count }, (_, i) => readMany(slice(skus, i), headers)),
        2,
      );
    const forget = async (): Promise<void> => {
      await sleep(500); // what was refilled beside the last answers has arrived
      await gateway.command("FLUSHALL");
    };
    const scale = run.isQuick ? 0.1 : 1;
    await fill(batch, single);
    const samples: Sample[] = [
      { name: "1 SKU, from Redis", source: "redis", results: [await single(4_000 * scale)] },
      { name: "250 SKUs, from Redis", source: "redis", results: [await batch(400 * scale)] },
    ];
    const [ones, many]: [LoadResult[], LoadResult[]] = [[], []];
    for (let i = 0; i < 4; i += 1) {
      await forget();
      ones.push(await single(SKUS * scale)); // each SKU once: what one read refills is not read again
    }
    for (let i = 0; i < 10 * scale; i += 1) {
      await forget();
      many.push(await batch(SKUS / BATCH));
    }
    samples.push({ name: "1 SKU, by fall-through and refill", source: "counter", results: ones });
    samples.push({ name: "250 SKUs, by fall-through and refill", source: "counter", results: many });
    await gateway.killEngine();
    await single(100);
    samples.push({ name: "1 SKU, Redis down", source: "counter", results: [await single(2_000 * scale)] });
    samples.push({ name: "250 SKUs, Redis down", source: "counter", results: [await batch(40 * scale)] });
    return { figures: samples.flatMap(figuresOf), checks: samples.map(checkOf) };
  } finally {
    await stack.stop();
  }
}

const slice = (skus: readonly string[], i: number): readonly string[] => {
  const start = (i * BATCH) % skus.length;
  return skus.slice(start, start + BATCH);
};

/** Everything is mirrored before the first figure is taken. */
async function fill(
  batch: (count: number) => Promise<LoadResult>,
  single: (count: number) => Promise<LoadResult>,
): Promise<void> {
  await batch(2 * (SKUS / BATCH));
  await single(500);
  await sleep(500);
}

const readOne = (sku: string, headers: Readonly<Record<string, string>>): LoadRequest => ({
  method: "GET",
  path: `/v1/inventory/${encodeURIComponent(sku)}`,
  headers,
  body: "",
});

const readMany = (skus: readonly string[], headers: Readonly<Record<string, string>>): LoadRequest => ({
  method: "POST",
  path: "/v1/inventory/batch",
  headers,
  body: JSON.stringify({ skus }),
});

function figuresOf({ name, results }: Sample): readonly Figure[] {
  const { p50, p99, count } = spreadOf(results.flatMap(({ ms }) => ms));
  const requests = results.reduce((sum, { statuses }) => sum + statuses.length, 0);
  const seconds = results.reduce((sum, result) => sum + result.seconds, 0);
  return [
    { name: `${name}: p50`, value: p50, unit: "ms", beside: `${Math.round(requests / seconds)} requests/s` },
    { name: `${name}: p99`, value: p99, unit: "ms", beside: `of ${count}` },
  ];
}

/** Every answer 200, and from where it should be: a figure of the wrong path would be a lie. */
function checkOf({ name, source, results }: Sample): Check {
  const all = results.flatMap(({ statuses, texts }) => statuses.map((status, i) => ({ status, text: texts[i] ?? "" })));
  const right = all.filter(({ status, text }) => {
    const sources = Array.from(text.matchAll(/"source":"(\w+)"/g), ([, found]) => found);
    return status === 200 && sources.length > 0 && sources.every((found) => found === source);
  });
  return {
    name: `${name}: answered by ${source}`,
    holds: right.length === all.length,
    found: `${right.length} of ${all.length}`,
  };
}
