import { describe, expect, it } from "vitest";
import type { AlertNotice } from "../../../src/queues/alert-notice.ts";
import { consumeNotifications } from "../../../src/queues/consume-notifications.ts";
import { letterOf } from "../../../src/queues/dead-letter-message.ts";
import { specOf } from "../../../src/queues/queue-table.ts";
import type { TellOutcome } from "../../../src/services/alerts/tell-alert.ts";
import { d1Oversells } from "../../../src/store/d1-oversells.ts";
import { SqliteD1 } from "../../support/d1/sqlite-d1.ts";
import { fakeBatch, settleDeps } from "../../support/queues/fake-queue.ts";

const spec = specOf("onhand-notifications");
if (spec === undefined) throw new Error("no such queue");

const notice = (version: number, units: number) => ({
  ...{
    v: 1,
    kind: "oversell",
    skuId: "sku_1",
    sku: "CUP",
    since: 1,
    version,
    units,
    peak: 4,
    sinceMs: 1,
    atMs: version,
  },
  ...{ sales: [], unexplained: units, correlationId: `cause-${version}` },
});

const OUTCOMES: Readonly<Record<string, TellOutcome>> = {
  closed: { kind: "failed", reason: "webhook: refused" },
  resting: { kind: "wait", untilMs: 5, reason: "webhook/a: open" },
};

async function consume(d1: SqliteD1, ...messages: Parameters<typeof fakeBatch>[1]) {
  const settle = settleDeps();
  const { batch, settled } = fakeBatch("onhand-notifications", messages);
  const taken: unknown[] = [];
  const take = async (notice: unknown): Promise<void> => {
    if (d1.state === "away") throw new Error("D1 is away");
    taken.push(notice);
  };
  const again: unknown[] = [];
  const deps = {
    ...settle.deps,
    oversells: d1Oversells(d1.db),
    sendAgain: async (_: string, body: unknown) => void again.push(body),
    onAlert: async (alert: AlertNotice) => OUTCOMES[alert.subject] ?? { kind: "told" as const },
    onBreaker: take,
    onDeliver: take,
    onOversells: take,
    onOversoldCheck: take,
    onCounterNews: take,
    onReplay: take,
  };
  await consumeNotifications(batch, spec as NonNullable<typeof spec>, deps);
  return { ...settle, settled, taken, again };
}

describe("the notifications consumer", () => {
  it("logs an oversell that began and one that ended, each once, whatever is repeated", async () => {
    const d1 = new SqliteD1();
    const first = await consume(d1, { id: "1", body: notice(1, 4) }, { id: "2", body: notice(1, 4) });
    expect(first.settled.map(({ how }) => how)).toEqual(["acked", "acked"]);
    expect(first.journalled).toMatchObject([
      { step: "notified", topic: "oversell", outcome: "oversold", correlationId: "cause-1", skuIds: ["sku_1"] },
    ]);
    expect(first.logged).toMatchObject([{ event: "sku.oversold", sku: "CUP", units: 4, correlationId: "cause-1" }]);
    const second = await consume(d1, { id: "3", body: notice(2, 0) }, { id: "4", body: notice(1, 4) });
    expect(second.logged).toMatchObject([{ event: "sku.oversell_resolved", units: 4, correlationId: "cause-2" }]);
  });

  it("hands each kind to its taker, and tries again what one could not take", async () => {
    const d1 = new SqliteD1();
    const breaker = {
      ...{ v: 1, kind: "breaker", destination: "shopify/a.myshopify.com", from: "half_open", to: "closed" },
      ...{ reason: null, openedAtMs: 1, atMs: 2 },
    };
    const { settled, taken, buried } = await consume(d1, { id: "1", body: breaker }, { id: "2", body: notice(1, 4) });
    expect([settled.map(({ how }) => how), taken, buried]).toEqual([
      ["acked", "acked"],
      [breaker, [expect.objectContaining(notice(1, 4))]],
      [],
    ]);
    d1.state = "away";
    expect((await consume(d1, { id: "3", body: breaker })).settled).toMatchObject([{ id: "3", how: "retried" }]);
    const odd = await consume(d1, { id: "4", body: { ...breaker, to: "ajar" } });
    expect(odd.buried).toMatchObject([{ code: "unreadable" }]);
  });

  it("tries an alert again that a destination did not take, and spends no try where a breaker keeps it back", async () => {
    const alert = (subject: string) => ({
      ...{ v: 1, kind: "alert", id: "a", alert: "queue_lag", subject, change: "fired", severity: "high", value: 1 },
      ...{ threshold: 1, unit: "s", text: "It lags.", sinceMs: 1, atMs: 1 },
    });
    const bodies = ["open", "closed", "resting"].map((subject, i) => ({
      id: `${i}`,
      body: alert(subject),
      attempts: 8,
    }));
    const { settled, again, buried } = await consume(new SqliteD1(), ...bodies);
    expect(settled.map(({ how }) => how)).toEqual(["acked", "retried", "acked"]);
    expect([again, buried]).toEqual([[alert("resting")], []]);
  });

  it("tries all again while D1 is away", async () => {
    const d1 = new SqliteD1();
    d1.state = "away";
    const { settled, buried } = await consume(d1, { id: "1", body: notice(1, 4) });
    expect([settled, buried]).toEqual([[{ id: "1", how: "retried", delaySeconds: expect.any(Number) }], []]);
  });

  it("buries what no version can read at once, and what ran out of tries under its own name", async () => {
    const d1 = new SqliteD1();
    const { buried } = await consume(d1, { id: "1", body: { v: 9 } });
    expect(buried).toMatchObject([{ code: "unreadable", queue: "onhand-notifications" }]);
    d1.state = "away";
    const late = await consume(d1, { id: "2", body: notice(1, 4), attempts: 9 });
    const [words] = late.buried;
    if (words === undefined) throw new Error("not buried");
    expect(await letterOf(words)).toMatchObject({
      topic: "oversell",
      eventId: "oversell/sku_1/1",
      correlationId: "cause-1",
    });
  });
});
