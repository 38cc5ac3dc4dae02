/**
 * Orders of bundles, cancelled and shipped in parts, the shipments told by a component's line or by the bundle's: taken in by the
 * shipped service through the shipped counters. However the events are shuffled and repeated, nothing stays committed of what has
 * ended, and each component is short by what it is in the bundles that have left.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { partLineOf } from "../../../src/domain/channel/bundle-line.ts";
import { type ChannelId, fromStore, type LocationId, type Sku, type SkuId } from "../../../src/domain/ids.ts";
import type { FactEvent } from "../../../src/services/channels/channel-event-lines.ts";
import { sku } from "../../support/channels/channel-envelopes.ts";
import { takingWorld } from "../../support/channels/taking-world.ts";

const START_MS = 1_800_000_000_000;
const STOCK = 1_000;
const [MARKET, WMS] = ["market", "wms"].map((id) => fromStore<ChannelId>(id)) as [ChannelId, ChannelId];
const PARTS = [
  { name: "CUP", id: "sku_cup", units: 2 },
  { name: "LID", id: "sku_lid", units: 1 },
] as const;
const SET = fromStore<Sku>("SET");

type Told = { readonly channel: ChannelId; readonly event: FactEvent };
type Ended = { readonly units: number; readonly by: "cancelled" | "components" | "bundle" };

const bundle = {
  ...{ sku: SET, revision: 1 },
  components: PARTS.map(({ name, id, units }) => ({
    ...{ skuId: fromStore<SkuId>(id), sku: fromStore<Sku>(name), quantity: units },
  })),
};
const world = () =>
  takingWorld({
    skus: new Map(PARTS.map(({ name, id }) => [fromStore<Sku>(name), fromStore<SkuId>(id)])),
    stock: { 11: STOCK },
    startMs: START_MS,
    bundles: new Map([[SET, bundle]]),
    locations: new Map([["main", fromStore<LocationId>("11")]]),
  });

const ended = fc.record({
  units: fc.integer({ min: 1, max: 3 }),
  by: fc.constantFrom<Ended["by"]>("cancelled", "components", "bundle"),
});

/** All of an order: its line of bundles, and what becomes of it until none is open. */
function eventsOf(orderId: string, ends: readonly Ended[]): readonly Told[] {
  const ordered = ends.reduce((sum, { units }) => sum + units, 0);
  const line = { line: "1", item: sku("SET"), location: null };
  const of = { orderId, location: "main" };
  const created: FactEvent = {
    ...{ type: "order.created", ...of },
    lines: [{ ...line, quantity: ordered, fulfilled: false }],
  };
  return [
    { channel: MARKET, event: created },
    ...ends.map(({ units: quantity, by }, i): Told => {
      if (by === "cancelled") {
        const lines = [{ ...line, quantity, ordered }];
        return { channel: MARKET, event: { type: "order.cancelled", ...of, cancellationId: `${i}`, lines } };
      }
      const parts = PARTS.map(({ name, units }) => ({
        ...{ line: partLineOf("1", name), item: sku(name), location: null },
        ...{ quantity: units * quantity, ordered: units * ordered },
      }));
      const lines = by === "bundle" ? [{ ...line, quantity, ordered }] : parts;
      const shipment = { shipmentId: `${orderId}/${i}`, orderChannel: MARKET, lines } as const;
      return { channel: WMS, event: { type: "shipment.confirmed", ...of, ...shipment } };
    }),
  ];
}

const history = fc
  .array(fc.array(ended, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 4 })
  .chain((orders) => {
    const all = orders.flatMap((ends, i) => eventsOf(`o${i}`, ends));
    const shuffled = fc.shuffledSubarray([...all, ...all], { minLength: all.length * 2 });
    return fc.tuple(fc.constant(orders.flat()), shuffled);
  });

describe("bundles that a warehouse ships", () => {
  it("end the sale of each component exactly once, in any order of events, named as they may be", async () => {
    await fc.assert(
      fc.asyncProperty(history, async ([ends, told]) => {
        const taking = world();
        for (const each of told)
          expect(await taking.take([{ ...each, occurredAtMs: START_MS }])).toEqual([{ kind: "done" }]);
        const left = ends.reduce((sum, { units, by }) => sum + (by === "cancelled" ? 0 : units), 0);
        for (const { id, units } of PARTS) {
          const onHand = STOCK - units * left;
          expect(taking.levels(fromStore<SkuId>(id))).toMatchObject([{ available: onHand, committed: 0, onHand }]);
        }
      }),
      { numRuns: 100 },
    );
  });

  it("count once where one shipment is told both ways, and a bundle is no component", async () => {
    const taking = world();
    const [created, byParts] = eventsOf("o1", [{ units: 2, by: "components" }]) as [Told, Told];
    const [, byBundle] = eventsOf("o1", [{ units: 2, by: "bundle" }]) as [Told, Told];
    const take = (...events: readonly Told[]) =>
      taking.take(events.map((each) => ({ ...each, occurredAtMs: START_MS })));
    expect(await take(created, byBundle, byParts)).toEqual([{ kind: "done" }, { kind: "done" }, { kind: "done" }]);
    const cup = () => taking.levels(fromStore<SkuId>("sku_cup"));
    expect(cup()).toMatchObject([{ committed: 0, onHand: STOCK - 4 }]);
    const line = { line: partLineOf("1", "CUP"), item: sku("SET"), location: null, quantity: 1, ordered: 2 };
    const mixed = { ...byBundle, event: { ...byBundle.event, shipmentId: "o1/9", lines: [line] } as FactEvent };
    expect(await take(mixed)).toMatchObject([{ kind: "dead", code: "bundle_stock" }]);
    expect(cup()).toMatchObject([{ committed: 0, onHand: STOCK - 4 }]);
  });
});
