/** The rules that the simulators' README files promise: the verdict rests on them. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { PosClient } from "../../../../dev/demo/pos-client.ts";
import {
  type MarketplaceSimulator,
  startMarketplaceSimulator,
} from "../../../../dev/marketplace-simulator/marketplace-simulator.ts";
import { type NotificationSink, startNotificationSink } from "../../../../dev/notification-sink/notification-sink.ts";
import { startWmsSimulator, type WmsSimulator } from "../../../../dev/wms-simulator/wms-simulator.ts";
import { fromStore, type Sku } from "../../../../src/domain/ids.ts";
import { newsToWire, webhookBody } from "../../../../src/domain/notification/render.ts";
import { type EventEar, secretOf, startEventEar } from "../../../support/channels/event-ear.ts";
import { postSigned } from "../../../support/channels/post-signed.ts";
import { news } from "../../../support/notifications.ts";

const SECRET = secretOf("shared");
const SKU = "LAMP-01";

let ear: EventEar;
beforeEach(async () => {
  ear = await startEventEar(SECRET);
});
afterEach(() => ear.close());

const told = (): readonly (readonly [string, unknown])[] =>
  ear.heard.flatMap(({ events }) => events.map(({ type, data }) => [type, data["lines"]] as const));

describe("the WMS simulator", () => {
  let wms: WmsSimulator;
  beforeEach(async () => {
    wms = await startWmsSimulator({ homeLocation: "WH-1", pickMs: [40, 40], leadMs: [10, 20], twoPartsRate: 1 });
    wms.connect(ear.url, SECRET);
    wms.shelf.open(SKU, "WH-1", 10);
  });
  afterEach(() => wms.close());

  const post = (id: string, type: string, data: Readonly<Record<string, unknown>>): Promise<number> =>
    postSigned(wms.endpoint, SECRET, { id, type, data }).then(({ status }) => status);
  const order = (version: number, quantity: number, state = "open") => ({
    ...{ orderId: "o1", orderChannel: "market-main", version, state },
    lines: [{ line: "1", sku: SKU, quantity, locationId: null }],
  });

  it("answers a wrong signature 401 and counts it; with two secrets in force it takes either", async () => {
    const other = secretOf("older");
    expect((await postSigned(wms.endpoint, other, { id: "1", type: "channel.test", data: {} })).status).toBe(401);
    wms.receiver.secrets = [SECRET, other];
    expect((await postSigned(wms.endpoint, other, { id: "2", type: "channel.test", data: {} })).status).toBe(204);
    expect(wms.receiver.stats).toMatchObject({ badSignatures: 1, taken: 1 });
  });

  it("keeps the highest version of a level, whatever comes last", async () => {
    const level = (version: number, available: number) => ({
      levels: [{ sku: SKU, itemId: null, version, available, locations: [], asOf: "" }],
    });
    await post("1", "stock.levels", level(8, 3));
    await post("2", "stock.levels", level(7, 9));
    expect([wms.levels.get(SKU)?.available, wms.levels.stale]).toEqual([3, 1]);
  });

  it("ships once what the newest version of an order asks for", async () => {
    await post("1", "order.fulfilment", order(2, 2));
    await post("2", "order.fulfilment", order(1, 3));
    await post("2", "order.fulfilment", order(1, 3));
    await wms.idle();
    expect(told()).toEqual([
      ["shipment.confirmed", [{ line: "1", sku: SKU, quantity: 2, ordered: 2, locationId: "WH-1" }]],
    ]);
    expect([wms.shelf.lying(SKU, "WH-1"), wms.dispatch.waiting()]).toEqual([8, 0]);
  });

  it("ships nothing of an order that was cancelled in time", async () => {
    await post("1", "order.fulfilment", order(1, 2));
    await post("2", "order.fulfilment", order(2, 2, "cancelled"));
    await wms.idle();
    expect([told(), wms.shelf.lying(SKU, "WH-1")]).toEqual([[], 10]);
  });

  it("buys a reorder once, and its parts add up", async () => {
    const reorder = { reorderId: "r1", sku: SKU, itemId: null, locationId: null, quantity: 10, neededBy: null };
    await post("1", "reorder.requested", reorder);
    await post("2", "reorder.requested", reorder);
    await wms.idle();
    const quantities = ear.heard.flatMap(({ events }) =>
      events.flatMap(({ data }) => (data["lines"] as { quantity: number }[]).map(({ quantity }) => quantity)),
    );
    expect([quantities.toSorted((a, b) => a - b), wms.shelf.lying(SKU, "WH-1")]).toEqual([[3, 7], 20]);
    expect(wms.purchasing.all()).toMatchObject([{ times: 2, received: 10 }]);
  });

  it("does not receive what was cancelled before it arrived", async () => {
    await post("1", "reorder.requested", { reorderId: "r1", sku: SKU, locationId: null, quantity: 4 });
    await post("2", "reorder.cancelled", { reorderId: "r1" });
    await wms.idle();
    expect([told(), wms.shelf.lying(SKU, "WH-1")]).toEqual([[], 10]);
  });

  it("finds by a count what slipped; a misread count leaves shelf and books alone", async () => {
    wms.shelf.slip(SKU, "WH-1", -2);
    wms.count(SKU);
    wms.count(SKU, 40);
    await wms.idle();
    const counted = told().map(([, lines]) => (lines as { counted: number }[])[0]?.counted);
    expect(counted.toSorted()).toEqual([48, 8]);
    expect(wms.shelf.entries.filter(({ cause }) => cause === "count")).toMatchObject([{ available: -2 }]);
  });

  it("refuses and hangs as told, and answers again after so many times", async () => {
    wms.behaviour = { kind: "refuse", status: 429, retryAfterSeconds: 7, times: 1 };
    const refused = await postSigned(wms.endpoint, SECRET, { id: "1", type: "channel.test", data: {} });
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "7"]);
    expect(await post("1", "channel.test", {})).toBe(204);
  });

  it("is played over HTTP by whoever has its token, and by nobody else", async () => {
    const ask = (token: string, body: unknown) =>
      fetch(`${wms.receiver.url}/_simulator/receipts`, {
        method: "POST",
        headers: { "x-simulator-token": token },
        body: JSON.stringify(body),
      });
    expect((await ask("guessed", { sku: SKU, quantity: 1 })).status).toBe(401);
    expect((await ask(wms.controlToken, { sku: SKU, quantity: 1, oops: 1 })).status).toBe(422);
    expect((await ask(wms.controlToken, { sku: SKU, quantity: 3 })).status).toBe(200);
    await wms.idle();
    expect(told()).toEqual([["stock.received", [{ line: "1", sku: SKU, quantity: 3 }]]]);
  });
});

describe("the marketplace simulator", () => {
  let marketplace: MarketplaceSimulator;
  beforeEach(async () => {
    marketplace = await startMarketplaceSimulator();
    marketplace.connect(ear.url, SECRET);
    marketplace.list(SKU, "MKT-1");
    const levels = [{ sku: SKU, itemId: "MKT-1", version: 1, available: 2, locations: [], asOf: "" }];
    await postSigned(marketplace.endpoint, SECRET, { id: "1", type: "stock.levels", data: { levels } });
  });
  afterEach(() => marketplace.close());

  it("sells what it shows, under its own names, and no more", async () => {
    expect([marketplace.sell(SKU, 2), marketplace.sell(SKU, 1)]).toEqual(["mkt-1", null]);
    await marketplace.idle();
    expect(told()).toEqual([["order.created", [{ line: "1", itemId: "MKT-1", quantity: 2 }]]]);
    expect([marketplace.soldOut, marketplace.shown(SKU), marketplace.books.net.get(SKU)]).toEqual([1, 0, 2]);
  });

  it("lets a cancellation overtake its order", async () => {
    marketplace.sell(SKU, 1, "before_the_order");
    await marketplace.idle();
    expect(told().map(([type]) => type)).toEqual(["order.cancelled", "order.created"]);
    expect(marketplace.books.net.get(SKU)).toBe(0);
  });

  it("takes back only what has left", async () => {
    const orderId = marketplace.sell(SKU, 2);
    expect(marketplace.giveBack(true)).toBe(false);
    marketplace.shipped(orderId ?? "");
    expect([marketplace.giveBack(true), marketplace.giveBack(true)]).toEqual([true, false]);
    expect(marketplace.books.net.get(SKU)).toBe(1);
  });
});

describe("the till", () => {
  it("tells in one array what happened while it was offline", async () => {
    const till = new PosClient("STORE-1");
    till.connect(ear.url, SECRET);
    till.goOffline();
    till.sell(SKU, 2);
    till.order(SKU, 1, "collected");
    till.giveBack();
    till.goOnline();
    await till.idle();
    expect(ear.heard.map(({ events }) => events.map(({ type }) => type))).toEqual([
      ["order.created", "order.created", "shipment.confirmed", "order.returned"],
    ]);
    expect(till.books.net.get(SKU)).toBe(2);
    till.close();
  });
});

describe("the notification sink", () => {
  let sink: NotificationSink;
  beforeEach(async () => {
    sink = await startNotificationSink();
    sink.receiver.secrets = [SECRET];
  });
  afterEach(() => sink.close());

  const lowNews = news({ id: "n1", subject: SKU, title: `${SKU} is low: 4 left`, sku: fromStore<Sku>(SKU) });
  const low = newsToWire(lowNews);

  it("knows a message that came twice from a notification that was told twice", async () => {
    const post = (id: string) => postSigned(sink.hook, SECRET, { id, type: "inventory.low_stock", data: low });
    await post("m1");
    await post("m1");
    expect(sink.newest(1)).toMatchObject([{ id: "n1", kind: "inventory.low_stock", times: 1 }]);
    expect(sink.receiver.stats.repeated).toBe(1);
    await post("m2");
    expect(sink.newest(1)).toMatchObject([{ id: "n1", times: 2 }]);
  });

  it("opens a digest, and keeps a chat's text", async () => {
    const digest = webhookBody([lowNews, news({ id: "n2" })], 5_000);
    await postSigned(sink.hook, SECRET, { id: "m1", type: digest.type, data: digest.data });
    await fetch(sink.chatHook, { method: "POST", body: JSON.stringify({ text: "LAMP-01 is low" }) });
    expect(sink.of("inventory.low_stock", SKU)).toMatchObject([{ id: "n1", severity: "warning", atMs: lowNews.atMs }]);
    expect([sink.told.size, sink.digests, sink.chat]).toEqual([2, 1, ["LAMP-01 is low"]]);
  });

  it("takes nothing that is not signed", async () => {
    const answer = await postSigned(sink.hook, secretOf("wrong"), { id: "m1", type: "inventory.low_stock", data: low });
    expect([answer.status, sink.told.size]).toEqual([401, 0]);
  });
});
