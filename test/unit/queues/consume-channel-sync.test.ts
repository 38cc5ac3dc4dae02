/** The channels' consumer: what goes in which call, in which order, and how each message is settled. */
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { type Channel, DEFAULT_OUTBOUND } from "../../../src/domain/channel/channel.ts";
import { type CorrelationId, fromStore, type SkuId } from "../../../src/domain/ids.ts";
import { DEFAULT_RULES } from "../../../src/domain/policy/sku-policy.ts";
import { NOT_CALLED } from "../../../src/domain/reply-beginning.ts";
import { type ConsumeChannelSyncDeps, consumeChannelSync } from "../../../src/queues/consume-channel-sync.ts";
import { letterOf } from "../../../src/queues/dead-letter-message.ts";
import { specOf } from "../../../src/queues/queue-table.ts";
import type { ChannelCalled, ChannelMessage } from "../../../src/services/channels/channel-call.ts";
import type { Counters, TakenLevels } from "../../../src/services/counter-contract.ts";
import { channelDraft } from "../../support/channels/draft.ts";
import { fakeBatch, settleDeps } from "../../support/queues/fake-queue.ts";

const spec = specOf("onhand-channel-sync");
if (spec === undefined) throw new Error("no such queue");

const signal = (skuId: string, given: { urgent?: boolean; channel?: string; attempts?: number } = {}) => {
  const { urgent = false, channel = "market", attempts = 1 } = given;
  const body = { v: 1, kind: "dirty_channel", skuId, channel, urgent, correlationId: "c", sentAt: 0 };
  return { id: `${channel}/${skuId}`, attempts, body };
};

const levels = (sku: string, units: number, given: Partial<TakenLevels> = {}): TakenLevels => ({
  version: 7,
  digest: `${sku}=${units}`,
  terms: { since: 1, items: [] },
  sellable: {
    ...{ sku: fromStore(sku), channel: fromStore("market"), version: 7, rules: DEFAULT_RULES, rulesFrom: "nobody" },
    ...{ sellable: units, withheld: 0, certain: units, asOf: "2026-11-28T09:00:00.000Z" },
    locations: [{ locationId: fromStore("1"), available: units, withheld: 0, sellable: units }],
  },
  isTold: false,
  toldUnits: null,
  correlationId: fromStore<CorrelationId>("cause"),
  receivedAtMs: 400,
  ...given,
});

type World = {
  readonly channel?: Partial<Channel>;
  readonly stock?: Readonly<Record<string, TakenLevels | null>>;
  /** What the receiver answers, call by call; then it takes everything. */
  readonly answers?: ChannelCalled[];
};

function world({ channel = {}, stock = {}, answers = [] }: World = {}) {
  const settle = settleDeps();
  const calls: { skus: string[]; urgent: boolean; content: string }[] = [];
  const told: string[] = [];
  const postponed: string[] = [];
  const again: unknown[] = [];
  const paused: string[] = [];
  const documents: string[] = [];
  const addressed: string[] = [];
  const known: Channel = {
    ...channelDraft({ id: fromStore("market"), type: "marketplace" }),
    ...{ state: "active", readOnly: false, revision: 1 },
    ...channel,
  };
  const counters = {
    of: (skuId: SkuId) => ({
      takeLevels: async () => {
        if (skuId === ("broken" as string)) throw new Error("reset");
        return skuId in stock ? stock[skuId] : levels(skuId, 5);
      },
      levelsTold: async (_: string, { digest }: { digest: string }) => void told.push(digest),
      levelsPostponed: async () => void postponed.push(skuId),
    }),
  } as unknown as Counters;
  const deps: ConsumeChannelSyncDeps = {
    ...settle.deps,
    counters,
    channels: { get: async (id) => (id === known.id ? { channel: known, secrets: NO_SECRETS } : null) },
    callChannel: async (_, { data, urgent, content }: ChannelMessage) => {
      const rows = (data as { levels: { sku: string }[] }).levels;
      calls.push({ skus: rows.map(({ sku }) => sku), urgent, content });
      return answers.shift() ?? { kind: "taken", ...NOT_CALLED };
    },
    onGone: async ({ id }) => void paused.push(id),
    callsMax: 10,
    documentsAtOnce: 2,
    sendAgain: async (_, body, delaySeconds) => void again.push({ body, delaySeconds }),
    takeFulfilment: async ({ orderId, news }) => {
      documents.push(`begin ${orderId} ${Object.keys(news.lines)[0]}`);
      await sleep(5);
      documents.push(`end ${orderId}`);
      return { verdict: { kind: "done", outcome: "told" }, document: null };
    },
    address: async ({ orderId }) => {
      addressed.push(orderId);
      return orderId === "waits" ? { kind: "wait", untilMs: null, reason: "away" } : { kind: "done", outcome: "told" };
    },
    takeDocument: async ({ documentId }) => {
      documents.push(`document ${documentId}`);
      return { verdict: { kind: "done", outcome: "told" }, document: null };
    },
    documentFailed: async () => {},
  };
  const consume = async (...messages: Parameters<typeof fakeBatch>[1]) => {
    const { batch, settled } = fakeBatch("onhand-channel-sync", messages);
    await consumeChannelSync(batch, spec as NonNullable<typeof spec>, deps);
    return Object.fromEntries(settled.map(({ id, how }) => [id.split("/")[1] ?? id, how]));
  };
  return { ...settle, calls, told, postponed, again, paused, documents, addressed, consume };
}

const NO_SECRETS = { signing: [], credentials: {} };

describe("the channels' consumer", () => {
  it("tells many SKUs in one call, each to be acknowledged by its counter, in calls of at most batchMax", async () => {
    const { consume, calls, told } = world({ channel: { outbound: { ...DEFAULT_OUTBOUND, batchMax: 3 } } });
    expect(await consume(signal("a"), signal("b"), signal("c"), signal("d"), signal("a"))).toMatchObject({
      d: "acked",
    });
    expect(calls.map(({ skus }) => skus)).toEqual([["a", "b", "c"], ["d"]]);
    expect(told).toEqual(["a=5", "b=5", "c=5", "d=5"]);
  });

  it("addresses news that nobody was named for, and spends no try while nobody can be", async () => {
    const { consume, addressed, again } = world();
    const news = (orderId: string) => ({
      ...{ v: 1, kind: "unaddressed_news", orderChannel: "till", orderId, correlationId: "c", sentAt: 0 },
      news: { lines: { "1": { sku: "A", quantity: 1, locationId: null } }, cancelled: {}, isCancelled: false },
    });
    const settled = await consume({ id: "x/now", body: news("now") }, { id: "x/later", body: news("waits") });
    expect(addressed).toEqual(["now", "waits"]);
    expect(settled).toEqual({ now: "acked", later: "acked" });
    expect(again).toMatchObject([{ body: { orderId: "waits" } }]);
  });

  it("tells first, in calls of their own, what must show nothing", async () => {
    const gone = levels("gone", 0, { toldUnits: 3 });
    const { consume, calls } = world({ stock: { gone, stop: levels("stop", 0, { toldUnits: 9 }) } });
    await consume(signal("a"), signal("gone"), signal("stop", { urgent: true }));
    expect(calls.map(({ skus, urgent }) => ({ skus, urgent }))).toEqual([
      { skus: ["stop"], urgent: true },
      { skus: ["gone"], urgent: true },
      { skus: ["a"], urgent: false },
    ]);
  });

  it("makes the same content of the same levels, whenever they are sent", async () => {
    const first = world();
    await first.consume(signal("a"));
    const later = levels("a", 5);
    const second = world({
      stock: { a: { ...later, sellable: { ...later.sellable, asOf: "2026-11-28T10:00:00.000Z" } } },
    });
    await second.consume(signal("a"));
    expect(second.calls[0]?.content).toBe(first.calls[0]?.content);
  });

  it("calls nobody for what the channel has, is told nothing of, or must not be told", async () => {
    const { consume, calls } = world({ stock: { has: levels("has", 5, { isTold: true }), none: null } });
    expect(await consume(signal("has"), signal("none"))).toEqual({ has: "acked", none: "acked" });
    const silent = world({ channel: { state: "paused" } });
    expect(await silent.consume(signal("a"))).toEqual({ a: "acked" });
    const readOnly = world({ channel: { readOnly: true } });
    expect(await readOnly.consume(signal("a"))).toEqual({ a: "acked" });
    expect([...calls, ...silent.calls, ...readOnly.calls]).toEqual([]);
    expect([silent.told, readOnly.told]).toEqual([[], ["a=5"]]);
  });

  it("waits for what the counter knows already of the channel, and it does not", async () => {
    const { consume, calls } = world({ stock: { a: levels("a", 5, { terms: { since: 2, items: [] } }) } });
    expect(await consume(signal("a"))).toEqual({ a: "retried" });
    expect(calls).toEqual([]);
  });

  it("tries again what failed, and spends no try where breaker or pace hold it", async () => {
    const failing = world({ answers: [{ kind: "failed", reason: "HTTP_503", ...NOT_CALLED }] });
    expect(await failing.consume(signal("a"), signal("broken"))).toEqual({ a: "retried", broken: "retried" });
    expect(failing.postponed).toEqual(["a"]);
    const waiting = world({ answers: [{ kind: "wait", untilMs: 3_000, reason: "pace" }] });
    expect(await waiting.consume(signal("a"))).toEqual({ a: "acked" });
    expect(waiting.again).toMatchObject([{ body: { skuId: "a" }, delaySeconds: 2 }]);
    expect([waiting.told, waiting.postponed]).toEqual([[], ["a"]]);
  });

  it("finds the one that the receiver does not like, and tells it the others", async () => {
    const no = {
      kind: "refused",
      reason: "the receiver answered 422",
      isAboutContent: true,
      ...NOT_CALLED,
    } as const;
    const { consume, calls, buried, told } = world({ answers: [no, no, no] });
    await consume(signal("a"), signal("b"), signal("c"), signal("d"));
    expect(calls.map(({ skus }) => skus)).toEqual([["a", "b", "c", "d"], ["a", "b"], ["a"], ["b"], ["c", "d"]]);
    expect(told).toEqual(["b=5", "c=5", "d=5"]);
    expect(buried).toMatchObject([{ code: "refused", message: "the receiver answered 422" }]);
    const [words] = buried;
    if (words !== undefined)
      expect(await letterOf(words)).toMatchObject({ topic: "stock.levels", shop: "market", refs: ["skuId:a"] });
  });

  it("pauses a channel that answers 410, and says in the journal what was told, under its cause", async () => {
    const gone = world({ answers: [{ kind: "gone", ...NOT_CALLED }] });
    expect(await gone.consume(signal("a"))).toEqual({ a: "acked" });
    expect([gone.paused, gone.told]).toEqual([["market"], []]);
    const well = world();
    await well.consume(signal("a"));
    await Promise.resolve();
    expect(well.journalled).toMatchObject([
      { step: "told", correlationId: "cause", topic: "stock.levels", shop: "market", skuIds: ["a"], outcome: "told" },
    ]);
  });

  it("sends documents beside each other, so many at a time, and those of one order in turn", async () => {
    const { consume, documents } = world();
    const order = (orderId: string, line: string) => {
      const news = {
        lines: { [line]: { sku: "a", quantity: 1, locationId: null } },
        cancelled: {},
        isCancelled: false,
      };
      const about = { channel: "market", orderChannel: "shop", orderId, news, correlationId: "c", sentAt: 0 };
      return { id: `market/${orderId}${line}`, attempts: 1, body: { v: 1, kind: "fulfilment_news", ...about } };
    };
    await consume(order("A", "1"), order("A", "2"), order("B", "1"), order("C", "1"));
    expect(documents.slice(0, 2)).toEqual(["begin A 1", "begin B 1"]);
    expect(documents.indexOf("end A")).toBeLessThan(documents.indexOf("begin A 2"));
    expect(documents.indexOf("begin C 1")).toBeGreaterThan(documents.indexOf("end B"));
    expect(documents).toHaveLength(8);
  });

  it("sends a document of an order after the news of that order which came before it", async () => {
    const { consume, documents } = world();
    const about = { v: 1, channel: "market", correlationId: "c", sentAt: 0 };
    const news = { lines: { "1": { sku: "a", quantity: 1, locationId: null } }, cancelled: {}, isCancelled: false };
    const told = { ...about, kind: "fulfilment_news", orderChannel: "shop", orderId: "A", news };
    const document = { ...about, kind: "channel_document", documentId: "doc_a", subject: "shop/A" };
    await consume(
      { id: "market/n", attempts: 1, body: told },
      { id: "market/d", attempts: 1, body: document },
      { id: "market/o", attempts: 1, body: { ...document, documentId: "doc_b", subject: "shop/B" } },
    );
    expect(documents.indexOf("document doc_a")).toBeGreaterThan(documents.indexOf("end A"));
    expect(documents.indexOf("document doc_b")).toBeLessThan(documents.indexOf("end A"));
  });

  it("buries what it cannot read", async () => {
    const { consume, buried } = world();
    expect(await consume({ id: "x", body: { v: 1, kind: "dirty_channel" } })).toEqual({ x: "acked" });
    expect(buried[0]?.code).toBe("unreadable");
  });
});
