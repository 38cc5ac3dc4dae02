/**
 * The verdict over a run: counters asked by RPC, Redis read directly, Shopify's own store; every unit accounted for; and
 * no check that a run without traffic would pass. Nothing here trusts Onhand's API for a number that it judges, except
 * for what the tills were told.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { table } from "../cli/table.ts";
import type { ShopifySimulator } from "../shopify-simulator/simulator.ts";
import type { Stack } from "../stack/stack.ts";
import { type Account, compareLevels, type Difference, type LevelTable, unbalanced } from "./compare.ts";
import { duplicatesOf, oversoldUnits } from "./progress.ts";
import type { TrafficTally } from "./traffic.ts";

export type Check = { readonly name: string; readonly value: string | number; readonly holds: boolean };
/** How much must have happened for a verdict to mean something. */
export type Least = { readonly orders: number; readonly skus: number; readonly settledOrders: number };

export type Verdict = {
  readonly isClean: boolean;
  readonly checks: readonly Check[];
  readonly details: readonly string[];
};

const SETTLE_MS_MAX = 25_000;
const LOOK_EVERY_MS = 500;
const REFILL_MS_MAX = 2_000;
const DETAILS_MAX = 20;

type Tables = {
  readonly skus: readonly string[];
  readonly counter: LevelTable;
  readonly redis: LevelTable;
  readonly shopify: LevelTable;
};

/** Waits until all three agree (doubts end by themselves), at most `SETTLE_MS_MAX`; then judges what there is. */
export async function judge(
  stack: Stack,
  simulator: ShopifySimulator,
  tally: TrafficTally,
  least: Least,
): Promise<Verdict> {
  await simulator.idle();
  const deadlineMs = performance.now() + SETTLE_MS_MAX;
  for (;;) {
    const tables = await readTables(stack, simulator);
    const differences = compareLevels(tables.skus, tables.counter, tables.redis, tables.shopify);
    if (differences.length === 0 || performance.now() > deadlineMs)
      return await conclude({ stack, simulator, tally, least, tables, differences });
    await sleep(LOOK_EVERY_MS);
  }
}

async function readTables(stack: Stack, simulator: ShopifySimulator): Promise<Tables> {
  const { SKU_COUNTER, DB } = await stack.worker.bindings();
  const { results } = await DB.prepare("SELECT sku, sku_id FROM skus ORDER BY sku").all<{
    sku: string;
    sku_id: string;
  }>();
  const skus = results.map(({ sku }) => sku);
  const counter = new Map<string, ReadonlyMap<string, number>>();
  for (const { sku, sku_id } of results) {
    const view = (await SKU_COUNTER.getByName(sku_id).levels()) as View | null;
    if (view !== null) counter.set(sku, locationsOf(view));
  }
  // One read of each SKU: what expired meanwhile is refilled. What is missing after that is a difference.
  for (let i = 0; i < skus.length; i += 250)
    await stack.client.call("POST", "/v1/inventory/batch", { skus: skus.slice(i, i + 250) });
  const redis = await readRedis(stack, skus);
  return { skus, counter, redis, shopify: shopifyTable(simulator, new Set(skus)) };
}

/** The refill goes on beside the answer: a key that is not there yet is looked for a little longer. */
async function readRedis(stack: Stack, skus: readonly string[]): Promise<LevelTable> {
  const redis = new Map<string, ReadonlyMap<string, number>>();
  const deadlineMs = performance.now() + REFILL_MS_MAX;
  do {
    for (const sku of skus) {
      if (redis.has(sku)) continue;
      const text = await stack.gateway.command("GET", `onhand:{${sku}}:levels`).catch(() => null);
      if (typeof text === "string") redis.set(sku, locationsOf(JSON.parse(text) as View));
    }
    if (redis.size < skus.length) await sleep(50);
  } while (redis.size < skus.length && performance.now() < deadlineMs);
  return redis;
}

type View = { readonly locations: readonly { readonly locationId: string; readonly available: number }[] };

const locationsOf = (view: View): ReadonlyMap<string, number> =>
  new Map(view.locations.map(({ locationId, available }) => [locationId, available]));

/** The first item of a SKU is the one that Onhand syncs; its duplicate was reported by the import. */
function syncedItems(simulator: ShopifySimulator): ReadonlyMap<string, string> {
  const items = new Map<string, string>();
  for (const { sku, itemId } of simulator.levels()) if (sku !== null && !items.has(sku)) items.set(sku, itemId);
  return items;
}

function shopifyTable(simulator: ShopifySimulator, skus: ReadonlySet<string>): LevelTable {
  const found = new Map<string, Map<string, number>>();
  const items = syncedItems(simulator);
  for (const { sku, itemId, locationId, available } of simulator.levels()) {
    if (sku === null || !skus.has(sku) || items.get(sku) !== itemId) continue;
    found.set(sku, (found.get(sku) ?? new Map<string, number>()).set(locationId, available));
  }
  return found;
}

function accountsOf(simulator: ShopifySimulator, tables: Tables, taken: TrafficTally["taken"]): readonly Account[] {
  const sums = new Map<string, { opening: number; changed: number; pushed: number }>();
  const skuOf = new Map(Array.from(syncedItems(simulator), ([sku, itemId]) => [itemId, sku]));
  for (const { name, cause, itemId, delta } of simulator.changes()) {
    const sku = skuOf.get(itemId);
    if (name !== "available" || !sku) continue;
    const sum = sums.get(sku) ?? { opening: 0, changed: 0, pushed: 0 };
    sums.set(sku, sum);
    if (cause === "seed") sum.opening += delta;
    else if (cause === "api") sum.pushed += delta;
    else sum.changed += delta;
  }
  return tables.skus.flatMap((sku) => {
    const sum = sums.get(sku);
    const levels = tables.shopify.get(sku);
    if (sum === undefined || levels === undefined) return [];
    const units = [...(taken.get(sku)?.values() ?? [])].reduce((total, n) => total + n, 0);
    const closing = [...levels.values()].reduce((total, n) => total + n, 0);
    return [{ sku, opening: sum.opening, changedInShopify: sum.changed, taken: units, pushed: sum.pushed, closing }];
  });
}

type Findings = {
  readonly stack: Stack;
  readonly simulator: ShopifySimulator;
  readonly tally: TrafficTally;
  readonly least: Least;
  readonly tables: Tables;
  readonly differences: readonly Difference[];
};

async function conclude(found: Findings): Promise<Verdict> {
  const { stack, simulator, tally, tables, differences } = found;
  const letters = await stack.client.call<{ waiting: number }>("GET", "/v1/dead-letters?limit=1");
  const gate = await stack.client.call<{
    rowsSent: number;
    calls: { mutations: number; reads: number; rateLimited: number };
  }>("GET", `/v1/shops/${simulator.shop}/gate`);
  const accounts = accountsOf(simulator, tables, tally.taken);
  const open = unbalanced(accounts);
  const checks = [...trafficChecks(found), ...stockChecks(found, accounts, open)];
  checks.push({ name: "dead letters", value: letters.waiting, holds: letters.waiting === 0 });
  const calls = `${gate.rowsSent} rows in ${gate.calls.mutations} calls, ${gate.calls.reads} reads, ${gate.calls.rateLimited} rate-limit hits`;
  checks.push({ name: "pushed to Shopify", value: calls, holds: gate.rowsSent > 0 && gate.calls.rateLimited === 0 });
  return { isClean: checks.every(({ holds }) => holds), checks, details: detailsOf(differences, open) };
}

function trafficChecks({ stack, simulator, tally, least }: Findings): Check[] {
  const { webhooks } = simulator.stats();
  const share = (part: number, whole: number): string => `${part} (${Math.round((100 * part) / Math.max(1, whole))} %)`;
  const some = (name: string, value: number, least = 1, shown: string | number = value): Check => ({
    name,
    value: shown,
    holds: value >= least,
  });
  return [
    some("orders placed", tally.orders, least.orders),
    some("… with the flash-sale SKU", tally.flashOrders, tally.orders / 4, share(tally.flashOrders, tally.orders)),
    some("webhooks delivered", webhooks.delivered),
    some(
      "… twice",
      webhooks.duplicated,
      0.05 * webhooks.submitted * 0.8,
      share(webhooks.duplicated, webhooks.submitted),
    ),
    some(
      "… out of order",
      webhooks.reordered,
      0.1 * webhooks.submitted * 0.8,
      share(webhooks.reordered, webhooks.submitted),
    ),
    some("… never (level webhooks)", webhooks.dropped),
    some("known again at the counters", duplicatesOf(stack.log.tally())),
    some("cancellations and refunds", tally.cancels + tally.refunds, least.settledOrders),
    some("cancellations", tally.cancels),
    some("refunds", tally.refunds),
    some("merchant's edits", tally.edits),
    some("units taken by tills over the API", tally.takes),
    some("… refused, stock being gone", tally.takesRefused),
    some("… asked again with the same key", tally.takesRepeated),
  ];
}

function stockChecks(
  { simulator, least, tables, differences }: Findings,
  accounts: readonly Account[],
  open: readonly Account[],
): Check[] {
  const oversold = oversoldUnits(simulator);
  const levels = [...tables.shopify.values()].reduce((sum, locations) => sum + locations.size, 0);
  return [
    { name: "SKUs", value: tables.skus.length, holds: tables.skus.length >= least.skus },
    { name: "levels compared: counter = Redis = Shopify", value: levels, holds: levels >= 2 * least.skus },
    { name: "… that differ", value: differences.length, holds: differences.length === 0 },
    {
      name: "SKUs whose units are all accounted for",
      value: accounts.length - open.length,
      holds: open.length === 0 && accounts.length === tables.skus.length,
    },
    { name: "oversold units", value: oversold, holds: oversold === 0 },
  ];
}

function detailsOf(differences: readonly Difference[], open: readonly Account[]): readonly string[] {
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
