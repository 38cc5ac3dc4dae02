/**
 * The verdict over a run: counters asked by RPC, Redis read directly, Shopify's own store; every unit accounted for; and
 * no check that a run without traffic would pass. Nothing here trusts Onhand's API for a level.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { table } from "../cli/table.ts";
import type { ShopifySimulator } from "../shopify-simulator/simulator.ts";
import { LOCAL_CRON_EVERY_MS, LOCAL_TIMING } from "../stack/local-timing.ts";
import type { Stack } from "../stack/stack.ts";
import { type Check, type Happened, type Least, none, some, stockChecks, trafficChecks } from "./checks.ts";
import { type Account, compareLevels, type Difference, type LevelTable, unbalanced } from "./compare.ts";
import { behindInRedis, locationsOf, redisTable } from "./mirror-check.ts";
import { duplicatesOf, oversoldUnits } from "./progress.ts";
import { behindSecond, soldBySecond } from "./second-shop.ts";
import { accountsOf, shopifyTable, syncedItems, unitsFromSecondLocation } from "./shop-tables.ts";
import type { TrafficTally } from "./traffic.ts";

export type Verdict = {
  readonly isClean: boolean;
  readonly checks: readonly Check[];
  readonly details: readonly string[];
};

export type Judged = {
  readonly stack: Stack;
  readonly simulator: ShopifySimulator;
  readonly tally: TrafficTally;
  readonly least: Least;
  /** Redis kept everything it was given: only then its versions tell of every write. */
  readonly isMirrorWhole: boolean;
  /** Shopify was made to refuse calls for their rate: hits are no fault then. */
  readonly isThrottled?: boolean;
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
const DETAILS_MAX = 20;
/** Two seconds each: longer than the mirror leaves Redis alone after faults. */
const ASKS_AFTER_FAULTS = 4;

/** Waits until all is delivered, and counters and Shopify agree (doubts end by themselves); then judges what there is. */
export async function judge(judged: Judged): Promise<Verdict> {
  await delivered(judged);
  const deadlineMs = performance.now() + SETTLE_MS_MAX;
  for (;;) {
    const found = await compare(judged, await settled(judged, deadlineMs));
    // A reconciliation may bring orders again, which reserve until a read: then Redis was not asked about the same levels.
    // Not asked again is whether all was written through: the first look has filled what lacked.
    const isOpen = found.differences.length > 0 && (found.behind ?? []).length === 0;
    if (!isOpen || performance.now() >= deadlineMs || !(await haveMoved(judged, found.counters))) {
      return conclude(judged, found);
    }
  }
}

/** Counters once they agree with every shop, or as they are at the deadline. */
async function settled({ stack, simulator }: Judged, deadlineMs: number): Promise<Counters> {
  const skus = [...syncedItems(simulator).keys()];
  for (;;) {
    const counters = await readCounters(stack);
    const isSettled =
      agree(skus, counters.levels, shopifyTable(simulator)) && behindSecondOf(stack, counters.levels).length === 0;
    if (isSettled || performance.now() >= deadlineMs) return counters;
    await sleep(LOOK_EVERY_MS);
  }
}

async function haveMoved({ stack }: Judged, { versions }: Counters): Promise<boolean> {
  const now = await readCounters(stack);
  return [...now.versions].some(([sku, version]) => version !== versions.get(sku));
}

async function compare({ stack, simulator, isMirrorWhole }: Judged, counters: Counters): Promise<Found> {
  const skus = [...syncedItems(simulator).keys()];
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
async function delivered({ stack, simulator }: Judged): Promise<void> {
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

type Found = {
  readonly skus: readonly string[];
  readonly counters: Counters;
  readonly shopify: LevelTable;
  readonly differences: readonly Difference[];
  /** Null: not to be told, because Redis lost writes. */
  readonly behind: readonly string[] | null;
};

async function conclude(judged: Judged, { skus, counters, shopify, differences, behind }: Found): Promise<Verdict> {
  const { stack, simulator, least } = judged;
  const letters = await stack.client.call<{ waiting: number }>("GET", "/v1/dead-letters?limit=1");
  const accounts = accountsOf(simulator, takenElsewhere(judged));
  const open = unbalanced(accounts);
  const stock = {
    skusInShop: skus.length,
    skusNotInCatalogue: skus.filter((sku) => !counters.levels.has(sku)),
    levelsCompared: [...shopify.values()].reduce((sum, locations) => sum + locations.size, 0),
    differences,
    behindInRedis: behind,
    accounts,
    unbalanced: open,
    oversoldUnits: oversoldUnits(simulator),
  };
  const checks = [
    ...trafficChecks(happenedIn(judged), least),
    ...stockChecks(stock, least),
    ...(stack.second === null ? [] : secondChecks(stack, stack.second, counters.levels)),
    none("dead letters", letters.waiting),
    await pushCheck(judged),
  ];
  const details = detailsOf(differences, open, behind ?? []);
  return { isClean: checks.every(({ holds }) => holds), checks, details };
}

const behindSecondOf = ({ simulator, second }: Stack, counters: LevelTable): readonly string[] =>
  simulator === null || second === null ? [] : behindSecond(simulator, second, counters);

function secondChecks(stack: Stack, second: ShopifySimulator, counters: LevelTable): readonly Check[] {
  return [
    some("orders in the second shop", second.store.orders.length),
    some("SKUs that it sells from the first one's shelf", second.store.items.length),
    none("… of which it shows another level", behindSecondOf(stack, counters).length),
  ];
}

/** By tills, and by the second shop's buyers: to the first shop it is the same. */
function takenElsewhere({ stack, tally }: Judged): TrafficTally["taken"] {
  if (stack.second === null) return tally.taken;
  const taken = new Map(tally.taken);
  for (const [sku, units] of soldBySecond(stack.second))
    taken.set(sku, new Map(taken.get(sku)).set("second shop", units));
  return taken;
}

function happenedIn({ stack, simulator, tally }: Judged): Happened {
  return {
    ...tally,
    fromSecondLocation: unitsFromSecondLocation(simulator),
    knownAgain: duplicatesOf(stack.log.tally()),
    webhooks: simulator.stats().webhooks,
  };
}

async function pushCheck({ stack, simulator, isThrottled }: Judged): Promise<Check> {
  const { rowsSent, calls } = await stack.client.call<{
    rowsSent: number;
    calls: { mutations: number; reads: number; rateLimited: number };
  }>("GET", `/v1/shops/${simulator.shop}/gate`);
  const value = `${rowsSent} rows in ${calls.mutations} calls, ${calls.reads} reads, ${calls.rateLimited} rate-limit hits`;
  return { name: "pushed to Shopify", value, holds: rowsSent > 0 && (isThrottled === true || calls.rateLimited === 0) };
}

function detailsOf(
  differences: readonly Difference[],
  open: readonly Account[],
  behind: readonly string[],
): readonly string[] {
  const details: string[] = [];
  if (differences.length > 0) {
    const rows = differences
      .slice(0, DETAILS_MAX)
      .map(({ sku, locationId, counter, redis, shopify }) => [sku, locationId, counter, redis, shopify]);
    details.push(`Levels that differ:\n${table(["SKU", "LOCATION", "COUNTER", "REDIS", "SHOPIFY"], rows)}`);
  }
  if (open.length > 0) {
    const rows = open
      .slice(0, DETAILS_MAX)
      .map((a) => [a.sku, a.opening, a.changedInShopify, a.taken, a.pushed, a.closing]);
    details.push(
      `Units not accounted for:\n${table(["SKU", "OPENING", "CHANGED IN SHOPIFY", "TAKEN", "PUSHED", "CLOSING"], rows)}`,
    );
  }
  if (behind.length > 0) details.push(`Not written through to Redis: ${behind.slice(0, DETAILS_MAX).join(", ")}`);
  return details;
}

export function sayVerdict({ isClean, checks, details }: Verdict): string {
  const rows = checks.map(({ name, value, holds }) => [holds ? "✓" : "✗", name, String(value)]);
  const failed = checks.filter(({ holds }) => !holds).length;
  const last = isClean
    ? "VERDICT: clean. Every channel agrees, every unit is accounted for."
    : `VERDICT: NOT clean, ${failed} checks failed.`;
  return [table(["", "CHECK", "FOUND"], rows), ...details, last].join("\n\n");
}
