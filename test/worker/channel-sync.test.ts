/** What channels are told, end to end in the real runtime: counters, D1, the channels' queue, a scripted receiver. */
import { env } from "cloudflare:workers";
import { Webhook } from "standardwebhooks";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { DEFAULT_OUTBOUND } from "../../src/domain/channel/channel.ts";
import { type ChannelId, fromStore } from "../../src/domain/ids.ts";
import { consoleLog as log } from "../../src/observability/log.ts";
import { d1Channels } from "../../src/store/d1-channels.ts";
import { durableCounters } from "../../src/store/durable-counters.ts";
import { sendChannelDocument, sendUnaddressedNews, tendChannelDocuments } from "../../src/wiring/channel-sync.ts";
import { channelsOf } from "../../src/wiring/channels.ts";
import { spreadWordsNow } from "../../src/wiring/words.ts";
import { call } from "./support/api.ts";
import { stock } from "./support/catalogue.ts";
import { postEvents, putChannel, type TestChannel } from "./support/channels.ts";
import { HERE } from "./support/counters.ts";
import { until } from "./support/until.ts";
import { deliver, orderBody } from "./support/webhooks.ts";

type Level = {
  readonly sku: string;
  readonly version: number;
  readonly available: number;
  readonly itemId: string | null;
};
type Received = { readonly headers: Record<string, string>; readonly text: string; readonly body: Body };
type Body = { readonly type: string; readonly channel: string; readonly data: Record<string, unknown> };

let received: Received[] = [];
/** Answers to come, by host; then 204. */
let answers = new Map<string, { status: number; headers?: Record<string, string>; text?: string }[]>();

beforeEach(() => {
  received = [];
  answers = new Map();
  vi.spyOn(globalThis, "fetch").mockImplementation(async (url, init) => {
    const { host } = new URL(String(url));
    if (!host.endsWith(".example.com")) throw new Error(`nobody is at ${host}`);
    const text = String(init?.body);
    received.push({ headers: init?.headers as Record<string, string>, text, body: JSON.parse(text) as Body });
    const { status, headers = {}, text: said = null } = answers.get(host)?.shift() ?? { status: 204 };
    return new Response(said, { status, headers });
  });
});
afterEach(async () => {
  await env.DB.exec("UPDATE channels SET state = 'paused', revision = revision + 1000");
  await spread();
  vi.restoreAllMocks();
});

const spread = () => spreadWordsNow(env, durableCounters(env.SKU_COUNTER), log, Date.now());

async function channel(id: string, given: Parameters<typeof putChannel>[1] = {}): Promise<TestChannel> {
  const put = await putChannel(id, { type: "marketplace", endpoint: `https://${id}.example.com/hooks`, ...given });
  await spread();
  return put;
}

const messagesTo = (id: string, type: string): readonly Received[] =>
  received.filter(({ body }) => body.channel === id && body.type === type);
const levelsTo = (id: string): readonly Level[] =>
  messagesTo(id, "stock.levels").flatMap(({ body }) => body.data["levels"] as Level[]);
const lastLevel = (id: string, sku: string): number | undefined =>
  levelsTo(id).findLast((level) => level.sku === sku)?.available;
const shows = (id: string, sku: string, units: number) =>
  until(
    async () => lastLevel(id, sku),
    (last) => last === units,
  );

const sell = (sku: string, units: number, key: string) =>
  call(
    "POST",
    `/v1/inventory/${sku}/movements`,
    { kind: "sale", quantity: units, channel: "till", fulfilled: true, happened: true },
    { "idempotency-key": key },
  );

describe("levels", () => {
  it("of a till's sale are told to a marketplace once, signed so that the reference library accepts them", async () => {
    await stock("OUT-1", "8101", 10);
    const { secret } = await channel("market-a");
    await shows("market-a", "OUT-1", 10);
    expect((await sell("OUT-1", 3, "out-1")).status).toBeLessThan(300);
    await shows("market-a", "OUT-1", 7);
    await scheduler.wait(300);
    const told = levelsTo("market-a").filter(({ sku }) => sku === "OUT-1");
    expect(told.map(({ available }) => available)).toEqual([10, 7]);
    const last = messagesTo("market-a", "stock.levels").at(-1) as Received;
    expect(() => new Webhook(secret).verify(last.text, last.headers)).not.toThrow();
    expect(told[1]?.version).toBeGreaterThan(told[0]?.version ?? 0);
  });

  it("show nothing at once when they are stopped, and what the buffer leaves when they go on", async () => {
    await stock("OUT-2", "8102", 5);
    await channel("market-b");
    await shows("market-b", "OUT-2", 5);
    await call("POST", "/v1/inventory/OUT-2/channels/market-b/stop");
    await shows("market-b", "OUT-2", 0);
    await call("PUT", "/v1/inventory/OUT-2/channels/market-b", { buffer: { kind: "fixed", units: 2 } });
    await shows("market-b", "OUT-2", 3);
  });

  it("of a mapped channel are those of its items, at its locations", async () => {
    const { skuId } = await stock("OUT-3", "8103", 4, 6);
    await stock("OUT-4", "8104", 9);
    const id = "market-c";
    await channel(id, { listings: "mapped", locations: new Map([["north", fromStore("22")]]) });
    await d1Channels(env.DB).putListings(fromStore<ChannelId>(id), [{ itemId: "ITEM-3", skuId }]);
    await spread();
    await shows(id, "OUT-3", 6);
    expect(levelsTo(id).every(({ sku, itemId }) => sku === "OUT-3" && itemId === "ITEM-3")).toBe(true);
    expect(levelsTo(id)[0]).toMatchObject({ locations: [{ locationId: "north", available: 6 }] });
  });

  it("wait for a receiver that does not know the secret yet, and make no dead letter meanwhile", async () => {
    await stock("OUT-9", "8109", 5);
    answers.set("market-x.example.com", [{ status: 401 }]);
    await channel("market-x");
    await shows("market-x", "OUT-9", 5);
    const { results } = await env.DB.prepare("SELECT code FROM dead_letters WHERE shop = 'market-x'").all();
    expect(results).toEqual([]);
    expect(received.some(({ body }) => body.channel === "market-x")).toBe(true);
  });

  it("come after a 503 once it is over; a 410 pauses the channel, and its resumption tells all anew", async () => {
    await stock("OUT-5", "8105", 5);
    answers.set("market-d.example.com", [{ status: 503 }]);
    await channel("market-d");
    await shows("market-d", "OUT-5", 5);
    answers.set("market-d.example.com", [{ status: 410 }]);
    await sell("OUT-5", 1, "out-5");
    const state = async () => (await d1Channels(env.DB).get(fromStore("market-d")))?.channel.state;
    await until(state, (now) => now === "paused");
    const news = await until(
      async () => (await call("GET", "/v1/notifications?kind=channel.failing")).body["notifications"] as object[],
      (told) => told.length > 0,
    );
    expect(news).toMatchObject([{ channel: "market-d", severity: "critical", title: "market-d is paused" }]);
    received = [];
    await spread();
    await d1Channels(env.DB).setState(fromStore("market-d"), "active", { reason: null, actor: "test" }, Date.now());
    await spread();
    await shows("market-d", "OUT-5", 4);
  });
});

describe("documents", () => {
  const wms = { type: "wms" as const, outbound: { ...DEFAULT_OUTBOUND, levels: false, orders: ["*" as const] } };

  it("say what is to be sent out of an order, and that nothing is once it is cancelled", async () => {
    await stock("OUT-6", "8106", 5);
    await channel("wms-a", wms);
    const lines = [{ id: "1", variant: "8106", quantity: 2 }];
    const order = { topic: "orders/create", body: orderBody("7001", lines) };
    await deliver(order);
    await deliver(order);
    await until(
      async () => messagesTo("wms-a", "order.fulfilment"),
      (all) => all.length === 1,
    );
    expect(messagesTo("wms-a", "order.fulfilment")[0]?.body.data).toMatchObject({
      ...{ orderId: "7001", orderChannel: "test-shop.myshopify.com", version: 1, state: "open" },
      lines: [{ line: "1", sku: "OUT-6", quantity: 2, locationId: null }],
    });
    await deliver({ topic: "orders/cancelled", body: orderBody("7001", lines) });
    const all = await until(
      async () => messagesTo("wms-a", "order.fulfilment"),
      (sent) => sent.length === 2,
    );
    expect(all[1]?.body.data).toMatchObject({ orderId: "7001", version: 2, state: "cancelled", lines: [] });
  });

  it("tell a warehouse of a marketplace's order, and not of what a till has handed over", async () => {
    await stock("OUT-7", "8107", 9);
    await channelsOf(env).list(); // what is known now, without the warehouse, is believed for seconds
    await channel("wms-c", wms);
    answers.set("wms-c.example.com", [{ status: 202, text: "queued" }]);
    const market = await channel("market-e");
    const line = { sku: "OUT-7", quantity: 2 };
    const lines = [
      { line: "1", ...line },
      { line: "2", ...line, fulfilled: true },
    ];
    await postEvents(market, { type: "order.created", data: { orderId: "M-1", locationId: HERE, lines } });
    await until(
      async () => messagesTo("wms-c", "order.fulfilment").length,
      (n) => n === 1,
    );
    const cancelled = [{ line: "1", ...line }];
    await postEvents(market, { type: "order.cancelled", data: { orderId: "M-1", locationId: HERE, lines: cancelled } });
    const all = await until(
      async () => messagesTo("wms-c", "order.fulfilment").map(({ body }) => body.data),
      (sent) => sent.length === 2,
    );
    const order = { orderId: "M-1", orderChannel: "market-e" };
    expect(all).toEqual([
      {
        ...order,
        version: 1,
        state: "open",
        lines: [{ line: "1", sku: "OUT-7", quantity: 2, locationId: HERE, bundle: null }],
      },
      { ...order, version: 2, state: "cancelled", lines: [] },
    ]);
    const documents = await call("GET", "/v1/channels/wms-c/documents?orderId=M-1");
    const taken = (status: number, reply: string | null) => ({
      outcome: "taken",
      reason: null,
      status,
      reply,
      ms: expect.any(Number),
    });
    expect(documents.body).toMatchObject({
      documents: [{ state: "sent", version: 2, attempts: [taken(204, null), taken(202, "queued")] }],
    });
  }, 30_000);

  it("reach whoever sends an order out, where its news had to go without a name", async () => {
    await channel("wms-d", wms);
    const lines = { "1": { sku: "OUT-8", quantity: 1, locationId: null } };
    const order = {
      orderChannel: fromStore<ChannelId>("till-9"),
      orderId: "T-1",
      correlationId: fromStore<never>("c"),
    };
    await sendUnaddressedNews(env, { ...order, news: { lines, cancelled: {}, isCancelled: false } });
    const [told] = await until(
      async () => messagesTo("wms-d", "order.fulfilment"),
      (sent) => sent.length === 1,
    );
    expect(told?.body.data).toMatchObject({ orderId: "T-1", orderChannel: "till-9", lines: [{ sku: "OUT-8" }] });
  });

  it("are sent once however often they are asked for, and wait while their channel is paused", async () => {
    await channel("wms-b", wms);
    const id = fromStore<ChannelId>("wms-b");
    const reorder = {
      type: "reorder.requested",
      reorderId: "R1",
      data: { reorderId: "R1" },
      correlationId: fromStore<never>("c"),
    } as const;
    await sendChannelDocument(env, id, reorder);
    await sendChannelDocument(env, id, reorder);
    await until(
      async () => messagesTo("wms-b", "reorder.requested").length,
      (n) => n === 1,
    );
    await scheduler.wait(200);
    expect(messagesTo("wms-b", "reorder.requested")).toHaveLength(1);
    await env.DB.exec("UPDATE channel_documents SET state = 'waiting', updated_at_ms = 1");
    await tendChannelDocuments(env, Date.now());
    await until(
      async () => messagesTo("wms-b", "reorder.requested").length,
      (n) => n === 2,
    );
  });
});
