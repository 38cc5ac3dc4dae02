/** What a counter tells of an oversell, on the shipped SQL in Node: through evictions, and a queue that refuses. */
import { beforeEach, describe, expect, it } from "vitest";
import { SKU_COUNTER_SCHEMA } from "../../../durable-objects/sku-counter-schema.ts";
import type { CounterEvent } from "../../../src/domain/counter/counter-event.ts";
import { type ChannelId, fromStore, type ListingId, type LocationId } from "../../../src/domain/ids.ts";
import type { OversellNotice } from "../../../src/queues/oversell-notice.ts";
import { deskOn } from "../../support/counter/desk-on.ts";
import { SqliteObjectStorage } from "../../support/sqlite/object-storage.ts";

const LISTING = fromStore<ListingId>("a.myshopify.com/1");
const HERE = fromStore<LocationId>("11");
const START_MS = 1_800_000_000_000;

let storage: SqliteObjectStorage;
let sent: OversellNotice[];
let isRefusing: boolean;
let nowMs: number;
let beside: Promise<unknown>[];

beforeEach(() => {
  storage = new SqliteObjectStorage(SKU_COUNTER_SCHEMA);
  [sent, beside, isRefusing, nowMs] = [[], [], false, START_MS];
});

/** A new one is what an eviction leaves. */
const newDesk = () =>
  deskOn({
    storage,
    nowMs: () => nowMs,
    report: async (notice) => {
      if (isRefusing) throw new Error("Too Many Requests");
      sent.push(notice);
    },
    beside: (work) => void beside.push(work),
  });
const settle = async () => {
  while (beside.length > 0) await Promise.all(beside.splice(0));
};
async function connected(available: number) {
  const desk = newDesk();
  const levels = [
    { locationId: HERE, shopLocationId: fromStore<never>("11"), available, committed: 0, atMs: START_MS },
  ];
  desk.connectListing({ sku: fromStore("CUP"), listingId: LISTING, levels, correlationId: fromStore("connect") });
  await settle();
  return desk;
}
const sale = (key: string, quantity: number, reference: string | null = key): CounterEvent => ({
  kind: "movement",
  request: {
    ...{ key: fromStore(key), fingerprint: key, kind: "sale", locationId: HERE, delta: -quantity },
    ...{
      moves: { committed: quantity },
      allowNegative: true,
      occurredAtMs: nowMs,
      channel: fromStore<ChannelId>("till"),
    },
    cause: { reason: "sale", reference, source: "pos", actor: "till", correlationId: fromStore(`cause-${key}`) },
  },
});
const receipt = (key: string, quantity: number): CounterEvent => ({
  kind: "movement",
  request: {
    ...{
      key: fromStore(key),
      fingerprint: key,
      kind: "receipt",
      locationId: HERE,
      delta: quantity,
      occurredAtMs: nowMs,
    },
    ...{ allowNegative: false },
    cause: {
      reason: "receipt",
      reference: null,
      source: "wms",
      actor: "wms",
      correlationId: fromStore(`cause-${key}`),
    },
  },
});
const order = (id: string, quantity: number): CounterEvent => ({
  ...{ kind: "hint", listingId: LISTING, id: fromStore(`order/${id}/1`), atMs: nowMs, quantity: -quantity },
  ...{ locationId: HERE, commits: true, correlationId: fromStore(`order-${id}`) },
});
const waiting = () => storage.sql.exec<{ n: number }>("SELECT COUNT(*) AS n FROM reports").one().n;

describe("an oversell", () => {
  it("is told with the newest sales that it leaves short, when it grows, and when it is over", async () => {
    const desk = await connected(2);
    desk.apply([sale("s1", 2)]);
    await settle();
    expect(sent).toEqual([]); // sold out is not oversold
    nowMs += 1_000;
    desk.apply([order("77", 3)]);
    await settle();
    nowMs += 1_000;
    desk.apply([sale("s2", 1)]);
    await settle();
    nowMs += 1_000;
    desk.apply([receipt("r1", 4)]);
    await settle();
    expect(sent.map(({ units, peak }) => [units, peak])).toEqual([
      [3, 3],
      [4, 4],
      [0, 4],
    ]);
    expect(new Set(sent.map(({ since }) => since)).size).toBe(1);
    expect(sent[0]).toMatchObject({
      ...{ sku: "CUP", skuId: "sku_1", correlationId: "order-77", sinceMs: START_MS + 1_000, unexplained: 0 },
      sales: [{ kind: "order", id: "order/77/1", reference: "77", channel: "a.myshopify.com", units: 3, short: 3 }],
    });
    expect(sent[1]?.sales.map(({ id, short }) => [id, short])).toEqual([
      ["s2", 1],
      ["order/77/1", 3],
    ]);
    expect(sent[2]).toMatchObject({ sales: [], correlationId: "cause-r1" });
    expect(waiting()).toBe(0);
  });

  it("names a Shopify order still, when the level has shown it and it is no hint any more", async () => {
    const desk = await connected(1);
    desk.apply([order("77", 3)]);
    nowMs += 2_000;
    desk.apply([
      ...[{ kind: "snapshot", listingId: LISTING, locationId: HERE, shopLocationId: fromStore("11") }].map(
        (level) => ({ ...level, available: -2, atMs: nowMs, correlationId: fromStore("level") }) as CounterEvent,
      ),
    ]);
    nowMs += 1_000;
    desk.apply([sale("s1", 1)]);
    await settle();
    expect(sent.at(-1)).toMatchObject({
      units: 3,
      unexplained: 0,
      sales: [{ id: "s1" }, { id: "order/77/1", short: 2 }],
    });
  });

  it("is another one when orders alone begin a second: no movement parts the two", async () => {
    const desk = await connected(1);
    const cancel = (id: string, quantity: number) => ({ ...order(id, -quantity), id: fromStore(`restock/${id}`) });
    desk.apply([order("1", 2)]);
    await settle();
    nowMs += 1_000;
    desk.apply([cancel("1", 2) as CounterEvent, receipt("r", 1)]);
    desk.apply([order("2", 9)]);
    await settle();
    const [first, second] = [sent[0]?.since, sent.at(-1)?.since];
    expect(first).not.toBe(second);
    expect(sent.filter(({ since }) => since === first).at(-1)).toMatchObject({ units: 0 });
  });

  it("is told after an eviction and a queue that refused, by the alarm, with what is true by then", async () => {
    const desk = await connected(1);
    isRefusing = true;
    desk.apply([sale("s1", 3)]);
    desk.apply([sale("s2", 1)]);
    await settle();
    expect([sent.length, waiting()]).toEqual([0, 1]);
    isRefusing = false;
    nowMs = storage.alarmAtMs ?? 0;
    expect(nowMs).toBeLessThanOrEqual(START_MS + 10_000);
    await newDesk().alarm();
    await settle();
    expect(sent).toMatchObject([
      {
        units: 3,
        peak: 3,
        sales: [
          { id: "s2", short: 1 },
          { id: "s1", short: 2 },
        ],
      },
    ]);
    expect(waiting()).toBe(0);
  });

  it("makes no message per order while one is on its way: the newest goes after it", async () => {
    const desk = await connected(1);
    for (let n = 0; n < 50; n += 1) desk.apply([sale(`s${n}`, 1)]);
    await settle();
    expect(sent.length).toBeLessThanOrEqual(2);
    expect(sent.at(-1)).toMatchObject({ units: 49, peak: 49 });
  });

  it("that ends because an operator released its listing is told as over", async () => {
    const desk = await connected(1);
    desk.apply([sale("s1", 4)]);
    await settle();
    expect(sent).toMatchObject([{ units: 3 }]);
    desk.release(LISTING, fromStore("released"));
    await settle();
    expect(sent.slice(1)).toMatchObject([{ units: 0, peak: 3, correlationId: "released" }]);
  });
});
