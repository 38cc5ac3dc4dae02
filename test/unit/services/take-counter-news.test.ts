/** From what a counter tells to what is kept and told: once, whatever comes twice or late. On the shipped SQL. */
import { describe, expect, it } from "vitest";
import { toNotice } from "../../../durable-objects/sku-counter-notices.ts";
import type { CounterNews, CountWord } from "../../../src/domain/counter/counter-news.ts";
import { newsId } from "../../../src/domain/counter/counter-news.ts";
import type { Reorder } from "../../../src/domain/counter/reorder.ts";
import { fromStore } from "../../../src/domain/ids.ts";
import type { Notification } from "../../../src/domain/notification/notification.ts";
import { parseCountNotice } from "../../../src/queues/count-notice.ts";
import { parseReorderNotice } from "../../../src/queues/reorder-notice.ts";
import { parseStockNotice } from "../../../src/queues/stock-notice.ts";
import { takeCounterNews } from "../../../src/services/take-counter-news.ts";
import { d1CountFindings } from "../../../src/store/d1-count-findings.ts";
import { d1Reorders } from "../../../src/store/d1-reorders.ts";
import { SqliteD1 } from "../../support/d1/sqlite-d1.ts";

const COUNTER = { skuId: fromStore<never>("sku_1"), sku: fromStore<never>("CUP") };
const reorder = (given: Partial<Reorder>): CounterNews => ({
  kind: "reorder",
  atMs: 10,
  reorder: {
    ...{ id: "ro_sku_1_1", state: "open", version: 1, quantity: 12, received: 0, trigger: "rule", key: null },
    ...{ reason: "low", available: 3, locationId: null, requestedAtMs: 5, neededByMs: null },
    ...{ closedAtMs: null, closedReason: null },
    ...given,
  },
});
const count = (word: CountWord, decidedBy: string | null = null): CounterNews => ({
  ...{ kind: "count", word, key: fromStore("channel/wms/count/c1/1"), locationId: fromStore("11"), of: "on_hand" },
  ...{ counted: 50, ours: 100, countedAtMs: 1, actor: "wms", source: "channel", reference: "c1", decidedBy },
  ...{ note: null, atMs: 20 },
});

class Told {
  readonly d1 = new SqliteD1();
  readonly reorders = d1Reorders(this.d1.db);
  readonly counts = d1CountFindings(this.d1.db);
  readonly notifications: Notification[] = [];
  readonly channels: string[] = [];

  /** As it comes from the queue. */
  async take(news: CounterNews): Promise<void> {
    const pending = { news, correlationId: fromStore<never>("cause"), tries: 1, againMs: 0 };
    const body: unknown = JSON.parse(JSON.stringify(toNotice(newsId(COUNTER.skuId, news), COUNTER, pending)));
    const parsed = [parseStockNotice, parseReorderNotice, parseCountNotice].map((parse) => parse(body));
    const notice = parsed.find(({ ok }) => ok);
    if (notice?.ok !== true) throw new Error("no kind reads it");
    await takeCounterNews(notice.value, {
      ...{ reorders: this.reorders, counts: this.counts },
      notifier: { publish: async (given) => void this.notifications.push(...given) },
      tellChannels: async ({ news: told }) => void this.channels.push(`${told.reorder.id} ${told.reorder.state}`),
    });
  }

  get kinds(): readonly string[] {
    return this.notifications.map(({ kind, id }) => `${kind} ${id}`);
  }
}

describe("news of stock", () => {
  it("is told with the same id however often it comes", async () => {
    const told = new Told();
    const low = { state: "low", locationId: null, available: 4, lowAt: 5 } as const;
    for (let i = 0; i < 2; i++) await told.take({ kind: "stock", number: 7, ...low, atMs: 1 });
    expect(told.kinds).toEqual(["inventory.low_stock stock/sku_1/7", "inventory.low_stock stock/sku_1/7"]);
    expect(told.notifications[0]).toMatchObject({ title: "CUP is low: 4 left", subject: "CUP", severity: "warning" });
  });
});

describe("news of a reorder", () => {
  it("keeps the newest version, and tells people and channels of its beginning and its end", async () => {
    const told = new Told();
    await told.take(reorder({}));
    await told.take(reorder({ version: 3, state: "received", received: 12, closedAtMs: 9 }));
    await told.take(reorder({ version: 2, received: 5 }));
    expect(await told.reorders.list({ limit: 10 })).toMatchObject({
      reorders: [{ id: "ro_sku_1_1", state: "received", received: 12, sku: "CUP" }],
      nextCursor: null,
    });
    expect(told.kinds).toEqual(["reorder.requested reorder/ro_sku_1_1/1", "reorder.received reorder/ro_sku_1_1/3"]);
    expect(told.channels).toEqual(["ro_sku_1_1 open"]);
    await told.take(reorder({ id: "ro_sku_1_2", version: 2, state: "cancelled", closedReason: "no" }));
    expect(told.channels).toEqual(["ro_sku_1_1 open", "ro_sku_1_2 cancelled"]);
    expect(await told.reorders.list({ limit: 1 })).toMatchObject({ nextCursor: "5.ro_sku_1_2" });
    expect(await told.reorders.list({ limit: 1, cursor: "5.ro_sku_1_2" })).toMatchObject({
      reorders: [{ id: "ro_sku_1_1" }],
    });
  });
});

describe("news of a count", () => {
  it("moves one finding forward, and what is decided stays so", async () => {
    const told = new Told();
    await told.take(count("booked", "admin/anna"));
    await told.take(count("held"));
    const { findings } = await told.counts.list({ limit: 10 });
    expect(findings).toMatchObject([{ kind: "approval", state: "booked", decidedBy: "admin/anna", decidedAtMs: 20 }]);
    expect(told.kinds).toEqual(["count.needs_approval count/sku_1/channel/wms/count/c1/1/held"]);
    await told.take(count("contradiction"));
    expect(await told.counts.list({ limit: 10, state: "noted" })).toMatchObject({
      findings: [{ kind: "contradiction" }],
    });
    expect(told.kinds.at(-1)).toMatch(/^channel\.conflict /);
  });
});
