/**
 * What counters, Redis and Shopify say of every SKU once all is delivered and nothing moves any more. Counters are asked by
 * RPC, Redis is read directly, Shopify's store as well: nothing here trusts Onhand's API for a level.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { ShopifySimulator } from "../shopify-simulator/simulator.ts";
import { LOCAL_CRON_EVERY_MS, LOCAL_TIMING } from "../stack/local-timing.ts";
import type { Stack } from "../stack/stack.ts";
import { compareLevels, type Difference, type LevelTable } from "./compare.ts";
import { behindInRedis, locationsOf, redisTable } from "./mirror-check.ts";
import { behindSecond } from "./second-shop.ts";
import { shopifyTable, syncedItems } from "./shop-tables.ts";

export type Settling = {
  readonly stack: Stack;
  readonly simulator: ShopifySimulator;
  /** Redis kept everything it was given: only then its versions tell of every write. */
  readonly isMirrorWhole: boolean;
  /** SKUs that are not to agree: whoever broke them for good says so, and looks at them himself. */
  readonly except?: readonly string[];
};

/** For what is still being delivered, to us or by a gate that pauses: on a busy machine that alone takes longer than agreeing. */
const DELIVER_MS_MAX = 90_000;
/** An edit in Shopify whose webhook was lost, and that nothing followed, is found by the next reconciliation alone. */
const FIND_MS_MAX = LOCAL_TIMING.reconcileChangedEveryMs + LOCAL_CRON_EVERY_MS;
/** For what follows from the last delivery, and for that reconciliation: Shopify's points let it fetch some 25 orders a second. */
const SETTLE_MS_MAX = FIND_MS_MAX + 45_000;
const LOOK_EVERY_MS = 250;
/** Each call goes through the local runtime's front door: one after the other, hundreds take seconds on a busy machine. */
const COUNTERS_AT_ONCE = 25;
/** Two seconds each: longer than the mirror leaves Redis alone after faults. */
const ASKS_AFTER_FAULTS = 4;

export type SettledStock = {
  /** All that were to agree. */
  readonly skus: readonly string[];
  readonly counters: Counters;
  readonly shopify: LevelTable;
  readonly differences: readonly Difference[];
  /** Null: not to be told, because Redis lost writes. */
  readonly behind: readonly string[] | null;
};

/** Waits until all is delivered, and counters and Shopify agree (doubts end by themselves); then tells what there is. */
export async function settledStock(settling: Settling): Promise<SettledStock> {
  await delivered(settling);
  const deadlineMs = performance.now() + SETTLE_MS_MAX;
  for (;;) {
    const found = await compare(settling, await settled(settling, deadlineMs));
    // A reconciliation may bring orders again, which reserve until a read: then Redis was not asked about the same levels.
    // Not asked again is whether all was written through: the first look has filled what lacked.
    const isOpen = found.differences.length > 0 && (found.behind ?? []).length === 0;
    if (!isOpen || performance.now() >= deadlineMs || !(await haveMoved(settling, found.counters))) {
      return found;
    }
  }
}

/** Counters once they agree with every shop, or as they are at the deadline. */
async function settled(settling: Settling, deadlineMs: number): Promise<Counters> {
  const { stack, simulator } = settling;
  const skus = skusOf(settling);
  for (;;) {
    const counters = await readCounters(stack);
    const isSettled =
      agree(skus, counters.levels, shopifyTable(simulator)) && behindSecondOf(stack, counters.levels).length === 0;
    if (isSettled || performance.now() >= deadlineMs) return counters;
    await sleep(LOOK_EVERY_MS);
  }
}

async function haveMoved({ stack }: Settling, { versions }: Counters): Promise<boolean> {
  const now = await readCounters(stack);
  return [...now.versions].some(([sku, version]) => version !== versions.get(sku));
}

async function compare(settling: Settling, counters: Counters): Promise<SettledStock> {
  const { stack, simulator, isMirrorWhole } = settling;
  const skus = skusOf(settling);
  // A write that timed out on a busy machine is lost by design, and heals when what it should have replaced expires.
  const faults = stack.log.tally().events.get("mirror.fault") ?? 0;
  const behind = await behindInRedis(stack, counters.versions);
  if (faults > 0 && behind.length > 0) await sleep(LOCAL_TIMING.mirrorTtlSecondsMax * 1_000);
  const redis = await redisTable(stack, skus, faults > 0 ? ASKS_AFTER_FAULTS : 1);
  const shopify = shopifyTable(simulator);
  const differences = compareLevels(skus, counters.levels, redis, shopify);
  return { skus, counters, shopify, differences, behind: isMirrorWhole && faults === 0 ? behind : null };
}

/** A gate that pauses after an outage tries again within half a minute: nothing can agree before. */
async function delivered({ stack, simulator }: Settling): Promise<void> {
  const deadlineMs = performance.now() + DELIVER_MS_MAX;
  // Unreferenced: the deadline of a wait that is over keeps nobody waiting.
  await Promise.race([
    Promise.all([simulator.idle(), stack.second?.idle()]),
    sleep(DELIVER_MS_MAX, undefined, { ref: false }),
  ]);
  const isPaused = async (): Promise<boolean> => {
    const gate = await stack.client.call<{ pausedReason: string | null }>("GET", `/v1/shops/${simulator.shop}/gate`);
    return gate.pausedReason !== null;
  };
  while ((await isPaused()) && performance.now() < deadlineMs) await sleep(LOOK_EVERY_MS);
}

type Counters = { readonly levels: LevelTable; readonly versions: ReadonlyMap<string, number> };

type View = {
  readonly version: number;
  readonly locations: readonly { readonly locationId: string; readonly available: number }[];
};

async function readCounters(stack: Stack): Promise<Counters> {
  const { SKU_COUNTER, DB } = await stack.worker.bindings();
  const { results } = await DB.prepare("SELECT sku, sku_id FROM skus ORDER BY sku").all<{
    sku: string;
    sku_id: string;
  }>();
  const levels = new Map<string, ReadonlyMap<string, number>>();
  const versions = new Map<string, number>();
  for (let i = 0; i < results.length; i += COUNTERS_AT_ONCE) {
    const chunk = results.slice(i, i + COUNTERS_AT_ONCE);
    const views = await Promise.all(chunk.map(({ sku_id }) => SKU_COUNTER.getByName(sku_id).levels()));
    for (const [k, { sku }] of chunk.entries()) {
      const view = views[k] as View | null;
      if (view === null) continue;
      levels.set(sku, locationsOf(view));
      versions.set(sku, view.version);
    }
  }
  return { levels, versions };
}

const agree = (skus: readonly string[], counter: LevelTable, shopify: LevelTable): boolean =>
  compareLevels(skus, counter, counter, shopify).length === 0;

function skusOf({ simulator, except = [] }: Settling): readonly string[] {
  return [...syncedItems(simulator).keys()].filter((sku) => !except.includes(sku));
}

export const behindSecondOf = ({ simulator, second }: Stack, counters: LevelTable): readonly string[] =>
  simulator === null || second === null ? [] : behindSecond(simulator, second, counters);
