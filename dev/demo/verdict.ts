/** The verdict over a run: what has settled agrees, every unit is accounted for, and no check that a run without traffic would pass. */
import { table } from "../cli/table.ts";
import type { ShopifySimulator } from "../shopify-simulator/simulator.ts";
import type { Stack } from "../stack/stack.ts";
import { type Check, type Happened, type Least, none, some, stockChecks, trafficChecks } from "./checks.ts";
import { type Account, type Difference, type LevelTable, unbalanced } from "./compare.ts";
import type { Day } from "./day/day.ts";
import { type DayFound, dayChecks } from "./day/day-checks.ts";
import { dayAtRest, findDay, takenByDay } from "./day/judge-day.ts";
import type { DayTally } from "./day/play-day.ts";
import { duplicatesOf, oversoldUnits } from "./progress.ts";
import { soldBySecond } from "./second-shop.ts";
import { behindSecondOf, type SettledStock, settledStock } from "./settled-stock.ts";
import { accountsOf, unitsFromSecondLocation } from "./shop-tables.ts";
import type { TrafficTally } from "./traffic.ts";

export type Verdict = {
  readonly isClean: boolean;
  readonly checks: readonly Check[];
  readonly details: readonly string[];
  /** SKUs with units that are not accounted for, or that are sold and not there. */
  readonly suspect: readonly string[];
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
  /** Channels that took part. */
  readonly day?: { readonly day: Day; readonly tally: DayTally };
};

const DETAILS_MAX = 20;

/** Waits until all is delivered, and counters and Shopify agree; then judges what there is. */
export async function judge(judged: Judged): Promise<Verdict> {
  // What a channel still tells moves the stock: only then can anything agree.
  if (judged.day !== undefined) await dayAtRest(judged.stack, judged.simulator, judged.day.day);
  return conclude(judged, await settledStock(judged));
}

async function conclude(
  judged: Judged,
  { skus, counters, shopify, differences, behind }: SettledStock,
): Promise<Verdict> {
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
  const oversold = simulator.levels().filter(({ available }) => available < 0);
  const details = [...detailsOf(differences, open, behind ?? []), ...oversoldDetails(oversold)];
  if (judged.day !== undefined) {
    const { day, tally } = judged.day;
    const found = await findDay({ stack, simulator, day, tally, counters: counters.levels });
    checks.push(...dayChecks(found));
    details.push(...dayDetails(found));
  }
  const suspect = [...open.map(({ sku }) => sku), ...oversold.flatMap(({ sku }) => sku ?? [])];
  return { isClean: checks.every(({ holds }) => holds), checks, details, suspect };
}

function secondChecks(stack: Stack, second: ShopifySimulator, counters: LevelTable): readonly Check[] {
  return [
    some("orders in the second shop", second.store.orders.length),
    some("SKUs that it sells from the first one's shelf", second.store.items.length),
    none("… of which it shows another level", behindSecondOf(stack, counters).length),
  ];
}

/** By tills, by channels, and by the second shop's buyers: to the first shop it is the same. */
function takenElsewhere({ stack, tally, day }: Judged): TrafficTally["taken"] {
  const taken = new Map(tally.taken);
  const add = (by: string, units: ReadonlyMap<string, number>): void => {
    for (const [sku, n] of units) taken.set(sku, new Map(taken.get(sku)).set(by, n));
  };
  if (stack.second !== null) add("second shop", soldBySecond(stack.second));
  if (day !== undefined) add("channels", takenByDay(day.day, day.tally));
  return taken;
}

function dayDetails({ shownOtherwise, squareOtherwise, shelvesOtherwise, toldTwice }: DayFound): readonly string[] {
  const lists: readonly (readonly [string, readonly string[]])[] = [
    ["Shown otherwise by a channel", shownOtherwise],
    ["Shown otherwise by Square", squareOtherwise],
    ["On hand otherwise than on the warehouse's shelf", shelvesOtherwise],
    ["Told more than once", toldTwice],
  ];
  return lists.flatMap(([what, of]) => (of.length === 0 ? [] : [`${what}: ${of.slice(0, DETAILS_MAX).join(", ")}`]));
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

function oversoldDetails(oversold: ReturnType<ShopifySimulator["levels"]>): readonly string[] {
  if (oversold.length === 0) return [];
  const rows = oversold
    .slice(0, DETAILS_MAX)
    .map(({ sku, locationId, available }) => [sku ?? "(no SKU)", locationId, available]);
  return [`Oversold:\n${table(["SKU", "LOCATION", "AVAILABLE"], rows)}`];
}

export function sayVerdict({ isClean, checks, details }: Verdict): string {
  const rows = checks.map(({ name, value, holds }) => [holds ? "✓" : "✗", name, String(value)]);
  const failed = checks.filter(({ holds }) => !holds).length;
  const last = isClean
    ? "VERDICT: clean. Every channel agrees, every unit is accounted for."
    : `VERDICT: NOT clean, ${failed} checks failed.`;
  return [table(["", "CHECK", "FOUND"], rows), ...details, last].join("\n\n");
}
