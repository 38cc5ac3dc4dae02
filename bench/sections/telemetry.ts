/**
 * What telemetry costs: the event consumer with it and without, in turns, over the same kind of orders; and its own part
 * alone, because a difference of two noisy times says little about a hundredth of them.
 */
import { SeededRandom } from "../../dev/shopify-simulator/model/seeded-random.ts";
import { type BenchStack, PLUS_PLAN, startBenchStack, timed } from "../support/bench-stack.ts";
import { envelopeOf } from "../support/envelope-of.ts";
import { atMost, equals, type Figure, type Findings } from "../support/figures.ts";
import { median } from "../support/percentiles.ts";
import type { Run } from "../support/run.ts";
import { catchWebhooks } from "../support/webhook-catcher.ts";

const SKUS = 200;
const STOCK = 100_000;
const LINES_MAX = 4;
const BATCH = 100;

export async function benchTelemetry(run: Run): Promise<Findings> {
  const [rounds, batches] = run.isQuick ? [2, 2] : [8, 10];
  const bench = await startBenchStack({
    seed: (shop) => void shop.seedCatalogue({ skus: SKUS, locations: 2, stock: [STOCK, STOCK] }),
    hasWebhooks: false,
    storage: "ram",
    plan: PLUS_PLAN,
  });
  try {
    // Two of them for warming up.
    const orders = await sell(bench, (rounds * 2 + 2) * batches * BATCH);
    const take = () => orders.splice(0, batches * BATCH);
    const settled = { acked: 0, told: 0 };
    const consume = async (hasTelemetry: boolean): Promise<number> => {
      const envelopes = take();
      const { value, seconds } = await timed(() => bench.driver.consume({ envelopes, batchSize: BATCH, hasTelemetry }));
      settled.acked += value.acked;
      if (hasTelemetry) settled.told += envelopes.length;
      return (seconds * 1_000) / batches;
    };
    for (const hasTelemetry of [true, false]) await consume(hasTelemetry);
    const pairs: { readonly told: number; readonly silent: number }[] = [];
    for (let round = 0; round < rounds; round += 1) {
      run.say(`round ${round + 1} of ${rounds}`);
      // Who goes first takes turns, too: what the first one wakes, the second one finds awake.
      const first = await consume(round % 2 === 0);
      const second = await consume(round % 2 !== 0);
      pairs.push(round % 2 === 0 ? { told: first, silent: second } : { told: second, silent: first });
    }
    const counted = await countedBy(bench);
    const ownMs = await ownPart(bench, run.isQuick ? 50 : 500);
    const all = (rounds * 2 + 2) * batches * BATCH;
    return {
      figures: figuresOf(pairs, ownMs),
      checks: [
        equals("messages acknowledged", settled.acked, all),
        equals("orders in the metrics, of those consumed with telemetry", counted, settled.told),
      ],
    };
  } finally {
    await bench.stack.stop();
  }
}

async function sell({ simulator }: BenchStack, orders: number): Promise<object[]> {
  const random = new SeededRandom(23);
  const { variants } = simulator.store;
  const caught = await catchWebhooks(simulator, () => {
    for (let i = 0; i < orders; i += 1) {
      const lines = Array.from({ length: random.between(1, LINES_MAX) }, () => {
        return { variantId: variants[random.between(0, variants.length - 1)]?.id ?? "", quantity: 1 };
      });
      const outcome = simulator.createOrder({ lines });
      if (outcome.kind !== "created") throw new Error(JSON.stringify(outcome));
    }
  });
  return caught.filter(({ topic }) => topic === "orders/create").map((webhook) => envelopeOf(webhook, simulator.shop));
}

/** As `/metrics` tells it. */
async function countedBy({ stack }: BenchStack): Promise<number> {
  const headers = { authorization: `Bearer ${stack.file.adminToken}` };
  const text = await (await fetch(`${stack.worker.url}/metrics`, { headers })).text();
  const line = text.split("\n").find((each) => /^onhand_events_consumed_total\{.*outcome="counted"/.test(each));
  return Number(line?.split(" ").at(-1) ?? 0);
}

/** @returns milliseconds per batch */
async function ownPart({ driver }: BenchStack, batches: number): Promise<number> {
  await driver.tell({ batches: 20, batchSize: BATCH });
  const { seconds } = await timed(() => driver.tell({ batches, batchSize: BATCH }));
  return (seconds * 1_000) / batches;
}

function figuresOf(
  pairs: readonly { readonly told: number; readonly silent: number }[],
  ownMs: number,
): readonly Figure[] {
  const told = median(pairs.map((pair) => pair.told));
  const silent = median(pairs.map((pair) => pair.silent));
  const difference = median(pairs.map((pair) => (pair.told / pair.silent - 1) * 100));
  const share = (ownMs / told) * 100;
  return [
    { name: `consumer, batches of ${BATCH} orders, with telemetry`, value: told, unit: "ms/batch" },
    { name: "… without", value: silent, unit: "ms/batch", beside: "in turns with it, in the same run" },
    {
      name: "… slower with it by",
      value: difference,
      unit: "%",
      beside: `median of ${pairs.length} pairs; what one pair differs by chance is more`,
    },
    {
      name: "telemetry's own part, by itself",
      value: ownMs,
      unit: "ms/batch",
      beside: "counting 100 events, one flush, its object's part included",
    },
    {
      name: "… of the consumer's time",
      value: share,
      unit: "%",
      goal: atMost(share, 2, "2 %"),
    },
  ];
}
