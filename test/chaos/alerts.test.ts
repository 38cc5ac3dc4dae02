/** Whatever is away, hangs or is cut off while alerts are evaluated: each is told in time, once, and is over once. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it, onTestFinished } from "vitest";
import { USUAL_WINDOWS } from "../../src/domain/alerts/topic-history.ts";
import {
  changesOf,
  discardPoison,
  minutesUntil,
  poison,
  startReceivers,
  type Told,
  toldTo,
} from "./support/alert-receiver.ts";
import { type AnyAlert, readAlerts, setThreshold } from "./support/alerts.ts";
import { book } from "./support/asks.ts";
import { broken } from "./support/broken.ts";
import { type Calm, calmWorld } from "./support/calm.ts";
import { waitUntil } from "./support/wait-until.ts";

const { webhook, settings } = await startReceivers();
/** So short that a topic's history of a day is made in seconds. */
const ALERT_MINUTE_MS = 60;
const WINDOW_MS = 10 * ALERT_MINUTE_MS;
const world = calmWorld({ seed: 67, timing: { alertMinuteMs: ALERT_MINUTE_MS }, settings });

const TOLD_MS_MAX = 30_000;

/** Of this subject, since the test began. */
const toldSince = (begin: number, alert: AnyAlert, subject: string): readonly Told[] =>
  toldTo(webhook)
    .slice(begin)
    .filter((told) => told.alert === alert && told.subject === subject);
const kindsOf = (told: readonly Told[]): readonly string[] => told.map(({ change }) => change);

/** Sales beside whatever is broken: both must count. */
async function trade(calm: Calm): Promise<void> {
  const sku = calm.sku();
  calm.buy([sku, 2]);
  expect(await calm.take(sku, 1)).toBe(true);
}

/** An operator's threshold, for this test. */
async function threshold(calm: Calm, alert: "queue_lag" | "oversell", value: number): Promise<void> {
  onTestFinished(() => calm.stack.client.call("DELETE", `/v1/alerts/thresholds/${alert}`));
  await setThreshold(calm.stack.client, alert, value);
}

afterEach(async () => {
  await discardPoison(world());
});

const LETTERS = ["dead_letter_growth", "onhand-events"] as const;

/** One alert, and its end. */
async function firedAndOverOnce(calm: Calm, begin: number, ...subject: readonly [AnyAlert, string]): Promise<void> {
  await minutesUntil(calm, () => toldSince(begin, ...subject).length >= 2);
  expect(kindsOf(toldSince(begin, ...subject)).toSorted()).toEqual(["fired", "recovered"]);
}

describe("an evaluation", () => {
  it("is cut off after it decided: what it found is queued by the next one, under the same id", async () => {
    const calm = world();
    const begin = webhook.received.length;
    const mend = await broken(calm, { where: "NOTIFICATIONS", what: "sendBatch", about: '"alert"', how: "refuse" });
    await trade(calm);
    await poison(calm);
    const fired = async () => (await changesOf(calm, ...LETTERS)).filter(({ change }) => change === "fired");
    expect(await minutesUntil(calm, async () => (await fired()).length > 0)).toBe(true);
    const [change] = await fired();
    await calm.minute();
    expect(toldSince(begin, ...LETTERS)).toEqual([]);
    expect(await mend()).toBeGreaterThan(1);
    await firedAndOverOnce(calm, begin, ...LETTERS);
    expect(toldSince(begin, ...LETTERS).find(({ change }) => change === "fired")?.id).toContain(change?.id);
    // The queue alone was away: that alerts cannot be evaluated would be no true word.
    expect(await changesOf(calm, "not_evaluated", "")).toEqual([]);
    await discardPoison(calm);
    await calm.nothingIsLost();
  });

  it("is made three times at once: one of them counts, and each change is told once", async () => {
    const calm = world();
    const begin = webhook.received.length;
    const known = (await changesOf(calm, ...LETTERS)).length;
    const slow = { where: "DB", what: "batch", about: "alert_memory", how: "late", hangMs: 1_000 } as const;
    const mend = await broken(calm, slow);
    await trade(calm);
    await poison(calm);
    await minutesUntil(calm, async () => {
      await Promise.all([calm.minute(), calm.minute(), calm.minute()]);
      return (await changesOf(calm, ...LETTERS)).length >= known + 1;
    });
    expect(await mend()).toBeGreaterThan(2);
    await firedAndOverOnce(calm, begin, ...LETTERS);
    expect(kindsOf((await changesOf(calm, ...LETTERS)).slice(known))).toEqual(["fired", "recovered"]);
    await discardPoison(calm);
    await calm.nothingIsLost();
  });

  it("does not wait for the rest of its minute, which hangs", async () => {
    const calm = world();
    const begin = webhook.received.length;
    const mend = await broken(calm, { where: "DB", about: "FROM word_revision", how: "hang", hangMs: 60_000 });
    await trade(calm);
    await poison(calm);
    await firedAndOverOnce(calm, begin, ...LETTERS);
    expect(await mend()).toBeGreaterThan(0);
    await discardPoison(calm);
    await calm.nothingIsLost();
  });

  it("fails while D1 is away: that alerts are blind is told without it, and is over with it", async () => {
    const calm = world();
    const begin = webhook.received.length;
    const known = (await changesOf(calm, "not_evaluated", "")).length;
    const mend = await broken(calm, { where: "DB", how: "refuse" });
    calm.buy([calm.sku(), 2]);
    await minutesUntil(calm, () => toldSince(begin, "not_evaluated", "").length > 0);
    expect(kindsOf(toldSince(begin, "not_evaluated", ""))).toContain("fired");
    await expect(readAlerts(calm.stack.client)).rejects.toMatchObject({ status: 503 });
    expect(await mend()).toBeGreaterThan(0);
    const ended = () => toldSince(begin, "not_evaluated", "").some(({ change }) => change === "recovered");
    expect(await minutesUntil(calm, ended)).toBe(true);
    expect(kindsOf((await changesOf(calm, "not_evaluated", "")).slice(known))).toEqual(["fired", "recovered"]);
    await calm.nothingIsLost();
  });
});

describe("a queue whose consumer hangs", () => {
  it("is late, and an alert; while nobody can say how late, the alert stands as it was; it is over when the queue goes on", async () => {
    const calm = world();
    const sku = calm.sku();
    await threshold(calm, "queue_lag", 3);
    const hang = await broken(calm, { where: "consumer", what: "onhand-events", how: "hang", hangMs: 60_000 });
    const lag = async () =>
      (await readAlerts(calm.stack.client)).firing.find(
        ({ alert, subject }) => alert === "queue_lag" && subject === "onhand-events",
      ) as { readonly known: boolean } | undefined;
    // The first batch is the one that hangs: what comes after it waits.
    calm.buy([sku, 2]);
    expect(await waitUntil(() => calm.simulator.stats().webhooks.pending === 0, TOLD_MS_MAX)).toBe(true);
    calm.buy([sku, 3]);
    expect(await minutesUntil(calm, async () => (await lag()) !== undefined)).toBe(true);
    const unmeasured = await broken(calm, { where: "EVENTS", what: "metrics", how: "refuse" });
    expect(await minutesUntil(calm, async () => (await lag())?.known === false)).toBe(true);
    expect(await unmeasured()).toBeGreaterThan(0);
    expect(await minutesUntil(calm, async () => (await lag())?.known === true)).toBe(true);
    expect(await hang()).toBe(1);
    expect(await minutesUntil(calm, async () => (await lag()) === undefined)).toBe(true);
    const kinds = kindsOf(await changesOf(calm, "queue_lag", "onhand-events"));
    expect([kinds.at(0), kinds.at(-1)]).toEqual(["fired", "recovered"]);
    await calm.nothingIsLost();
  });
});

describe("units that are sold and missing", () => {
  it("tremble at an alert's edge: one alert, one end", async () => {
    const calm = world();
    const sku = calm.sku();
    const locationId = calm.place(0);
    await threshold(calm, "oversell", 10);
    const till = (units: number): Promise<void> =>
      book(calm, sku, { kind: units < 0 ? "sale" : "receipt", quantity: Math.abs(units), locationId });
    /** An evaluation has seen so many. */
    const untilSeen = async (units: number): Promise<void> => {
      const seen = async () => {
        const { thresholds } = (await readAlerts(calm.stack.client)) as unknown as Thresholds;
        return thresholds.find(({ name }) => name === "oversell")?.subjects[0]?.value === units;
      };
      expect(await minutesUntil(calm, seen)).toBe(true);
    };
    const there = await calm.available(sku);
    await till(-there - 7);
    await untilSeen(7);
    for (const [delta, units] of [
      [1, 6],
      [-1, 7],
      [2, 5],
      [-2, 7],
    ] as const) {
      await till(delta);
      await untilSeen(units);
    }
    await till(there + 7);
    await untilSeen(0);
    await minutesUntil(calm, async () => (await changesOf(calm, "oversell", "")).length >= 2);
    const said = (await changesOf(calm, "oversell", "")).map(({ change, severity }) => `${change} ${severity}`);
    expect(said).toEqual(["fired warning", "recovered warning"]);
    await calm.nothingIsLost();
  });
});

type Thresholds = {
  readonly thresholds: readonly { readonly name: string; readonly subjects: readonly { readonly value: number }[] }[];
};

describe("webhooks of a topic that usually comes", () => {
  it("have stopped: their silence is an alert, and the next one is its end", async () => {
    const calm = world();
    const sku = calm.sku();
    const begin = webhook.received.length;
    const told = () => toldSince(begin, "webhooks_silent", "orders/create");
    const skus = Array.from({ length: 4 }, () => calm.sku());
    const { DB } = await calm.stack.worker.bindings();
    const windowsKnown = async (): Promise<number> => {
      const [memory] = (await DB.prepare("SELECT topics FROM alert_memory").all<{ topics: string }>()).results;
      const topics = JSON.parse(memory?.topics ?? "[]") as { topic: string; came: readonly number[] }[];
      return topics.find(({ topic }) => topic === "orders/create")?.came.length ?? 0;
    };
    for (let orders = 0; orders < ORDERS_MAX && (await windowsKnown()) <= USUAL_WINDOWS; orders += 1) {
      calm.buy([skus[orders % skus.length] ?? "", 1]);
      void calm.minute();
      await sleep(WINDOW_MS / 2);
    }
    expect(await windowsKnown()).toBeGreaterThan(USUAL_WINDOWS);
    const isMissed = () => told().some(({ severity, change }) => change !== "recovered" && severity === "critical");
    expect(await minutesUntil(calm, isMissed)).toBe(true);
    calm.buy([sku, 1]);
    expect(await minutesUntil(calm, () => told().some(({ change }) => change === "recovered"))).toBe(true);
    await calm.nothingIsLost();
  });
});

/** Two in each window, and a busy machine misses some. */
const ORDERS_MAX = 200;
