/**
 * How long the end of an outage takes: 10,000 orders have died and wait as dead letters; the breaker closes; nobody does
 * anything. Measured until none waits and each has been counted. They are put in through the real dead-letter queue, as they
 * come when D1 was away, too: to let each die of nine deliveries would take five minutes of waiting.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { SeededRandom } from "../../dev/shopify-simulator/model/seeded-random.ts";
import { type BenchStack, PLUS_PLAN, startBenchStack, storageNote, timed } from "../support/bench-stack.ts";
import { countersOf } from "../support/counters-of.ts";
import { envelopeOf } from "../support/envelope-of.ts";
import { atMost, equals, type Findings } from "../support/figures.ts";
import type { Run } from "../support/run.ts";
import { type CaughtWebhook, catchWebhooks } from "../support/webhook-catcher.ts";

const SKUS = 200;
const STOCK = 100_000;
const CHUNK = 1_000;
const LOOK_EVERY_MS = 100;
const PATIENCE_MS = 180_000;
const IN_FLIGHT_MAX = 2_000;
const GOAL_SECONDS = 60;

export async function benchRecovery(run: Run): Promise<Findings> {
  const orders = run.isQuick ? 1_000 : 10_000;
  const bench = await startBenchStack({
    seed: (shop) => void shop.seedCatalogue({ skus: SKUS, locations: 2, stock: [STOCK, STOCK] }),
    hasWebhooks: false,
    storage: "ram",
    plan: PLUS_PLAN,
  });
  try {
    const caught = await sell(bench, orders);
    const openedAtMs = Date.now();
    run.say(`${orders.toLocaleString("en-US")} orders die`);
    const stored = await timed(() => die(bench, caught));
    const recovery = await timed(() => recover(bench, openedAtMs));
    const { job, mostInFlight } = recovery.value;
    const different = await differences(bench);
    return {
      figures: [
        {
          name: `from the end of the outage until ${orders.toLocaleString("en-US")} dead letters are counted`,
          value: recovery.seconds,
          unit: "s",
          beside: `nobody did anything; ${storageNote()}`,
          goal: atMost(recovery.seconds, GOAL_SECONDS, `${GOAL_SECONDS}`),
        },
        { name: "… letters", value: orders / recovery.seconds, unit: "letters/s" },
        { name: "… most under way at once", value: mostInFlight, unit: "letters", beside: `paced at ${IN_FLIGHT_MAX}` },
        { name: "letters stored while they died", value: orders / stored.seconds, unit: "letters/s" },
      ],
      checks: [
        equals("letters replayed and counted", job.replayed, orders),
        equals("letters that died again, failed or were not heard of", job.diedAgain + job.failed + job.sent, 0),
        { name: "no more under way than may be", holds: mostInFlight <= IN_FLIGHT_MAX, found: String(mostInFlight) },
        equals(`counters of ${SKUS} SKUs that differ from the shop`, different, 0),
      ],
    };
  } finally {
    await bench.stack.stop();
  }
}

async function sell({ simulator }: BenchStack, orders: number): Promise<readonly CaughtWebhook[]> {
  const random = new SeededRandom(23);
  const { variants } = simulator.store;
  const caught = await catchWebhooks(simulator, () => {
    for (let i = 0; i < orders; i += 1) {
      const variantId = variants[random.between(0, variants.length - 1)]?.id ?? "";
      const outcome = simulator.createOrder({ lines: [{ variantId, quantity: 1 }] });
      if (outcome.kind !== "created") throw new Error(JSON.stringify(outcome));
    }
  });
  return caught.filter(({ topic }) => topic === "orders/create");
}

/** Over when D1 has them all. */
async function die(bench: BenchStack, caught: readonly CaughtWebhook[]): Promise<void> {
  const { driver, simulator } = bench;
  for (let i = 0; i < caught.length; i += CHUNK) {
    const bodies = caught.slice(i, i + CHUNK).map((webhook) => {
      const payload = { ...envelopeOf(webhook, simulator.shop), receivedAt: Date.now() };
      return {
        ...{
          v: 1,
          kind: "last_words",
          queue: "onhand-events",
          code: "shopify_away",
          message: "no answer",
          subject: null,
        },
        ...{ attempts: 9, atMs: Date.now(), messageId: webhook.webhookId, payload },
      };
    });
    await driver.send({ to: "EVENTS_DLQ", bodies });
  }
  await until(async () => (await waiting(bench)) === caught.length, "the dead letters are not all stored");
}

type Job = Readonly<Record<"waiting" | "sent" | "replayed" | "diedAgain" | "failed", number>> & {
  readonly trigger: string;
};

/** As the gate tells it: the breaker has closed. */
async function recover(bench: BenchStack, openedAtMs: number): Promise<{ job: Job; mostInFlight: number }> {
  const { driver, simulator, stack } = bench;
  const notice = {
    ...{ v: 1, kind: "breaker", destination: `shopify/${simulator.shop}`, from: "half_open", to: "closed" },
    ...{ reason: null, openedAtMs, atMs: Date.now() + 1 },
  };
  await driver.send({ to: "NOTIFICATIONS", bodies: [notice] });
  let mostInFlight = 0;
  let last: Job | undefined;
  await until(async () => {
    const { jobs } = await stack.client.call<{ jobs: readonly Job[] }>("GET", "/v1/dead-letters/jobs?limit=9");
    last = jobs.find(({ trigger }) => trigger === "breaker");
    mostInFlight = Math.max(mostInFlight, last?.sent ?? 0);
    return last !== undefined && last.waiting + last.sent === 0 && (await waiting(bench)) === 0;
  }, "the dead letters still wait");
  if (last === undefined) throw new Error("no job was made");
  return { job: last, mostInFlight };
}

async function waiting({ stack }: BenchStack): Promise<number> {
  return (await stack.client.call<{ waiting: number }>("GET", "/v1/dead-letters?limit=1")).waiting;
}

async function until(isSo: () => Promise<boolean>, otherwise: string): Promise<void> {
  for (const startedMs = performance.now(); !(await isSo()); await sleep(LOOK_EVERY_MS))
    if (performance.now() - startedMs > PATIENCE_MS) throw new Error(otherwise);
}

/** Each order counted once: its level webhook never came, so what is missing or double shows. */
async function differences(bench: BenchStack): Promise<number> {
  const counters = await countersOf(bench);
  const levels = await bench.driver.levels({ skuIds: counters.map(({ skuId }) => skuId) });
  const skuOf = new Map(counters.map(({ skuId, sku }) => [skuId, sku]));
  return levels.filter(({ skuId, available }) => available !== bench.simulator.availableOf(skuOf.get(skuId) ?? ""))
    .length;
}
