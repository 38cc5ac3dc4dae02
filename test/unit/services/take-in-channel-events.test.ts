import { describe, expect, it } from "vitest";
import { type ChannelId, fromStore, type LocationId, type Sku, type SkuId } from "../../../src/domain/ids.ts";
import type { FactEvent } from "../../../src/services/channels/channel-event-lines.ts";
import { lineOf, ONE_OF_EACH, sku } from "../../support/channels/channel-envelopes.ts";
import { takingWorld } from "../../support/channels/taking-world.ts";

const START_MS = 1_800_000_000_000;
const WMS = fromStore<ChannelId>("wms-main");
const [CUP, LID, SET] = ["CUP", "LID", "SET"].map((name) => fromStore<Sku>(name)) as [Sku, Sku, Sku];
const [CUP_ID, LID_ID] = ["sku_cup", "sku_lid"].map((id) => fromStore<SkuId>(id)) as [SkuId, SkuId];

const world = () =>
  takingWorld({
    skus: new Map([
      [CUP, CUP_ID],
      [LID, LID_ID],
    ]),
    stock: { 11: 10, 22: 0 },
    startMs: START_MS,
    bundles: new Map([
      [
        SET,
        {
          ...{ sku: SET, revision: 1 },
          components: [
            { skuId: CUP_ID, sku: CUP, quantity: 2 },
            { skuId: LID_ID, sku: LID, quantity: 1 },
          ],
        },
      ],
    ]),
    locations: new Map([["main", fromStore<LocationId>("11")]]),
  });

const order = (
  orderId: string,
  ...lines: readonly { readonly name: string; readonly quantity: number }[]
): FactEvent => ({
  ...{ type: "order.created", orderId, location: "main" },
  lines: lines.map(({ name, quantity }, i) => ({ ...lineOf(`${i + 1}`, name), quantity, fulfilled: false })),
});
const told = (event: FactEvent, occurredAtMs = START_MS, channel = WMS) => ({ channel, occurredAtMs, event });
const here = (levels: ReturnType<ReturnType<typeof world>["levels"]>) =>
  levels.find(({ locationId }) => locationId === "11");

describe("taking in what channels tell", () => {
  it("calls each counter once for all events of a batch", async () => {
    const taking = world();
    const events = [
      order("1", { name: "CUP", quantity: 1 }),
      order("2", { name: "CUP", quantity: 1 }, { name: "LID", quantity: 1 }),
    ];
    expect(await taking.take(events.map((event) => told(event)))).toEqual([{ kind: "done" }, { kind: "done" }]);
    expect(taking.calls.toSorted()).toEqual([CUP_ID, LID_ID]);
    expect(here(taking.levels(CUP_ID))).toMatchObject({ available: 8, committed: 2 });
  });

  it("takes a bundle's components, and gives them back with its cancellation", async () => {
    const taking = world();
    await taking.take([told(order("1", { name: "SET", quantity: 3 }))]);
    expect([here(taking.levels(CUP_ID))?.available, here(taking.levels(LID_ID))?.available]).toEqual([4, 7]);
    const cancelled: FactEvent = {
      ...{ type: "order.cancelled", orderId: "1", cancellationId: null, location: "main" },
      lines: [{ ...lineOf("1", "SET"), quantity: 1, ordered: 3 }],
    };
    await taking.take([told(cancelled)]);
    expect([here(taking.levels(CUP_ID))?.available, here(taking.levels(LID_ID))?.available]).toEqual([6, 8]);
  });

  it("says that a bundle stands on no shelf", async () => {
    const received: FactEvent = {
      ...{ type: "stock.received", receiptId: "1", reorderId: null, location: "main" },
      lines: [lineOf("1", "SET"), lineOf("2", "CUP")],
    };
    const taking = world();
    expect(await taking.take([told(received)])).toMatchObject([
      { kind: "dead", code: "bundle_stock", subject: "SKU SET", rest: { lines: [{ line: "1" }] } },
    ]);
    expect(here(taking.levels(CUP_ID))?.available).toBe(12);
  });

  it("counts a sale below zero: it has happened", async () => {
    const taking = world();
    expect(await taking.take([told(order("1", { name: "CUP", quantity: 15 }))])).toEqual([{ kind: "done" }]);
    expect(here(taking.levels(CUP_ID))?.available).toBe(-5);
  });

  it("keeps what a person must look at: other units under a document, too old, a place where it is not stocked", async () => {
    const taking = world();
    await taking.take([told(order("1", { name: "CUP", quantity: 1 }))]);
    const month = 31 * 86_400_000;
    const elsewhere = { ...order("3", { name: "CUP", quantity: 1 }), location: "99" } as FactEvent;
    const verdicts = await taking.take([
      told(order("1", { name: "CUP", quantity: 2 }, { name: "LID", quantity: 1 })),
      told(order("2", { name: "CUP", quantity: 1 }), START_MS - month),
      told(elsewhere),
    ]);
    expect(verdicts).toMatchObject([
      { kind: "dead", code: "key_reused", rest: { lines: [{ line: "1" }] } },
      { kind: "dead", code: "too_old" },
      { kind: "dead", code: "unknown_location" },
    ]);
    expect(here(taking.levels(LID_ID))?.available).toBe(9);
  });

  it("tells of a part of an order before the order, and takes the order for what it is", async () => {
    const taking = world();
    const shipped: FactEvent = {
      ...{ type: "shipment.confirmed", shipmentId: "s", orderId: "1", orderChannel: "shop-eu", location: "main" },
      lines: [{ ...lineOf("1", "CUP"), quantity: 1, ordered: 3 }],
    };
    await taking.take([told(shipped)]);
    expect(here(taking.levels(CUP_ID))).toMatchObject({ available: 7, committed: 2 });
    const created = told(order("1", { name: "CUP", quantity: 3 }), START_MS, fromStore<ChannelId>("shop-eu"));
    expect(await taking.take([created])).toEqual([{ kind: "done" }]);
    expect(here(taking.levels(CUP_ID))).toMatchObject({ available: 7, committed: 2 });
  });

  it("leaves a shipment of a Shopify shop's order to Shopify, which tells of it itself", async () => {
    const taking = world();
    const shipped: FactEvent = {
      ...{
        type: "shipment.confirmed",
        shipmentId: "s",
        orderId: "1",
        orderChannel: "a.myshopify.com",
        location: "main",
      },
      lines: [{ ...lineOf("1", "CUP"), quantity: 1, ordered: 1 }],
    };
    expect(await taking.take([told(shipped)])).toEqual([{ kind: "done" }]);
    expect(taking.calls).toEqual([]);
  });

  it("waits for who is away: catalogue, channels, a counter; and then counts once", async () => {
    const taking = world();
    const event = told(order("1", { name: "CUP", quantity: 1 }, { name: "LID", quantity: 1 }));
    taking.away.catalogue = true;
    expect(await taking.take([event])).toMatchObject([{ kind: "retry", code: "catalogue" }]);
    taking.away.catalogue = false;
    taking.away.directory = true;
    expect(await taking.take([event])).toMatchObject([{ kind: "retry", code: "catalogue" }]);
    taking.away.directory = false;
    taking.away.counters.add(LID_ID);
    expect(await taking.take([event])).toMatchObject([{ kind: "retry", code: "counter" }]);
    taking.away.counters.clear();
    expect(await taking.take([event])).toEqual([{ kind: "done" }]);
    expect([here(taking.levels(CUP_ID))?.available, here(taking.levels(LID_ID))?.available]).toEqual([9, 9]);
  });

  it("names a channel that there is not", async () => {
    const verdicts = await world().take([
      told(order("1", { name: "CUP", quantity: 1 }), START_MS, fromStore<ChannelId>("stranger")),
    ]);
    expect(verdicts).toMatchObject([{ kind: "dead", code: "unknown_channel" }]);
  });

  it("lets the receipt of a reorder bear the reorder's name", async () => {
    const received = ONE_OF_EACH.find(({ type }) => type === "stock.received");
    expect(received).toMatchObject({ reorderId: "ro1" });
    const taking = world();
    if (received?.type !== "stock.received") throw new Error("no receipt");
    await taking.take([told({ ...received, lines: [{ ...lineOf(), item: sku("CUP") }] })]);
    expect(taking.movements(CUP_ID)).toMatchObject([
      { kind: "receipt", cause: { reference: "ro1", source: "channel" } },
    ]);
  });
});
