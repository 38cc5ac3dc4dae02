/**
 * The day as it goes at the warehouse, the marketplace and the tills, beside the orders of the shops: spread over the demo's
 * seconds by one seed. Each has signed events of its own, doubled, told again, out of order, and now and then forged.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { SenderFaults } from "../../channel-link/event-sender.ts";
import { ApiProblem, type OnhandClient } from "../../cli/client.ts";
import { SeededRandom } from "../../shopify-simulator/model/seeded-random.ts";
import type { ShopifySimulator } from "../../shopify-simulator/simulator.ts";
import type { DeliveryFaults } from "../../square-simulator/square-webhooks.ts";
import { type Day, SQUARE_PLACE, STORE, tellersOf } from "./day.ts";
import {
  COUNTED_GONE,
  COUNTED_SKU,
  MISCOUNTED_SKU,
  MISREAD_BY,
  RUNNING_LOW,
  RUNNING_LOW_SKUS,
  SELL_OUT,
  SELL_OUT_SKU,
} from "./day-skus.ts";

/** What goes wrong with the channels' events on any day. */
const CHANNEL_FAULTS: SenderFaults = {
  duplicateRate: 0.08,
  retellRate: 0.05,
  reorderRate: 0.13,
  reorderHoldMs: 800,
  forgeRate: 0.03,
};

export type DaySize = {
  readonly durationMs: number;
  readonly marketplaceOrders: number;
  readonly receipts: number;
  readonly squareSales: number;
  readonly documents: number;
  /** What goes wrong with what is told to us, beside what does on any day. */
  readonly faults?: { readonly channels?: Partial<SenderFaults>; readonly square?: Partial<DeliveryFaults> };
};

export const DAY_SIZE: DaySize = {
  durationMs: 20_000,
  marketplaceOrders: 50,
  receipts: 60,
  squareSales: 30,
  documents: 8,
};

/** Square promises no order and no single delivery; what it never tells at all, an audit finds. */
const SQUARE_FAULTS: DeliveryFaults = { duplicateRate: 0.08, dropRate: 0, reorderRate: 0.13, reorderHoldMs: 800 };

/** What tills took of the SKU that sells out, by Onhand's word: SKU → units. */
export type DayTally = { readonly taken: Map<string, number>; countHeld: string | null };

/** A step that waits for Onhand keeps no other one waiting. */
type Step = { readonly at: number; readonly act: () => unknown; readonly waits?: true };

/** @param skus  that everybody sells, and of which there is enough */
export async function playDay(
  day: Day,
  simulator: ShopifySimulator,
  client: OnhandClient,
  skus: readonly string[],
  { durationMs, faults = {}, ...size }: DaySize,
  seed: number,
  ended: AbortSignal,
): Promise<DayTally> {
  const random = new SeededRandom(seed).fork("day");
  const tally: DayTally = { taken: new Map(), countHeld: null };
  const channelFaults = { ...CHANNEL_FAULTS, ...faults.channels };
  for (const [, { sender }] of tellersOf(day)) sender.faults = channelFaults;
  day.square.webhooks.faults = { ...SQUARE_FAULTS, ...faults.square };
  const steps = [
    ...marketplaceSteps(day, random, skus, size.marketplaceOrders),
    ...tillSteps(day, random, skus, size.receipts),
    ...squareSteps(day, random, size.squareSales),
    ...warehouseSteps(day, random, skus, size.documents),
    ...storySteps(day, simulator, client, tally),
  ].sort((a, b) => a.at - b.at);
  const startedMs = performance.now();
  const waiting: unknown[] = [];
  for (const { at, act, waits } of steps) {
    const waitMs = at * durationMs - (performance.now() - startedMs);
    if (waitMs > 0) await sleep(waitMs, undefined, { signal: ended }).catch(() => {});
    if (ended.aborted) break;
    const done = act();
    if (waits) waiting.push(done);
    else await done;
  }
  await Promise.all(waiting);
  for (const [, { sender }] of tellersOf(day)) sender.faults = { ...channelFaults, forgeRate: 0 };
  return tally;
}

const RETURNS_SHARE = 0.2;
const REGRET_SHARE = 0.25;
/** The last tenth is for what still comes of it. */
const LAST_AT = 0.9;

function marketplaceSteps({ marketplace }: Day, random: SeededRandom, skus: readonly string[], orders: number): Step[] {
  const regrets = ["in_one_message", "before_the_order"] as const;
  const sales = many(orders, () => {
    const [sku, quantity] = [random.pick(skus), random.between(1, 2)];
    const regret = random.chance(REGRET_SHARE) ? random.pick(regrets) : null;
    return { at: random.next() * LAST_AT, act: () => marketplace.sell(sku, quantity, regret) };
  });
  const returns = many(Math.ceil(orders * RETURNS_SHARE), () => {
    const restock = random.chance(0.7);
    return { at: 0.4 + random.next() * 0.5, act: () => marketplace.giveBack(restock) };
  });
  return [...sales, ...returns];
}

function tillSteps({ till }: Day, random: SeededRandom, skus: readonly string[], receipts: number): Step[] {
  const sales = many(receipts, () => {
    const [sku, quantity] = [random.pick(skus), random.between(1, 2)];
    return { at: random.next() * LAST_AT, act: () => till.sell(sku, quantity) };
  });
  const pickUps = many(Math.ceil(receipts / 6), () => {
    const [sku, pickUp] = [random.pick(skus), random.pick(["collected", "cancelled_first"] as const)];
    return { at: random.next() * LAST_AT, act: () => till.order(sku, 1, pickUp) };
  });
  const returns = many(Math.ceil(receipts / 8), () => ({ at: 0.2 + random.next() * 0.7, act: () => till.giveBack() }));
  const offline = [
    { at: 0.4, act: () => till.goOffline() },
    { at: 0.5, act: () => till.goOnline() },
  ];
  return [...sales, ...pickUps, ...returns, ...offline];
}

/** It sells what it has, whatever others say; and once a clerk counts one too few. */
function squareSteps({ square }: Day, random: SeededRandom, sales: number): Step[] {
  const items = [...square.model.items];
  const [counted = ""] = items;
  return [
    ...many(sales, () => {
      const [item, quantity] = [random.pick(items), random.between(1, 2)];
      return { at: random.next() * LAST_AT, act: () => square.sell(item, SQUARE_PLACE, quantity) };
    }),
    { at: 0.45, act: () => square.count(counted, SQUARE_PLACE, square.model.level(counted, SQUARE_PLACE) - 1) },
  ];
}

function warehouseSteps({ wms }: Day, random: SeededRandom, skus: readonly string[], documents: number): Step[] {
  const kinds = [
    (sku: string) => wms.receive(sku, random.between(2, 12)),
    (sku: string) => wms.adjust(sku, random.pick([-2, -1, 1, 2])),
    (sku: string) => wms.damage(sku, 1),
    (sku: string) => wms.transfer(sku, random.between(1, 4), STORE),
  ];
  return many(documents, (i) => {
    const sku = random.pick(skus);
    return { at: random.next() * LAST_AT, act: () => kinds[i % kinds.length]?.(sku) };
  });
}

/** What must happen for the day to mean something: running low, selling out, a count that finds a loss, one that is a slip. */
function storySteps(day: Day, simulator: ShopifySimulator, client: OnhandClient, tally: DayTally): Step[] {
  const { wms, marketplace } = day;
  const low = RUNNING_LOW_SKUS.flatMap((sku, k) => [
    ...many(RUNNING_LOW.shopifyOrders, (i) => ({
      at: 0.02 + 0.03 * i + 0.01 * k,
      act: () => simulator.createOrder({ lines: [{ sku, quantity: 1 }] }),
    })),
    ...many(RUNNING_LOW.sold, (i) => ({
      at: 0.05 + (0.7 * (i + k / 3)) / RUNNING_LOW.sold,
      act: () => marketplace.sell(sku, 1),
    })),
  ]);
  return [
    ...low,
    ...many(SELL_OUT.opening, (i) => ({ at: 0.1 + 0.02 * i, act: () => marketplace.sell(SELL_OUT_SKU, 1) })),
    { at: 0.6, act: () => takeTheLast(client, marketplace, tally), waits: true },
    ...many(6, (i) => ({ at: 0.04 + 0.05 * i, act: () => marketplace.sell(COUNTED_SKU, 1) })),
    { at: 0.3, act: () => wms.shelf.slip(COUNTED_SKU, wms.homeLocation, -COUNTED_GONE) },
    { at: 0.75, act: () => aloneInItsMoment(() => wms.count(COUNTED_SKU)) },
    {
      at: 0.5,
      act: () => {
        tally.countHeld = wms.count(MISCOUNTED_SKU, MISREAD_BY);
      },
    },
  ];
}

/** What others do to the shelf, stamped by their own clocks, is before it or after it. */
async function aloneInItsMoment(act: () => void): Promise<void> {
  await sleep(3);
  act();
  await sleep(3);
}

/** A channel that sells by itself is only counted when it has told: so long its units may be sold twice. */
const COUNTED_MS_MAX = 120_000;

/** What the marketplace's buffer kept: tills, one after the other, until Onhand says that there is none. */
async function takeTheLast(client: OnhandClient, { books }: Day["marketplace"], tally: DayTally): Promise<void> {
  const deadlineMs = performance.now() + COUNTED_MS_MAX;
  const left = SELL_OUT.opening - (books.net.get(SELL_OUT_SKU) ?? 0);
  while ((await availableOf(client)) > left) {
    if (performance.now() >= deadlineMs) throw new Error(`the marketplace's sales of ${SELL_OUT_SKU} are not counted`);
    await sleep(250);
  }
  const path = `/v1/inventory/${SELL_OUT_SKU}/adjustments`;
  for (let key = 1; key <= SELL_OUT.opening + 1; ) {
    const headers = { "idempotency-key": `last-of-${SELL_OUT_SKU}-${key}` };
    try {
      await client.call("POST", path, { delta: -1, reason: "sale", reference: `last-${key}` }, headers);
      tally.taken.set(SELL_OUT_SKU, (tally.taken.get(SELL_OUT_SKU) ?? 0) + 1);
      key += 1;
    } catch (error) {
      if (error instanceof ApiProblem && error.status === 409 && error.retryAfterSeconds === null) return;
      if (error instanceof ApiProblem && error.status < 500 && error.status !== 409) throw error;
      await sleep(500);
    }
  }
}

/** Whoever is away for a moment is asked again. */
async function availableOf(client: OnhandClient): Promise<number> {
  try {
    return (await client.call<{ available: number }>("GET", `/v1/inventory/${SELL_OUT_SKU}`)).available;
  } catch (error) {
    if (error instanceof ApiProblem && error.status < 500) throw error;
    return Number.POSITIVE_INFINITY;
  }
}

const many = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));
