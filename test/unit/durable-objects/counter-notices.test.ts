/** News that a queue refuses, and what sales a counter measures: on the shipped SQL. */
import { describe, expect, it } from "vitest";
import { salesIn } from "../../../durable-objects/sku-counter-sales.ts";
import { SKU_COUNTER_SCHEMA } from "../../../durable-objects/sku-counter-schema.ts";
import type { CounterEvent } from "../../../src/domain/counter/counter-event.ts";
import { fromStore } from "../../../src/domain/ids.ts";
import { asked, commit, hold, sale } from "../../support/counter/asked.ts";
import { deskOn } from "../../support/counter/desk-on.ts";
import { StoredCounter } from "../../support/counter/stored-counter.ts";
import { SqliteObjectStorage } from "../../support/sqlite/object-storage.ts";

const DAY_MS = 86_400_000;
const START_MS = Date.parse("2026-11-01T00:00:00Z");

describe("news of a counter", () => {
  it("is told again by the alarm until the queue has it, over a new life, and then no more", async () => {
    const storage = new SqliteObjectStorage(SKU_COUNTER_SCHEMA);
    const sent: string[] = [];
    let [nowMs, isAway] = [START_MS, true];
    const work: Promise<unknown>[] = [];
    const newLife = () =>
      deskOn({
        ...{ storage, nowMs: () => nowMs, beside: (promise) => void work.push(promise) },
        tell: async ({ id }) => {
          if (isAway) throw new Error("Too Many Requests");
          sent.push(id);
        },
      });
    const desk = newLife();
    const place = { locationId: fromStore<never>("1"), shopLocationId: fromStore<never>("1") };
    desk.connectListing({
      ...{ sku: fromStore("CUP"), listingId: fromStore("a.myshopify.com/1"), correlationId: fromStore("c") },
      levels: [{ ...place, available: 9, committed: 0, atMs: nowMs }],
    });
    desk.apply([sale("s1", 5, { occurredAtMs: nowMs })]);
    await Promise.all(work);
    expect(sent).toEqual([]);
    isAway = false;
    nowMs += 60_000;
    const second = newLife();
    await second.alarm();
    await Promise.all(work);
    expect(sent).toEqual(["stock/sku_1/1"]);
    nowMs += 600_000;
    await second.alarm();
    await Promise.all(work);
    expect(sent).toEqual(["stock/sku_1/1"]);
  });
});

describe("what a counter sells", () => {
  const at = (atMs: number, event: CounterEvent): CounterEvent =>
    event.kind === "movement" ? { ...event, request: { ...event.request, occurredAtMs: atMs } } : event;

  it("is sales and commits less what was cancelled or came back, over the days that it is known", () => {
    const counter = new StoredCounter(START_MS).connect({ "1": 500 });
    const book = (...events: readonly CounterEvent[]) => counter.apply(...events.map((e) => at(counter.nowMs, e)));
    book(sale("s1", 20), hold("r1", 8, { expiresAtMs: START_MS + DAY_MS }));
    book(commit("r1"));
    counter.nowMs += 10 * DAY_MS;
    book(asked("c1", { kind: "cancellation", delta: 3, moves: { committed: -3 } }));
    book(asked("r1", { kind: "return", delta: 1 }), asked("g1", { kind: "receipt", delta: 100 }));
    expect(salesIn(counter.storage.sql, 30, 1_000, counter.nowMs)).toEqual({
      ...{ units: 24, days: 10, atMs: counter.nowMs },
    });
    expect(salesIn(counter.storage.sql, 5, 1_000, counter.nowMs).units).toBe(0);
  });

  it("counts what is folded into balances by the day", () => {
    const counter = new StoredCounter(START_MS).connect({ "1": 500 });
    counter.apply(at(counter.nowMs, sale("s1", 20)));
    counter.storage.sql.exec(
      `INSERT INTO balances (day, location_id, kind, delta, movements, reserved, committed)
       VALUES ('2026-10-20', '1', 'sale', -40, 4, 0, 40), ('2026-10-21', '1', 'shopify', -7, 1, 0, 0),
         ('2026-09-01', '1', 'sale', -900, 1, 0, 0), ('2026-10-21', '1', 'commit', 0, 1, -5, 5)`,
    );
    const { units, days } = salesIn(counter.storage.sql, 30, 1_000, counter.nowMs);
    expect([units, days]).toEqual([72, 12]);
  });

  it("of a hot counter is the rate of late", () => {
    const counter = new StoredCounter(START_MS).connect({ "1": 500 });
    for (let n = 0; n < 10; n++) {
      counter.apply(at(counter.nowMs, sale(`s${n}`, n < 5 ? 1 : 10)));
      counter.nowMs += DAY_MS;
    }
    expect(salesIn(counter.storage.sql, 30, 5, counter.nowMs)).toMatchObject({ units: 50, days: 5 });
  });

  it("is measured by the alarm where a rule asks for it, and then orders", async () => {
    const counter = new StoredCounter(START_MS).connect({ "1": 100 });
    const when = { kind: "cover", coverDays: 10, windowDays: 30, safetyDays: 0 } as const;
    const rule = { when, leadDays: 5, packSize: 1, quantityMax: null, locationId: null };
    counter.apply(at(counter.nowMs, sale("s1", 90)));
    counter.nowMs += 3 * DAY_MS;
    counter.apply({ kind: "reorder_rule", own: { rule }, correlationId: fromStore("c") });
    expect(counter.desk.stockSettings()?.reorder).toMatchObject({ sales: null, open: null });
    await counter.desk.alarm();
    expect(counter.desk.stockSettings()?.reorder).toMatchObject({
      ...{ sales: { units: 90, days: 3 }, open: { quantity: 300, available: 10 } },
    });
  });
});
