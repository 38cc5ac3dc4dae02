/** Waits until the day's channels are at rest and agree with the counters, then finds what the verdict asks. */
import { setTimeout as sleep } from "node:timers/promises";
import type { ShopifySimulator } from "../../shopify-simulator/simulator.ts";
import type { Stack } from "../../stack/stack.ts";
import type { LevelTable } from "../compare.ts";
import { skuOf } from "./connect-square.ts";
import { type Day, SQUARE_PLACE, STORE, tellersOf, WAREHOUSE, WMS } from "./day.ts";
import { type DayFound, dayChecks, type Restocked } from "./day-checks.ts";
import { RUNNING_LOW, RUNNING_LOW_SKUS, SELL_OUT, SELL_OUT_SKU, SHELF_SKUS } from "./day-skus.ts";
import type { DayTally } from "./play-day.ts";

/** A receiver that was away is asked again within half a minute, and its answer may make the next document. */
const REST_MS_MAX = 150_000;
/** A notification that was not taken is told again after 5 and after 35 seconds. */
const AGREE_MS_MAX = 90_000;
const LOOK_EVERY_MS = 250;
const QUIET_LOOKS = 8;

/** All events are with Onhand, every buyer has his parcel, everything that ran low has come. */
export async function dayAtRest(stack: Stack, simulator: ShopifySimulator, day: Day): Promise<void> {
  const deadlineMs = performance.now() + REST_MS_MAX;
  let quiet = 0;
  // What is told may be answered: only nothing under way for a while is rest.
  while (quiet < QUIET_LOOKS && performance.now() < deadlineMs) {
    await Promise.race([day.idle(), sleep(LOOK_EVERY_MS)]);
    quiet = isDone(day) && (await isIdle(day)) && (await isTold(stack, simulator, day)) ? quiet + 1 : 0;
    await sleep(LOOK_EVERY_MS);
  }
}

const isDone = ({ wms, marketplace }: Day): boolean =>
  wms.dispatch.waiting() === 0 && marketplace.waiting === 0 && RUNNING_LOW_SKUS.every((sku) => hasArrived(wms, sku));

/** What Square shows is what we have at the store: its sales have come to us, and ours to it. */
async function squareOtherwise(
  { client }: Stack,
  simulator: ShopifySimulator,
  { square }: Day,
): Promise<readonly string[]> {
  const store = simulator.store.locations[1]?.id;
  const items = [...square.model.items];
  const levels = await Promise.all(
    items.map(async (item) => {
      const view = await client.call<View>("GET", `/v1/inventory/${encodeURIComponent(skuOf(item))}`);
      return view.locations.find(({ locationId }) => locationId === store)?.available;
    }),
  );
  return items.filter((item, i) => levels[i] !== square.model.level(item, SQUARE_PLACE));
}

const hasArrived = ({ purchasing }: Day["wms"], sku: string): boolean =>
  purchasing.all().some(({ told, received }) => told.sku === sku && received >= told.quantity);

const isIdle = (day: Day): Promise<boolean> => Promise.race([day.idle().then(() => true), sleep(20).then(() => false)]);

/** Every document is sent, and Square shows what we have. */
async function isTold(stack: Stack, simulator: ShopifySimulator, day: Day): Promise<boolean> {
  const path = `/v1/channels/${WMS}/documents?state=waiting&limit=1`;
  const { documents } = await stack.client.call<{ documents: readonly unknown[] }>("GET", path);
  return documents.length === 0 && (await squareOtherwise(stack, simulator, day)).length === 0;
}

/** SKU → what channels took from or brought to the stock that the shops share: taken is above zero. */
export function takenByDay(day: Day, tally: DayTally): ReadonlyMap<string, number> {
  const taken = new Map<string, number>();
  const add = (sku: string, units: number): void => void taken.set(sku, (taken.get(sku) ?? 0) + units);
  for (const [item, units] of day.square.books.sold) add(skuOf(item), units);
  for (const { item, before, found } of day.square.books.counts) if (before !== null) add(skuOf(item), before - found);
  for (const [sku, units] of [...day.marketplace.books.net, ...day.till.books.net, ...tally.taken]) add(sku, units);
  for (const { cause, sku, available } of day.wms.shelf.entries) if (cause !== "opening") add(sku, -available);
  return taken;
}

export type Looked = {
  readonly stack: Stack;
  readonly simulator: ShopifySimulator;
  readonly day: Day;
  readonly tally: DayTally;
  /** Levels of the counters, that no longer move. */
  readonly counters: LevelTable;
};

/** @returns what there is once it is as it should be, or when it is time */
export async function findDay(looked: Looked): Promise<DayFound> {
  const deadlineMs = performance.now() + AGREE_MS_MAX;
  for (;;) {
    const found = await look(looked);
    if (dayChecks(found).every(({ holds }) => holds) || performance.now() >= deadlineMs) return found;
    await sleep(LOOK_EVERY_MS);
  }
}

async function look({ stack, simulator, day, tally, counters }: Looked): Promise<DayFound> {
  const shownOtherwise = otherwiseShown(day, simulator, counters);
  const { wms, marketplace, till, square, sink } = day;
  const shelves = await Promise.all(SHELF_SKUS.map((sku) => shelfOf(stack, simulator, day, sku)));
  const senders = tellersOf(day).map(([, { sender }]) => sender);
  const receivers = [wms, marketplace, sink].map(({ receiver }) => receiver.stats);
  const sum = <Row>(rows: readonly Row[], of: (row: Row) => number): number => rows.reduce((n, row) => n + of(row), 0);
  return {
    marketplaceOrders: marketplace.orders,
    tillReceipts: till.receipts,
    squareSales: sum([...square.books.sold.values()], (units) => units),
    squareItems: square.model.items.size,
    squareOtherwise: await squareOtherwise(stack, simulator, day),
    squareTwice: square.model.applied.length - new Set(square.model.applied.map(nameOfApplied)).size,
    returns: marketplace.books.units("return") + till.books.units("return"),
    cancellations: marketplace.books.units("cancellation") + till.books.units("cancellation"),
    shipments: wms.dispatch.shippedUnits(),
    warehouseDocuments: wms.shelf.entries.filter(({ cause }) => cause !== "opening" && cause !== "shipment").length,
    levelsShown: marketplace.levels.all().length + wms.levels.all().length,
    shownOtherwise,
    shelves: shelves.length,
    shelvesOtherwise: shelves.filter(({ onHand, lying }) => onHand !== lying).map(({ sku }) => sku),
    unshipped: wms.dispatch.waiting() + marketplace.waiting,
    committedLeft: sum(shelves, ({ committedLeft }) => committedLeft),
    heldCounts: await heldCounts(stack),
    heldCountsExpected: tally.countHeld === null ? 0 : 1,
    badSignatures: sum(receivers, ({ badSignatures }) => badSignatures),
    idsReused: sum(receivers, ({ idsReused }) => idsReused),
    forged: sum(senders, ({ stats }) => stats.forged),
    forgedRefused: sum(senders, ({ stats }) => stats.forgedRefused),
    refusals: sum(senders, ({ refusals }) => refusals.length),
    notifications: sink.told.size,
    restocked: await Promise.all(RUNNING_LOW_SKUS.map((sku) => restocked(stack, day, sku))),
    chatLacks: [...sink.told.values()].filter(({ title }) => !sink.chat.some((text) => text.includes(title))).length,
    toldTwice: [...sink.told.values()].filter(({ messages }) => messages.size > 1).map(({ id }) => id),
  };
}

/** A call changes an item at a place once. */
const nameOfApplied = ({ key, item, location }: Day["square"]["model"]["applied"][number]): string =>
  JSON.stringify([key, item, location]);

async function restocked({ client }: Stack, { wms, sink }: Day, sku: string): Promise<Restocked> {
  type Reorder = { readonly state: string; readonly quantity: number; readonly received: number };
  const { reorders } = await client.call<{ reorders: readonly Reorder[] }>("GET", `/v1/reorders?sku=${sku}`);
  const bought = wms.purchasing.all().filter(({ told }) => told.sku === sku);
  const heard = (kind: string): number => sink.of(kind, sku).length;
  return {
    sku,
    reorders,
    bought: bought.reduce((sum, { received }) => sum + received, 0),
    news: [heard("inventory.low_stock"), heard("reorder.requested"), heard("reorder.received")],
  };
}

/** @returns items of which marketplace or warehouse show something else than the counters have */
function otherwiseShown(day: Day, simulator: ShopifySimulator, counters: LevelTable): readonly string[] {
  const [warehouse = "", store = ""] = simulator.store.locations.map(({ id }) => id);
  const listed = [...day.marketplace.listed.keys()].filter((sku) => {
    const kept = sku === SELL_OUT_SKU ? SELL_OUT.buffer : 0;
    const sellable = Math.max(0, (counters.get(sku)?.get(warehouse) ?? 0) - kept);
    return day.marketplace.levels.get(sku)?.available !== sellable;
  });
  const kept = [...counters].filter(([sku, levels]) => {
    const told = day.wms.levels.get(sku);
    if (told === undefined) return true;
    const at = (name: string): number => told.locations.find(({ locationId }) => locationId === name)?.available ?? 0;
    return [
      [WAREHOUSE, warehouse],
      [STORE, store],
    ].some(([name = "", ours = ""]) => at(name) !== Math.max(0, levels.get(ours) ?? 0));
  });
  return [...listed, ...kept.map(([sku]) => sku)];
}

type View = {
  readonly locations: readonly {
    readonly locationId: string;
    readonly available: number;
    readonly onHand: number;
    readonly committed: number;
  }[];
};

async function shelfOf({ client }: Stack, simulator: ShopifySimulator, day: Day, sku: string) {
  const warehouse = simulator.store.locations[0]?.id;
  const view = await client.call<View>("GET", `/v1/inventory/${encodeURIComponent(sku)}?channel=wms-main`);
  const level = view.locations.find(({ locationId }) => locationId === warehouse);
  // Of the shop's own orders nothing has left: they are the shop's to ship.
  const owedByShop = (RUNNING_LOW_SKUS as readonly string[]).includes(sku) ? RUNNING_LOW.shopifyOrders : 0;
  const committed = level?.committed ?? 0;
  const lying = day.wms.shelf.lying(sku, WAREHOUSE);
  return { sku, lying, onHand: level?.onHand ?? null, committedLeft: Math.abs(committed - owedByShop) };
}

/** Read from D1, past the API. */
async function heldCounts({ worker }: Stack): Promise<number> {
  const { DB } = await worker.bindings();
  const { results } = await DB.prepare(
    "SELECT count(*) AS n FROM count_findings WHERE kind = 'approval' AND state = 'held'",
  ).all<{
    n: number;
  }>();
  return results[0]?.n ?? 0;
}
