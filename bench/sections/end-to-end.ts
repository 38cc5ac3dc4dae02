/**
 * From outside to outside: a buyer's order until its level stands in Redis, a till's sale until it is applied at Shopify. First alone,
 * then at half of the rate that this machine bears. Probes are SKUs that nothing else touches, so that each has one expected level.
 */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { fromStore, type Sku } from "../../src/domain/ids.ts";
import { type BenchStack, startBenchStack, storageNote, timed } from "../support/bench-stack.ts";
import { atMost, equals, type Figure, type Findings } from "../support/figures.ts";
import { runLoad } from "../support/http-load.ts";
import { median, type Spread, spreadOf } from "../support/percentiles.ts";
import { type Probed, probeOrders, probeTills } from "../support/probes.ts";
import type { Run } from "../support/run.ts";
import { differences, order, SETTLED_MS, settle, take } from "../support/sales.ts";

const STOCK = 5_000;
/** Fewer than Shopify's smallest plan restores points for, so that no call waits for the one before. */
const QUIET_EVERY_MS = 300;
const BUSY_EVERY_MS = 100;
const LOAD_SKUS = 300;
/** One in four sales of the load is a till's. */
const TILL_SHARE = 0.25;

export async function benchEndToEnd(run: Run): Promise<Findings> {
  const probes = run.isQuick ? 20 : 150;
  const bench = await startBenchStack({
    seed: (shop) => void shop.seedCatalogue({ skus: LOAD_SKUS + 4 * probes, locations: 2, stock: [STOCK, STOCK] }),
    hasWebhooks: true,
    storage: "ram",
  });
  try {
    const skus = bench.simulator.store.variants.flatMap(({ item }) =>
      item.sku === null ? [] : [fromStore<Sku>(item.sku)],
    );
    const loadSkus = skus.splice(0, LOAD_SKUS);
    const queue = watchQueues(bench);
    await warm(bench, loadSkus);
    queue.take();
    const orders = await probeOrders(bench, skus.splice(0, probes), QUIET_EVERY_MS);
    const orderQueue = queue.take();
    const tills = await probeTills(bench, skus.splice(0, probes), QUIET_EVERY_MS);
    const tillQueue = queue.take();
    const shopifyMs = await shopifyAlone(bench, loadSkus);
    run.say("looking for the highest rate");
    const highest = await highestRate(bench, loadSkus, run.isQuick ? 200 : 2_000);
    run.say(`${highest.toFixed(0)} orders/s; now half of that`);
    const busy = await underLoad(bench, loadSkus, highest / 2, skus);
    const busyQueue = queue.take();
    const rush = await tillsAlone(bench, loadSkus, run.isQuick ? 500 : 6_000);
    const different = await differences(bench);
    return {
      figures: [
        ...quiet({ orders, orderQueue, tills, tillQueue, shopifyMs }),
        ...loaded(highest, busy, busyQueue),
        ...rushed(rush),
      ],
      checks: [
        equals("probes that never arrived", orders.lost + tills.lost + busy.orders.lost + busy.tills.lost, 0),
        equals("SKUs whose counter differs from the shop at the end", different, 0),
      ],
    };
  } finally {
    await bench.stack.stop();
  }
}

/** The queues' own share, of the oldest message of each batch. */
function watchQueues({ stack }: BenchStack) {
  let [events, sync]: [number[], number[]] = [[], []];
  stack.log.onLine = ({ event, queuedMs }) => {
    if (queuedMs === undefined) return;
    if (event === "events.consumed") events.push(queuedMs);
    if (event === "sync.consumed") sync.push(queuedMs);
  };
  return {
    take() {
      const taken = { events: spreadOf(events), sync: spreadOf(sync) };
      [events, sync] = [[], []];
      return taken;
    },
  };
}
type QueueShares = { readonly events: Spread; readonly sync: Spread };

async function warm(bench: BenchStack, skus: readonly Sku[]): Promise<void> {
  for (const sku of skus.slice(0, 40)) {
    bench.simulator.createOrder({ lines: [{ sku, quantity: 1 }] });
    await take(bench, sku);
  }
  await settle(bench);
}

/** One adjustment asked for directly: Shopify's own time, which here is the simulator's. */
async function shopifyAlone({ simulator }: BenchStack, skus: readonly Sku[]): Promise<number> {
  const query = "query { shop { name } }";
  const ms: number[] = [];
  for (const _ of skus.slice(0, 50)) {
    const { seconds } = await timed(async () => {
      const response = await fetch(`${simulator.url}/admin/api/2026-10/graphql.json`, {
        method: "POST",
        headers: { "content-type": "application/json", "x-shopify-access-token": simulator.accessToken },
        body: JSON.stringify({ query }),
      });
      await response.text();
    });
    ms.push(seconds * 1_000);
  }
  return median(ms);
}

/** Webhooks that may be under way: enough to keep everything busy, too few to pile up. */
const UNDER_WAY_MAX = 100;

/** Orders as fast as their webhooks are taken in, until the last one is counted: what all of it bears together on this machine. */
async function highestRate(bench: BenchStack, skus: readonly Sku[], orders: number): Promise<number> {
  const { seconds } = await timed(async () => {
    for (let i = 0; i < orders; i += 1) {
      order(bench, skus, i);
      while (bench.simulator.stats().webhooks.pending > UNDER_WAY_MAX) await sleep(1);
    }
    await bench.simulator.idle();
    await settle(bench);
  });
  return orders / Math.max(0.001, seconds - SETTLED_MS / 1_000);
}

type Busy = {
  readonly orders: Probed;
  readonly tills: Probed;
  readonly sales: number;
  readonly seconds: number;
};

/** Sales at a steady rate, with probes among them. */
async function underLoad(
  bench: BenchStack,
  skus: readonly Sku[],
  perSecond: number,
  probeSkus: readonly Sku[],
): Promise<Busy> {
  const half = Math.floor(probeSkus.length / 2);
  let [isOver, sales] = [false, 0];
  const tills = new Set<Promise<void>>();
  const startedMs = performance.now();
  const load = (async () => {
    while (!isOver) {
      const due = ((performance.now() - startedMs) / 1_000) * perSecond;
      for (; sales < due; sales += 1) {
        if (sales % Math.round(1 / TILL_SHARE) !== 0) order(bench, skus, sales);
        else {
          const asked = take(bench, skus[(sales * 11) % skus.length] ?? fromStore("")).finally(() =>
            tills.delete(asked),
          );
          tills.add(asked);
        }
      }
      await sleep(5);
    }
  })();
  const [orders, tillProbes] = await Promise.all([
    probeOrders(bench, probeSkus.slice(0, half), BUSY_EVERY_MS),
    probeTills(bench, probeSkus.slice(half), BUSY_EVERY_MS),
  ]);
  isOver = true;
  await load;
  const seconds = (performance.now() - startedMs) / 1_000;
  await Promise.all(tills);
  await settle(bench);
  return { orders, tills: tillProbes, sales, seconds };
}

type Rush = { readonly sales: number; readonly seconds: number; readonly mutations: number; readonly queries: number };

const TILLS_AT_ONCE = 64;

/** Tills sell as fast as they are answered: how many calls to Shopify their changes share. */
async function tillsAlone(bench: BenchStack, skus: readonly Sku[], sales: number): Promise<Rush> {
  const { url } = bench.stack.worker;
  const { adminToken } = bench.stack.file;
  const requests = Array.from({ length: sales }, (_, i) => ({
    method: "POST",
    path: `/v1/inventory/${encodeURIComponent(skus[(i * 7) % skus.length] ?? "")}/adjustments`,
    body: JSON.stringify({ delta: -1, reason: "sale" }),
    headers: {
      authorization: `Bearer ${adminToken}`,
      "content-type": "application/json",
      "idempotency-key": randomUUID(),
    },
  }));
  await settle(bench);
  const before = bench.simulator.stats().graphql;
  const { statuses, seconds } = await runLoad({ url, inFlight: TILLS_AT_ONCE, requests });
  await settle(bench);
  const after = bench.simulator.stats().graphql;
  return {
    sales: statuses.filter((status) => status === 201).length,
    seconds,
    mutations: after.mutations - before.mutations,
    queries: after.queries - before.queries,
  };
}

const MS_GOAL = 60;

function quiet(found: {
  readonly orders: Probed;
  readonly orderQueue: QueueShares;
  readonly tills: Probed;
  readonly tillQueue: QueueShares;
  readonly shopifyMs: number;
}): readonly Figure[] {
  const [orders, tills] = [spreadOf(found.orders.ms), spreadOf(found.tills.ms)];
  const [orderQueue, tillQueue] = [found.orderQueue.events.p50, found.tillQueue.sync.p50];
  const ownOrder = orders.p50 - orderQueue;
  const ownTill = tills.p50 - tillQueue - found.shopifyMs;
  const shopify = `Shopify's time ${found.shopifyMs.toFixed(1)} (the simulator, one call)`;
  return [
    { name: "quiet: order → level in Redis, p50", value: orders.p50, unit: "ms", beside: `queue ${orderQueue}` },
    {
      name: "… p99",
      value: orders.p99,
      unit: "ms",
      beside: `queue ${found.orderQueue.events.p99}, of ${orders.count}`,
    },
    { name: "… p50 beside the queue's share", value: ownOrder, unit: "ms", goal: atMost(ownOrder, MS_GOAL, "60 ms") },
    {
      name: "quiet: till → applied at Shopify, p50",
      value: tills.p50,
      unit: "ms",
      beside: `queue ${tillQueue}, ${shopify}`,
    },
    { name: "… p99", value: tills.p99, unit: "ms", beside: `queue ${found.tillQueue.sync.p99}, of ${tills.count}` },
    {
      name: "… p50 beside queue's and Shopify's",
      value: ownTill,
      unit: "ms",
      goal: atMost(ownTill, MS_GOAL, "60 ms"),
    },
  ];
}

function loaded(highest: number, busy: Busy, queue: QueueShares): readonly Figure[] {
  const [orders, tills] = [spreadOf(busy.orders.ms), spreadOf(busy.tills.ms)];
  return [
    {
      name: "highest rate, from checkout to counted",
      value: highest,
      unit: "orders/s",
      beside: `two lines each; simulator, gateway, Redis and Worker on the same cores, ${storageNote()}`,
    },
    { name: "load: half of it", value: busy.sales / busy.seconds, unit: "sales/s", beside: "one in four at a till" },
    { name: "load: order → level in Redis, p50", value: orders.p50, unit: "ms", beside: `queue ${queue.events.p50}` },
    { name: "… p99", value: orders.p99, unit: "ms", beside: `queue ${queue.events.p99}` },
    { name: "load: till → applied at Shopify, p50", value: tills.p50, unit: "ms", beside: `queue ${queue.sync.p50}` },
    { name: "… p99", value: tills.p99, unit: "ms", beside: `queue ${queue.sync.p99}` },
  ];
}

function rushed({ sales, seconds, mutations, queries }: Rush): readonly Figure[] {
  const perThousand = ((mutations + queries) / sales) * 1_000;
  return [
    { name: "tills alone, as fast as they are answered", value: sales / seconds, unit: "sales/s" },
    {
      name: "… Shopify calls per 1,000 changes",
      value: perThousand,
      unit: "calls",
      beside: `${sales} sales on ${LOAD_SKUS} SKUs; ${mutations} adjustments, ${queries} reads`,
      goal: atMost(perThousand, 10, "10"),
    },
  ];
}
