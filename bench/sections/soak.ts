/**
 * The whole stack at the highest rate that it sustains, for minutes: looked for in steps until lag grows, then held. What is
 * told: throughput, lag to the counter and to Shopify, the runtime's memory over time, and whether every event that was
 * accepted came to its end and every level agrees.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { AcceptedNews } from "../../dev/demo/accepted.ts";
import { type Fates, fatesOf } from "../../dev/demo/fates.ts";
import { readDeadLetters, readJournal } from "../../dev/demo/read-journal.ts";
import { fromStore, type Sku } from "../../src/domain/ids.ts";
import { type BenchStack, startBenchStack, storageNote } from "../support/bench-stack.ts";
import { atMost, type Check, equals, type Figure, type Findings } from "../support/figures.ts";
import { median, spreadOf } from "../support/percentiles.ts";
import { type Probed, probeOrders, probeTills } from "../support/probes.ts";
import type { Run } from "../support/run.ts";
import { differences, settle } from "../support/sales.ts";
import { SteadySales } from "../support/steady-sales.ts";
import { freePort, openWorkerHeap } from "../support/worker-heap.ts";

const STOCK = 200_000;
const LOAD_SKUS = 300;
const PROBE_EVERY_MS = 500;
/** A probe's SKU has come to rest long before its next turn. */
const PROBE_SKUS = 60;

const FIRST_RATE = 20;
const STEP_FACTOR = 1.4;
/** Beyond this the loop that sells, which all of the stack shares, measures itself. */
const RATE_MAX = 2_000;
/** A step is sustained when no event of its second half waited longer than this to be counted … */
const LAG_MS_MAX = 1_000;
/** … and no more deliveries, nor tills, wait than come in a second. */
const WAITING_SECONDS_MAX = 1;
/** Held below the last step that was sustained: the machine is not the same from minute to minute. */
const HELD_SHARE = 0.85;

const CALM_SECONDS_MAX = 30;
/** Longer than what is late already takes to pass. */
const EASE_EVERY_MS = 3_000;

const DEFAULT_MINUTES = 5;
const MEMORY_EVERY_MS = 1_000;
/** Looking costs a collection of garbage: often enough for a median of each fifth, seldom enough to be no load. */
const HEAP_LOOKS = 40;
/** Between the second fifth (what is warm by then stays) and the last one. */
const HEAP_GROWTH_MAX = 0.1;

export async function benchSoak(run: Run): Promise<Findings> {
  const accepted = new AcceptedNews();
  const inspectorPort = await freePort();
  const bench = await startBenchStack({
    inspectorPort,
    seed: (shop) => void shop.seedCatalogue({ skus: LOAD_SKUS + 2 * PROBE_SKUS, locations: 2, stock: [STOCK, STOCK] }),
    hasWebhooks: true,
    storage: "ram",
    onAccepted: (delivery) => accepted.note(delivery),
  });
  try {
    const skus = bench.simulator.store.variants.flatMap(({ item }) =>
      item.sku === null ? [] : [fromStore<Sku>(item.sku)],
    );
    const sales = new SteadySales(bench, skus.splice(0, LOAD_SKUS));
    const rate = HELD_SHARE * (await highestSustained(bench, sales, run));
    const holdMs = run.isQuick ? 15_000 : (run.minutes ?? DEFAULT_MINUTES) * 60_000;
    run.say(`${rate.toFixed(0)} sales/s, for ${Math.round(holdMs / 1_000)} s`);
    const held = await hold(bench, sales, { rate, holdMs, probeSkus: skus, inspectorPort });
    await sales.stop();
    await settle(bench);
    const different = await differences(bench);
    const fates = fatesOf(accepted.all(), await readJournal(bench.stack), await readDeadLetters(bench.stack));
    return {
      figures: [...throughput(held, rate), ...memory(held)],
      checks: [
        equals("probes that never arrived", held.orders.lost + held.tills.lost, 0),
        equals("tills that got an error", sales.tillErrors, 0),
        equals("SKUs whose counter differs from the shop at the end", different, 0),
        ...accounted(fates),
        ...growth(held, run.isQuick),
      ],
    };
  } finally {
    await bench.stack.stop();
  }
}

/** Deliveries and tills that have no answer yet. */
const waitingAt = ({ simulator }: BenchStack, sales: SteadySales): number =>
  simulator.stats().webhooks.pending + sales.tillsWaiting;

/** @returns sales per second of the last step before lag grew */
async function highestSustained(bench: BenchStack, sales: SteadySales, run: Run): Promise<number> {
  const stepMs = run.isQuick ? 3_000 : 10_000;
  let last = FIRST_RATE;
  for (let rate = FIRST_RATE; rate < RATE_MAX; rate *= STEP_FACTOR) {
    sales.rate = rate;
    await sleep(stepMs / 2);
    bench.stack.log.tally(); // of the first half: what the step before left, and of the rise itself
    await sleep(stepMs / 2);
    const { lagMs } = bench.stack.log.tally();
    const waiting = waitingAt(bench, sales);
    run.say(`${rate.toFixed(0)} sales/s: ${lagMs} ms from receipt to counted at most, ${waiting} waiting`);
    if (lagMs > LAG_MS_MAX || waiting > WAITING_SECONDS_MAX * rate * 3) break;
    last = rate;
  }
  sales.rate = FIRST_RATE;
  await untilCalm(bench, sales);
  return last;
}

/** What the last step left is gone. */
async function untilCalm(bench: BenchStack, sales: SteadySales): Promise<void> {
  for (let i = 0; i < CALM_SECONDS_MAX; i += 1) {
    bench.stack.log.tally();
    await sleep(1_000);
    const waiting = waitingAt(bench, sales);
    if (bench.stack.log.tally().lagMs < LAG_MS_MAX / 4 && waiting < FIRST_RATE) return;
  }
}

/** A step of seconds may flatter: what turns out not to last is sold at less. */
function easing(bench: BenchStack, sales: SteadySales, rate: number, newestLagMs: () => number): () => void {
  let now = rate;
  const timer = setInterval(() => {
    const waiting = waitingAt(bench, sales);
    if (newestLagMs() <= LAG_MS_MAX && waiting <= WAITING_SECONDS_MAX * now * 3) return;
    now = Math.max(FIRST_RATE, now * HELD_SHARE);
    sales.rate = now;
  }, EASE_EVERY_MS);
  return () => clearInterval(timer);
}

type Held = {
  readonly orders: Probed;
  readonly tills: Probed;
  readonly sales: number;
  readonly seconds: number;
  /** Resident bytes of the runtime, each second. */
  readonly memory: readonly number[];
  /** Bytes of the Worker's heap that are in use. */
  readonly heap: readonly number[];
  /** Oldest message of each batch: from receipt to counted, ms. */
  readonly lagMs: readonly number[];
};

async function hold(
  bench: BenchStack,
  sales: SteadySales,
  {
    rate,
    holdMs,
    probeSkus,
    inspectorPort,
  }: { rate: number; holdMs: number; probeSkus: readonly Sku[]; inspectorPort: number },
): Promise<Held> {
  const [memory, heap, lags]: [number[], number[], number[]] = [[], [], []];
  const workerHeap = await openWorkerHeap(inspectorPort);
  const timer = setInterval(() => memory.push(bench.stack.worker.residentBytes()), MEMORY_EVERY_MS);
  const looks = setInterval(async () => void heap.push(await workerHeap.inUse()), holdMs / HEAP_LOOKS);
  bench.stack.log.onLine = ({ event, lagMs }) => {
    if (event === "events.consumed" && lagMs !== undefined) lags.push(lagMs);
  };
  const [startedMs, before] = [performance.now(), sales.sales];
  sales.rate = rate;
  const endEasing = easing(bench, sales, rate, () => lags.at(-1) ?? 0);
  const turns = Math.floor(holdMs / PROBE_EVERY_MS);
  const inTurn = (first: number): readonly Sku[] =>
    Array.from({ length: turns }, (_, i) => probeSkus[first + (i % PROBE_SKUS)] ?? fromStore<Sku>(""));
  try {
    const [orders, tills] = await Promise.all([
      probeOrders(bench, inTurn(0), PROBE_EVERY_MS),
      probeTills(bench, inTurn(PROBE_SKUS), PROBE_EVERY_MS),
    ]);
    const seconds = (performance.now() - startedMs) / 1_000;
    return { orders, tills, sales: sales.sales - before, seconds, memory, heap, lagMs: lags };
  } finally {
    clearInterval(timer);
    clearInterval(looks);
    endEasing();
    workerHeap.close();
  }
}

function accounted({ accepted, deliveries, forgotten, countedTwice, waiting }: Fates): readonly Check[] {
  return [
    { name: "events accepted", holds: accepted > 0, found: `${accepted} in ${deliveries} deliveries` },
    equals("… of which nothing says what became of them", forgotten.length, 0),
    equals("… counted twice", countedTwice.length, 0),
    equals("… that wait as dead letters", waiting.length, 0),
  ];
}

function throughput({ orders, tills, sales, seconds, lagMs }: Held, rate: number): readonly Figure[] {
  const [order, till, queue] = [spreadOf(orders.ms), spreadOf(tills.ms), spreadOf(lagMs)];
  const beside = `asked for ${rate.toFixed(0)}; one in four at a till; all of the stack on the same cores, ${storageNote()}`;
  return [
    { name: "held", value: sales / seconds, unit: "sales/s", beside: `${beside}; ${seconds.toFixed(0)} s` },
    {
      name: "receipt → counted, oldest of each batch, p50",
      value: queue.p50,
      unit: "ms",
      beside: `${queue.count} batches`,
    },
    { name: "… p99", value: queue.p99, unit: "ms" },
    { name: "order → level in Redis, p50", value: order.p50, unit: "ms", beside: `${order.count} probes` },
    { name: "… p99", value: order.p99, unit: "ms" },
    { name: "till → applied at Shopify, p50", value: till.p50, unit: "ms", beside: `${till.count} probes` },
    { name: "… p99", value: till.p99, unit: "ms" },
  ];
}

const MEGABYTE = 1e6;

function memory(held: Held): readonly Figure[] {
  const [heap, resident] = [growthOf(held.heap), growthOf(held.memory)];
  return [
    { name: "the Worker's heap, second fifth", value: heap.early / MEGABYTE, unit: "MB", beside: overTime(held.heap) },
    {
      name: "… last fifth",
      value: heap.late / MEGABYTE,
      unit: "MB",
      goal: atMost(heap.late, heap.early * (1 + HEAP_GROWTH_MAX), `${100 * HEAP_GROWTH_MAX} % more`),
    },
    {
      name: "memory of workerd, last fifth",
      value: resident.late / MEGABYTE,
      unit: "MB",
      beside: `${overTime(held.memory)}; the rest of it is the local runtime's: ${LOAD_SKUS + 2 * PROBE_SKUS} databases, the queues`,
    },
    { name: "… slope", value: (slopeOf(held.memory) * 60_000) / MEMORY_EVERY_MS / MEGABYTE, unit: "MB/min" },
  ];
}

function overTime(bytes: readonly number[]): string {
  const shown = bytes.filter((_, i) => i % Math.max(1, Math.ceil(bytes.length / 8)) === 0);
  return `over time: ${shown.map((each) => Math.round(each / MEGABYTE)).join(" · ")}`;
}

/** Only a run of minutes tells growth from warming up. */
function growth({ heap }: Held, isQuick: boolean): readonly Check[] {
  const { early, late } = growthOf(heap);
  if (isQuick || early === 0) return [];
  const found = `${Math.round((100 * late) / early) - 100} % between the second fifth and the last`;
  return [{ name: "the Worker's heap does not grow", holds: late <= early * (1 + HEAP_GROWTH_MAX), found }];
}

function growthOf(bytes: readonly number[]): { readonly early: number; readonly late: number } {
  const fifth = Math.floor(bytes.length / 5);
  return { early: median(bytes.slice(fifth, 2 * fifth)), late: median(bytes.slice(4 * fifth)) };
}

/** Least squares, per sample. */
function slopeOf(values: readonly number[]): number {
  const [n, mid] = [values.length, (values.length - 1) / 2];
  const mean = values.reduce((sum, value) => sum + value, 0) / Math.max(1, n);
  const [above, below] = values.reduce(
    ([up, down], value, i) => [up + (i - mid) * (value - mean), down + (i - mid) ** 2] as const,
    [0, 0] as readonly [number, number],
  );
  return below === 0 ? 0 : above / below;
}
