/** Bundles that a warehouse sends out: it is told of what lies on its shelf, and its shipments end the sale of exactly that. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { DEFAULT_OUTBOUND } from "../../src/domain/channel/channel.ts";
import type { Fulfilment, FulfilmentLine } from "../../src/domain/channel/fulfilment.ts";
import { call } from "./support/api.ts";
import { type Stocked, stock } from "./support/catalogue.ts";
import { postEvents, putChannel, type TestChannel } from "./support/channels.ts";
import { HERE, SHOP } from "./support/counters.ts";
import { until } from "./support/until.ts";
import { deliver, orderBody } from "./support/webhooks.ts";

let told: { readonly channel: string; readonly data: Fulfilment }[] = [];

beforeEach(() => {
  told = [];
  vi.spyOn(globalThis, "fetch").mockImplementation(async (_url, init) => {
    told.push(JSON.parse(String(init?.body)));
    return new Response(null, { status: 204 });
  });
});
afterEach(() => {
  vi.restoreAllMocks();
});

const toldTo = (wms: TestChannel, orderId: string) =>
  told.flatMap(({ channel, data }) => (channel === wms.id && data.orderId === orderId ? [data] : []));
const version = (wms: TestChannel, orderId: string, wanted: number) =>
  until(
    async () => toldTo(wms, orderId).find((data) => data.version === wanted),
    (data) => data !== undefined,
  );

function warehouse(name: string): Promise<TestChannel> {
  const outbound = { ...DEFAULT_OUTBOUND, levels: false, orders: ["*" as const] };
  return putChannel(name, { type: "wms", endpoint: `https://${name}.example.com/hooks`, outbound });
}

const shown = async ({ counter }: Stocked) => {
  const levels = await counter.levels();
  return [levels?.available, levels?.committed, levels?.onHand];
};
const show = (wanted: readonly (readonly number[])[], ...stocked: readonly Stocked[]) =>
  until(
    async () => await Promise.all(stocked.map(shown)),
    (now) => JSON.stringify(now) === JSON.stringify(wanted),
  );

const putBundle = (sku: string, components: Readonly<Record<string, number>>) =>
  call("PUT", `/v1/bundles/${sku}`, {
    components: Object.entries(components).map(([its, quantity]) => ({ sku: its, quantity })),
  });

/** As a warehouse confirms what it was told: the lines by their names, all of each. */
const shipped = (shipmentId: string, { orderId, orderChannel, lines }: Fulfilment) => ({
  type: "shipment.confirmed",
  data: {
    ...{ shipmentId, orderId, orderChannel, locationId: HERE },
    lines: lines.map(({ line, sku, quantity }: FulfilmentLine) => ({ line, sku, quantity, ordered: quantity })),
  },
});

describe("a bundle in an order that a warehouse sends out", () => {
  it("is told by its components as they were sold, shrinks with what is cancelled, and is shipped once", async () => {
    const [cup, lid] = [await stock("CB-CUP", "8201", 20), await stock("CB-LID", "8202", 20)];
    await putBundle("CB-SET", { "CB-CUP": 2, "CB-LID": 1 });
    const wms = await warehouse("wms-parts");
    const market = await putChannel("market-parts", { type: "marketplace" });
    const set = { line: "1", sku: "CB-SET", quantity: 3 };
    const lines = [set, { line: "2", sku: "CB-CUP", quantity: 1 }];
    await postEvents(market, { type: "order.created", data: { orderId: "B-1", locationId: HERE, lines } });
    const bundle = { line: "1", sku: "CB-SET", quantity: 3 };
    const [place, alone] = [{ locationId: HERE }, { bundle: null }];
    expect(await version(wms, "B-1", 1)).toMatchObject({
      lines: [
        { line: "1/part/CB-CUP", sku: "CB-CUP", quantity: 6, ...place, bundle },
        { line: "1/part/CB-LID", sku: "CB-LID", quantity: 3, ...place, bundle },
        { line: "2", sku: "CB-CUP", quantity: 1, ...place, ...alone },
      ],
    });
    await show([[13, 7, 20], [17, 3, 20]], cup, lid); // biome-ignore format: levels side by side
    await postEvents(market, {
      type: "order.cancelled",
      data: { orderId: "B-1", locationId: HERE, lines: [{ ...set, quantity: 1, ordered: 3 }] },
    });
    const left = await version(wms, "B-1", 2);
    // Sold as it was, whatever it is by now.
    await putBundle("CB-SET", { "CB-LID": 5 });
    expect(left?.lines.map(({ line, quantity }) => [line, quantity])).toEqual([
      ["1/part/CB-CUP", 4],
      ["1/part/CB-LID", 2],
      ["2", 1],
    ]);
    const parcel = shipped("S-1", left as Fulfilment);
    await postEvents(wms, parcel);
    await postEvents(wms, parcel);
    await show([[15, 0, 15], [18, 0, 18]], cup, lid); // biome-ignore format: levels side by side
    const { body } = await call("GET", "/v1/inventory/CB-CUP/movements?limit=50");
    const booked = (body["movements"] as { kind: string; source: string }[]).filter(
      ({ source }) => source === "channel",
    );
    const kinds = booked.map(({ kind }) => kind).toSorted();
    expect(kinds).toEqual(["cancellation", "sale", "sale", "shipment", "shipment"]);
    expect((await call("GET", "/v1/dead-letters?channel=wms-parts")).body).toMatchObject({ deadLetters: [] });
  }, 30_000);

  it("may be confirmed by its own SKU as well: the same shipment told both ways counts once", async () => {
    const [cup, lid] = [await stock("CW-CUP", "8211", 10), await stock("CW-LID", "8212", 10)];
    await putBundle("CW-SET", { "CW-CUP": 2, "CW-LID": 1 });
    const wms = await warehouse("wms-whole");
    const market = await putChannel("market-whole", { type: "marketplace" });
    const lines = [{ line: "1", sku: "CW-SET", quantity: 2 }];
    await postEvents(market, { type: "order.created", data: { orderId: "W-1", locationId: HERE, lines } });
    const order = (await version(wms, "W-1", 1)) as Fulfilment;
    const whole = { line: "1", sku: "CW-SET", quantity: 2, locationId: HERE, bundle: null };
    await postEvents(wms, shipped("S-1", { ...order, lines: [whole] }));
    await show([[6, 0, 6], [8, 0, 8]], cup, lid); // biome-ignore format: levels side by side
    await postEvents(wms, shipped("S-1", order));
    await scheduler.wait(300);
    expect(await Promise.all([cup, lid].map(shown))).toEqual([
      [6, 0, 6],
      [8, 0, 8],
    ]);
  }, 30_000);

  it("of a Shopify shop comes by its components from there, and is shipped there", async () => {
    const [cup, lid] = [await stock("CS-CUP", "8221", 10), await stock("CS-LID", "8222", 10)];
    const wms = await warehouse("wms-native");
    const lines = [
      { id: "11", variant: "8221", quantity: 4 },
      { id: "12", variant: "8222", quantity: 2 },
    ];
    await deliver({ topic: "orders/create", body: orderBody("8801", lines) });
    const order = (await version(wms, "8801", 1)) as Fulfilment;
    expect(order).toMatchObject({
      orderChannel: SHOP,
      lines: [
        { line: "11", sku: "CS-CUP", quantity: 4, bundle: null },
        { line: "12", sku: "CS-LID", quantity: 2, bundle: null },
      ],
    });
    await show([[6, 4, 10], [8, 2, 10]], cup, lid); // biome-ignore format: levels side by side
    // Its own news of it is passed over: Shopify tells of the shipment.
    await postEvents(wms, shipped("S-1", order));
    const parts = lines.map(
      ({ id, variant, quantity }) => `{"id":${id},"variant_id":${variant},"sku":"","quantity":${quantity}}`,
    );
    const at = new Date().toISOString();
    await deliver({
      topic: "fulfillments/create",
      body: `{"id":501,"order_id":8801,"status":"success","location_id":${HERE},"created_at":"${at}","updated_at":"${at}","line_items":[${parts.join(",")}]}`,
    });
    await show([[6, 0, 6], [8, 0, 8]], cup, lid); // biome-ignore format: levels side by side
  }, 30_000);
});
