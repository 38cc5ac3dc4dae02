/**
 * The local stack with a small day of trade, to be disturbed: two shops that share a stock, a till, a marketplace, a warehouse,
 * and whoever is told of news. Afterwards every channel agrees, every event that was accepted has had its end, every piece of
 * news was told once, and the alert that belongs to the disturbance has come and gone: nobody lends a hand.
 */
import { expect } from "vitest";
import { AcceptedNews } from "../../../dev/demo/accepted.ts";
import { connectDay } from "../../../dev/demo/day/connect-day.ts";
import { type Day, startDay, tellersOf } from "../../../dev/demo/day/day.ts";
import { seedDaySkus } from "../../../dev/demo/day/day-skus.ts";
import { DAY_SIZE, type DaySize, playDay } from "../../../dev/demo/day/play-day.ts";
import { FLASH_SKU, ordinarySkus, seedDemoShop } from "../../../dev/demo/demo-shop.ts";
import { type Fates, fatesOf } from "../../../dev/demo/fates.ts";
import { type PlanSize, planDemo } from "../../../dev/demo/plan.ts";
import { readDeadLetters, readJournal } from "../../../dev/demo/read-journal.ts";
import { connectSecondShop, playSecondShop, SHARED_SKUS, seedSecondShop } from "../../../dev/demo/second-shop.ts";
import { Traffic } from "../../../dev/demo/traffic.ts";
import { judge, sayVerdict } from "../../../dev/demo/verdict.ts";
import { SeededRandom } from "../../../dev/shopify-simulator/model/seeded-random.ts";
import type { ShopifySimulator } from "../../../dev/shopify-simulator/simulator.ts";
import { registerWebhooks, type Stack, startStack } from "../../../dev/stack/stack.ts";
import type { AlertName } from "../../../src/domain/alerts/alert-table.ts";
import { type AlertChange, type AnyAlert, firedAndOver, readAlerts, setThreshold } from "./alerts.ts";
import { waitUntil } from "./wait-until.ts";

export type World = {
  readonly stack: Stack;
  readonly simulator: ShopifySimulator;
  /** All of them, the one that has the shelf first. */
  readonly shops: readonly ShopifySimulator[];
  readonly day: Day;
  readonly accepted: AcceptedNews;
};

export type Scenario = {
  readonly seed: number;
  readonly size?: Partial<PlanSize>;
  /** What goes wrong with webhooks, beside what does on any day. */
  readonly news?: NonNullable<Parameters<ShopifySimulator["patchFaults"]>[0]["webhooks"]>;
  /** The same of what channels tell. */
  readonly told?: NonNullable<DaySize["faults"]>;
  /** Windows and periods of this scenario's own. */
  readonly timing?: Readonly<Record<string, number>>;
  /** Changes the shop before it is imported. */
  prepare?(simulator: ShopifySimulator): void;
  /** Redis keeps all that it is given. */
  readonly isMirrorWhole: boolean;
  /** Shopify refuses calls for their rate, on purpose. */
  readonly isThrottled?: boolean;
  /** Memory was lost, and with it the local queues: events may be forgotten, and must be healed all the same. */
  readonly forgets?: boolean;
  /** The alert that tells an operator of it; null: there is nothing to tell. */
  readonly alert: AnyAlert | null;
  /** Breaks something at its own pace while trade goes on, and mends it. */
  disturb(world: World): Promise<void>;
  /** What else must be so in the end. */
  after?(world: World, ended: Ended): Promise<void>;
};

export type Ended = { readonly fates: Fates; readonly alerts: readonly AlertChange[] };

const SIZE: PlanSize = {
  durationMs: 20_000,
  orders: 500,
  flashShare: 0.4,
  twoPlaces: 90,
  cancels: 30,
  refunds: 30,
  tills: 150,
  edits: 4,
  ships: 40,
};

/** As on any day. None is lost: what a scenario breaks is the only thing that has to be mended. */
const NEWS_FAULTS = { duplicateRate: 0.08, reorderRate: 0.13, reorderHoldMs: 1_000 };

const LEAST = {
  orders: 300,
  skus: 300,
  settledOrders: 30,
  duplicateShare: 0.03,
  reorderShare: 0.05,
  levelLossShare: 0,
};

/** Alerts count in minutes: here of two seconds. */
const ALERT_MINUTE_MS = 2_000;
/** Recovering takes five of these minutes at most, looked at every five seconds; the rest is for a busy machine. */
const ALERT_MS_MAX = 90_000;
/** Thresholds that trouble of seconds reaches, as trouble of minutes does in production. */
const SENSITIVE: readonly (readonly [AlertName, number])[] = [
  ["sync_latency", 2],
  ["mismatch_rate", 0.001],
];

/** The journal is written beside: a batch's entries with the batch, a request's within a quarter of a second, after D1 was away within ten. */
const JOURNAL_MS_MAX = 30_000;

export async function underLoad(scenario: Scenario): Promise<void> {
  const day = await startDay(scenario.seed);
  try {
    await onStack(day, scenario);
  } finally {
    await day.close();
  }
}

async function onStack(day: Day, scenario: Scenario): Promise<void> {
  const { seed, prepare, timing } = scenario;
  const accepted = new AcceptedNews();
  for (const [channel, { sender }] of tellersOf(day)) sender.onAccepted = (events) => accepted.noteOf(channel, events);
  const stack = await startStack({
    port: 0,
    foreign: null,
    simulator: { seed, courier: { retryScale: 0.001, onAccepted: (delivery) => accepted.note(delivery) } },
    seed: (simulator) => {
      seedDemoShop(simulator);
      seedDaySkus(simulator);
      prepare?.(simulator);
    },
    seedSecond: seedSecondShop,
    timing: { alertMinuteMs: ALERT_MINUTE_MS, ...timing },
    say: () => {},
  });
  try {
    const { simulator, second } = stack;
    if (simulator === null || second === null) throw new Error("no simulators");
    const world: World = { stack, simulator, shops: [simulator, second], day, accepted };
    await tradeAndJudge(world, second, scenario);
    const alerts = scenario.alert === null ? [] : await firedAndOver(stack.client, scenario.alert, ALERT_MS_MAX);
    const ended = { fates: await account(world, scenario), alerts };
    await scenario.after?.(world, ended);
    await say(world, ended);
  } finally {
    await stack.stop();
  }
}

async function tradeAndJudge(world: World, second: ShopifySimulator, scenario: Scenario): Promise<void> {
  const { stack, simulator, day } = world;
  const { client } = stack;
  await connectSecondShop(client, simulator, second);
  await registerWebhooks(client, second.shop, () => {});
  const shared = ordinarySkus(simulator).slice(0, SHARED_SKUS);
  await connectDay(stack, day, simulator, shared);
  for (const [name, threshold] of SENSITIVE) await setThreshold(client, name, threshold);
  const plan = planDemo(new SeededRandom(scenario.seed), [...ordinarySkus(simulator), FLASH_SKU], {
    ...SIZE,
    ...scenario.size,
  });
  for (const shop of world.shops) shop.patchFaults({ webhooks: { ...NEWS_FAULTS, ...scenario.news } });
  const traffic = new Traffic(simulator, client);
  const ended = new AbortController().signal;
  const shops = [traffic.play(plan, ended), playSecondShop(second, SIZE.durationMs, ended), scenario.disturb(world)];
  const [tally] = await Promise.all([
    playDay(day, simulator, client, shared, { ...DAY_SIZE, faults: scenario.told ?? {} }, scenario.seed, ended),
    // Not only with the day: its last tills are told to come again while Shopify leaves us in doubt.
    Promise.all(shops).then(() => {
      for (const shop of world.shops) shop.faults = {};
    }),
  ]);
  if (scenario.forgets === true) await tellAllAgain(day);
  const { isMirrorWhole, isThrottled = false } = scenario;
  const judged = { stack, simulator, tally: traffic.tally, least: LEAST, isMirrorWhole, isThrottled };
  const verdict = await judge({ ...judged, day: { day, tally } });
  if (!verdict.isClean) throw new Error(`${sayVerdict(verdict)}\n${await movementsOf(client, verdict.suspect)}`);
}

/** What Onhand says of units that are not accounted for, or not there: the run is over when somebody wants to know. */
async function movementsOf(client: Stack["client"], skus: readonly string[]): Promise<string> {
  const pages = await Promise.all(
    skus.slice(0, 3).map((sku) => client.call("GET", `/v1/inventory/${encodeURIComponent(sku)}/movements?limit=100`)),
  );
  return pages.map((page) => JSON.stringify(page, null, 1)).join("\n");
}

/** Only once all is accepted: what was when the runtime died, and got no answer, is known by its id when it comes again. */
export async function tellAllAgain(day: Day): Promise<void> {
  await day.idle();
  for (const [, { sender }] of tellersOf(day)) sender.tellAgain();
}

/** Events accepted = events accounted for. */
async function account({ stack, accepted }: World, { forgets = false }: Scenario): Promise<Fates> {
  const read = async (): Promise<Fates> =>
    fatesOf(accepted.all(), await readJournal(stack), await readDeadLetters(stack));
  // After a loss of memory nothing can be waited for: what was in it is gone.
  if (!forgets) await waitUntil(async () => (await read()).forgotten.length === 0, JOURNAL_MS_MAX);
  const fates = await read();
  expect(fates.accepted).toBeGreaterThan(0);
  expect(fates.countedTwice).toEqual([]);
  expect(fates.waiting).toEqual([]);
  if (!forgets) expect(fates.forgotten).toEqual([]);
  return fates;
}

/** For people: what this run was about. */
async function say({ stack }: World, { fates }: Ended): Promise<void> {
  const ends = Object.entries(fates.ends).flatMap(([end, count]) => (count === 0 ? [] : [`${count} ${end}`]));
  const { changes } = await readAlerts(stack.client);
  const alerts = changes.map(({ alert, subject, change }) => `${alert} ${subject} ${change}`).reverse();
  console.log(
    `accepted: ${fates.accepted} events in ${fates.deliveries} deliveries; ended: ${ends.join(", ")}; ` +
      `forgotten: ${fates.forgotten.length}; alerts: ${alerts.join(", ") || "none"}`,
  );
}
