/** Many buyers for few units, over the API, as tills and marketplaces ask: who gets one, who is refused, and is any unit sold twice. */
import { randomUUID } from "node:crypto";
import { startBenchStack } from "../support/bench-stack.ts";
import { counterOf } from "../support/counters-of.ts";
import { equals, type Findings } from "../support/figures.ts";
import { type LoadRequest, runLoad } from "../support/http-load.ts";
import { spreadOf } from "../support/percentiles.ts";
import type { Run } from "../support/run.ts";

const SKU = "LAST-1000";
const AT_ONCE = 100;

export async function benchContention(run: Run): Promise<Findings> {
  const [buyers, units] = run.isQuick ? [300, 100] : [3_000, 1_000];
  const bench = await startBenchStack({
    seed: (shop) => {
      const { locations } = shop.seedCatalogue({ skus: 5, locations: 2 });
      shop.addProduct({ title: "Last ones", variants: [{ sku: SKU, priceCents: 1_000 }] });
      for (const [i, { id }] of locations.entries()) {
        shop.editLevel({ sku: SKU }, id, { available: i === 0 ? units * 0.6 : units * 0.4 });
      }
    },
    hasWebhooks: true,
    storage: "disk",
  });
  const { stack, simulator, driver } = bench;
  try {
    const url = stack.worker.url;
    const taken = await runLoad({ url, inFlight: AT_ONCE, requests: takes(stack.file.adminToken, buyers) });
    const count = (status: number) => taken.statuses.filter((one) => one === status).length;
    const [sold, refused] = [count(201), count(409)];
    const { skuId } = await counterOf(bench, SKU);
    const [left] = await driver.levels({ skuIds: [skuId] });
    const atShopify = await untilStill(() => simulator.availableOf(SKU), 0);
    const ms = spreadOf(taken.ms);
    return {
      checks: [
        equals("sold", sold, units),
        equals("refused", refused, buyers - units),
        equals("oversold units", Math.max(0, sold - units), 0),
        equals("left at the counter", left?.available ?? Number.NaN, 0),
        equals("left at Shopify, a few seconds later", atShopify, 0),
      ],
      figures: [
        {
          name: `${buyers.toLocaleString("en-US")} buyers on ${units.toLocaleString("en-US")} units`,
          value: buyers / taken.seconds,
          unit: "takes/s",
          beside: `${AT_ONCE} at a time, one unit each, one SKU`,
        },
        { name: "answer p50", value: ms.p50, unit: "ms" },
        { name: "answer p99", value: ms.p99, unit: "ms" },
      ],
    };
  } finally {
    await stack.stop();
  }
}

function takes(token: string, count: number): readonly LoadRequest[] {
  return Array.from({ length: count }, () => ({
    method: "POST",
    path: `/v1/inventory/${SKU}/adjustments`,
    body: JSON.stringify({ delta: -1, reason: "sale" }),
    headers: {
      authorization: `Bearer ${token}`,
      "content-type": "application/json",
      "idempotency-key": randomUUID(),
    },
  }));
}

const LOOKS = 100;

async function untilStill(look: () => number, wanted: number): Promise<number> {
  for (let i = 0; i < LOOKS && look() !== wanted; i += 1) await new Promise((resolve) => setTimeout(resolve, 100));
  return look();
}
