/**
 * A shop's whole catalogue at once: orders of several lines over 10,000 SKUs, a few of them popular (Zipf), through the queue and
 * its handler. The orders are made at the simulator, so that every unit can be looked up there afterwards.
 */

import { setTimeout as sleep } from "node:timers/promises";
import { SeededRandom } from "../../dev/shopify-simulator/model/seeded-random.ts";
import { type BenchStack, PLUS_PLAN, startBenchStack, storageNote } from "../support/bench-stack.ts";
import { countersOf } from "../support/counters-of.ts";
import { envelopeOf } from "../support/envelope-of.ts";
import { atLeast, type Check, equals, type Figure, type Findings } from "../support/figures.ts";
import type { Run } from "../support/run.ts";
import { type CaughtWebhook, catchWebhooks } from "../support/webhook-catcher.ts";

const LINES_MAX = 4;
const STOCK = 20_000;
/** Envelopes per request to the driver: about a megabyte. */
const CHUNK = 1_000;
/** An object awake holds three files open: few enough at a time for any machine's limit. */
const LEVELS_AT_ONCE = 200;
/** workerd lets an object go that was not called for ten seconds. */
const IDLE_MS = 15_000;
const PATIENCE_MS = 120_000;

export async function benchSpread(run: Run): Promise<Findings> {
  const skus = run.isQuick ? 500 : 10_000;
  const [coldOrders, warmOrders] = run.isQuick ? [150, 300] : [1_500, 3_000];
  run.say(`importing ${skus.toLocaleString("en-US")} SKUs`);
  const importedMs = performance.now();
  const bench = await startBenchStack({
    seed: (shop) => void shop.seedCatalogue({ skus, locations: 2, stock: [STOCK, STOCK] }),
    hasWebhooks: false,
    storage: "ram",
    plan: PLUS_PLAN,
  });
  try {
    const importSeconds = (performance.now() - importedMs) / 1_000;
    const counters = await readCounters(bench);
    const random = new SeededRandom(17);
    const cold = await sell(bench, coldOrders, random);
    await sleep(IDLE_MS);
    const coldRun = await consume(bench, cold, run);
    const warm = await sell(bench, warmOrders, random);
    await wake(bench, counters, warm);
    const warmRun = await consume(bench, warm, run);
    const imported: Figure = {
      name: "import of the catalogue",
      value: skus / importSeconds,
      unit: "SKUs/s",
      beside: `${importSeconds.toFixed(0)} s with the start of everything; a file is made for each counter`,
    };
    const checks = await compare(bench, counters, [...cold, ...warm], [coldRun, warmRun]);
    return { figures: [...figuresOf(coldRun, warmRun), imported], checks };
  } finally {
    await bench.stack.stop();
  }
}

const ofTopic = (caught: readonly CaughtWebhook[], topic: string): readonly CaughtWebhook[] =>
  caught.filter((webhook) => webhook.topic === topic);

/** Rank k is bought in proportion to 1/k. */
async function sell(
  { simulator }: BenchStack,
  orders: number,
  random: SeededRandom,
): Promise<readonly CaughtWebhook[]> {
  const { variants } = simulator.store;
  const sums: number[] = [];
  for (const rank of variants.keys()) sums.push((sums.at(-1) ?? 0) + 1 / (rank + 1));
  const pick = (): string => {
    const at = random.next() * (sums.at(-1) ?? 0);
    let [low, high] = [0, sums.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sums[middle] ?? 0) < at) low = middle + 1;
      else high = middle;
    }
    return variants[low]?.id ?? "";
  };
  return catchWebhooks(simulator, () => {
    for (let i = 0; i < orders; i += 1) {
      const lines = Array.from({ length: random.between(1, LINES_MAX) }, () => ({ variantId: pick(), quantity: 1 }));
      const outcome = simulator.createOrder({ lines });
      if (outcome.kind !== "created") throw new Error(JSON.stringify(outcome));
    }
  });
}

/** What was told of each topic: orders first, then the levels that they left, as Shopify merges them. */
type Consumed = { readonly orders: Told; readonly levels: Told };

type Told = {
  readonly messages: number;
  readonly lines: number;
  readonly seconds: number;
  readonly batches: number;
  readonly rpcs: number;
  readonly redisRequests: number;
  readonly retried: number;
  readonly dead: number;
};

async function consume(bench: BenchStack, caught: readonly CaughtWebhook[], run: Run): Promise<Consumed> {
  const orders = await tell(bench, ofTopic(caught, "orders/create"), run);
  return { orders, levels: await tell(bench, ofTopic(caught, "inventory_levels/update"), run) };
}

/** Through the queue, as the receiver would send them; over when the handler has told of the last one. */
async function tell(bench: BenchStack, webhooks: readonly CaughtWebhook[], run: Run): Promise<Told> {
  const { stack, driver, simulator } = bench;
  const envelopes = webhooks.map((webhook) => envelopeOf(webhook, simulator.shop));
  const tally = { messages: 0, batches: 0, rpcs: 0, retried: 0, dead: 0 };
  stack.log.onLine = ({ event, counts = {} }) => {
    if (event === "message.retried") tally.retried += 1;
    if (event === "dead_letter.stored") tally.dead += 1;
    if (event !== "events.consumed") return;
    tally.messages += counts["messages"] ?? 0;
    tally.rpcs += counts["skus"] ?? 0;
    tally.batches += 1;
  };
  const redisBefore = stack.gateway.stats().requests;
  const startedMs = performance.now();
  for (let i = 0; i < envelopes.length; i += CHUNK) await driver.queue({ envelopes: envelopes.slice(i, i + CHUNK) });
  while (tally.messages < envelopes.length && performance.now() - startedMs < PATIENCE_MS) await sleep(5);
  const seconds = (performance.now() - startedMs) / 1_000;
  run.say(`${tally.messages.toLocaleString("en-US")} messages in ${seconds.toFixed(1)} s`);
  const lines = envelopes.reduce((sum, { data }) => sum + (data.kind === "order" ? data.lines.length : 1), 0);
  return { ...tally, lines, seconds, redisRequests: stack.gateway.stats().requests - redisBefore };
}

function figuresOf({ orders: cold }: Consumed, { orders: warm, levels }: Consumed): readonly Figure[] {
  const rate = ({ lines, seconds }: Told): number => lines / seconds;
  const perThousand = (count: number, of: Told): number => (count / of.lines) * 1_000;
  return [
    {
      name: "orders through queue and handler",
      value: warm.messages / warm.seconds,
      unit: "orders/s",
      beside: `1 to ${LINES_MAX} lines each, in batches of ${Math.round(warm.messages / warm.batches)}, counters in memory`,
    },
    {
      name: "… lines",
      value: rate(warm),
      unit: "lines/s",
      beside: `one batch at a time (the local queue knows no concurrency), ${storageNote()}`,
      goal: atLeast(rate(warm), 2_500, "2,500"),
    },
    {
      name: "… lines, counters woken first",
      value: rate(cold),
      unit: "lines/s",
      beside: "none of them was called for a while",
    },
    { name: "… calls to counters per 1,000 lines", value: perThousand(warm.rpcs, warm), unit: "RPCs" },
    { name: "… requests to Redis per 1,000 lines", value: perThousand(warm.redisRequests, warm), unit: "requests" },
    {
      name: "level webhooks through queue and handler",
      value: levels.messages / levels.seconds,
      unit: "levels/s",
      beside: "the snapshots that the same orders left",
    },
  ];
}

/** SKU id by inventory item and by SKU, and the SKU of each. */
type CountersOf = { readonly byItem: ReadonlyMap<string, string>; readonly skuOf: ReadonlyMap<string, string> };

async function readCounters(bench: BenchStack): Promise<CountersOf> {
  const counters = await countersOf(bench);
  return {
    byItem: new Map(counters.map(({ item, skuId }) => [item, skuId])),
    skuOf: new Map(counters.map(({ skuId, sku }) => [skuId, sku])),
  };
}

/** Counters that these webhooks tell of. */
function touched({ byItem }: CountersOf, caught: readonly CaughtWebhook[], shop: string): readonly string[] {
  const items = ofTopic(caught, "inventory_levels/update").flatMap((webhook) => {
    const { data } = envelopeOf(webhook, shop);
    return data.kind === "level" ? [String(data.item)] : [];
  });
  return [...new Set(items.flatMap((item) => byItem.get(item) ?? []))];
}

async function wake(bench: BenchStack, counters: CountersOf, caught: readonly CaughtWebhook[]): Promise<void> {
  const skuIds = touched(counters, caught, bench.simulator.shop);
  for (let i = 0; i < skuIds.length; i += LEVELS_AT_ONCE)
    await bench.driver.levels({ skuIds: skuIds.slice(i, i + LEVELS_AT_ONCE) });
}

async function compare(
  { simulator, driver }: BenchStack,
  counters: CountersOf,
  caught: readonly CaughtWebhook[],
  runs: readonly Consumed[],
): Promise<readonly Check[]> {
  const skuIds = touched(counters, caught, simulator.shop);
  let different = 0;
  for (let i = 0; i < skuIds.length; i += LEVELS_AT_ONCE) {
    for (const { skuId, available } of await driver.levels({ skuIds: skuIds.slice(i, i + LEVELS_AT_ONCE) })) {
      if (available !== simulator.availableOf(counters.skuOf.get(skuId) ?? "")) different += 1;
    }
  }
  const all = runs.flatMap(({ orders, levels }) => [orders, levels]);
  const sum = (count: (told: Told) => number): number => all.reduce((total, told) => total + count(told), 0);
  return [
    equals(
      "messages retried",
      sum(({ retried }) => retried),
      0,
    ),
    equals(
      "dead letters",
      sum(({ dead }) => dead),
      0,
    ),
    equals(`counters of ${skuIds.length} sold SKUs that differ from the shop`, different, 0),
  ];
}
