/**
 * A shop's whole catalogue at once: orders of several lines over 10,000 SKUs, a few of them popular (Zipf), through the queue and
 * its handler. The orders are made at the simulator, so that every unit can be looked up there afterwards.
 */

import { SeededRandom } from "../../dev/shopify-simulator/model/seeded-random.ts";
import { parseExactJson } from "../../src/ingress/exact-json.ts";
import { isShopifyTopic, projectShopify } from "../../src/ingress/project-shopify.ts";
import { type BenchStack, PLUS_PLAN, startBenchStack } from "../support/bench-stack.ts";
import { atLeast, type Check, equals, type Figure, type Findings } from "../support/figures.ts";
import type { Run } from "../support/run.ts";
import { type CaughtWebhook, catchWebhooks } from "../support/webhook-catcher.ts";

const LINES_MAX = 4;
const STOCK = 20_000;
/** Envelopes per request to the driver: about a megabyte. */
const CHUNK = 1_000;
const LEVELS_AT_ONCE = 500;
const PATIENCE_MS = 120_000;

export async function benchSpread(run: Run): Promise<Findings> {
  const skus = run.isQuick ? 500 : 10_000;
  const orders = run.isQuick ? 300 : 6_000;
  run.say(`importing ${skus.toLocaleString("en-US")} SKUs`);
  const importedMs = performance.now();
  const bench = await startBenchStack({
    seed: (shop) => void shop.seedCatalogue({ skus, locations: 2, stock: [STOCK, STOCK] }),
    hasWebhooks: false,
    plan: PLUS_PLAN,
  });
  try {
    const importSeconds = (performance.now() - importedMs) / 1_000;
    run.say(`${importSeconds.toFixed(0)} s; selling ${orders.toLocaleString("en-US")} orders`);
    const caught = await sell(bench, orders);
    const first = await consume(bench, ofTopic(caught, "orders/create"), run);
    const second = await consume(bench, ofTopic(caught, "inventory_levels/update"), run);
    const imported: Figure = {
      name: "import of the catalogue",
      value: skus / importSeconds,
      unit: "SKUs/s",
      beside: `${importSeconds.toFixed(0)} s with the start of everything`,
    };
    return { figures: [...figuresOf(first, second), imported], checks: await compare(bench, first, second) };
  } finally {
    await bench.stack.stop();
  }
}

const ofTopic = (caught: readonly CaughtWebhook[], topic: string): readonly CaughtWebhook[] =>
  caught.filter((webhook) => webhook.topic === topic);

/** Rank k is bought in proportion to 1/k. */
async function sell({ simulator }: BenchStack, orders: number): Promise<readonly CaughtWebhook[]> {
  const random = new SeededRandom(17);
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

type Consumed = {
  readonly messages: number;
  readonly lines: number;
  readonly seconds: number;
  readonly batches: number;
  readonly rpcs: number;
  readonly redisRequests: number;
  readonly retried: number;
  readonly dead: number;
};

/** Through the queue, as the receiver would send them; over when the handler has told of the last one. */
async function consume(bench: BenchStack, webhooks: readonly CaughtWebhook[], run: Run): Promise<Consumed> {
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
  while (tally.messages < envelopes.length && performance.now() - startedMs < PATIENCE_MS) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const seconds = (performance.now() - startedMs) / 1_000;
  run.say(`${tally.messages.toLocaleString("en-US")} messages in ${seconds.toFixed(1)} s`);
  const lines = envelopes.reduce((sum, { data }) => sum + (data.kind === "order" ? data.lines.length : 1), 0);
  return { ...tally, lines, seconds, redisRequests: stack.gateway.stats().requests - redisBefore };
}

function envelopeOf({ topic, webhookId, raw }: CaughtWebhook, shop: string) {
  const json = parseExactJson(raw);
  if (!json.ok || !isShopifyTopic(topic)) throw new Error(`an unreadable webhook: ${topic}`);
  const projected = projectShopify(topic, json.value);
  if (!projected.ok || projected.value.kind === "nothing") throw new Error(`nothing in it: ${raw}`);
  const { event, occurredAtMs } = projected.value;
  const channel = { type: "shopify", shop };
  const id = `shopify/${shop}/${webhookId}`;
  return { v: 1, id, correlationId: webhookId, channel, kind: topic, occurredAt: occurredAtMs, data: event };
}

function figuresOf(orders: Consumed, levels: Consumed): readonly Figure[] {
  const lineRate = orders.lines / orders.seconds;
  const perThousand = (count: number, of: Consumed): number => (count / of.lines) * 1_000;
  return [
    {
      name: "orders through queue and handler",
      value: orders.messages / orders.seconds,
      unit: "orders/s",
      beside: `1 to ${LINES_MAX} lines each, in batches of ${Math.round(orders.messages / orders.batches)}`,
    },
    {
      name: "… lines",
      value: lineRate,
      unit: "lines/s",
      beside: "one batch at a time: the local queue knows no concurrency",
      goal: atLeast(lineRate, 2_500, "2,500"),
    },
    { name: "… calls to counters per 1,000 lines", value: perThousand(orders.rpcs, orders), unit: "RPCs" },
    { name: "… requests to Redis per 1,000 lines", value: perThousand(orders.redisRequests, orders), unit: "requests" },
    {
      name: "level webhooks through queue and handler",
      value: levels.messages / levels.seconds,
      unit: "levels/s",
      beside: "the same orders' snapshots, afterwards",
    },
  ];
}

async function compare(
  { stack, simulator, driver }: BenchStack,
  ...all: readonly Consumed[]
): Promise<readonly Check[]> {
  const { DB } = await stack.worker.bindings();
  const { results } = await DB.prepare("SELECT sku_id, sku_text FROM listings WHERE status = 'active'").all<{
    sku_id: string;
    sku_text: string;
  }>();
  const skuOf = new Map(results.map(({ sku_id, sku_text }) => [sku_id, sku_text]));
  const skuIds = [...skuOf.keys()];
  let different = 0;
  for (let i = 0; i < skuIds.length; i += LEVELS_AT_ONCE) {
    for (const { skuId, available } of await driver.levels({ skuIds: skuIds.slice(i, i + LEVELS_AT_ONCE) })) {
      if (available !== simulator.availableOf(skuOf.get(skuId) ?? "")) different += 1;
    }
  }
  return [
    equals(
      "messages retried",
      all.reduce((sum, { retried }) => sum + retried, 0),
      0,
    ),
    equals(
      "dead letters",
      all.reduce((sum, { dead }) => sum + dead, 0),
      0,
    ),
    equals(`SKUs of ${skuIds.length} whose counter differs from the shop`, different, 0),
  ];
}
