/**
 * Histories of a warehouse, a till and a marketplace on one SKU, taken in by the shipped service through the shipped counter on
 * its own SQL. However its events are shuffled, told twice and cut into batches, the levels end as they do in order; and in
 * order they are what a ledger of forty lines says.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ChannelId, fromStore, type LocationId, type Sku, type SkuId } from "../../../src/domain/ids.ts";
import type { FactEvent } from "../../../src/services/channels/channel-event-lines.ts";
import { sku } from "../../support/channels/channel-envelopes.ts";
import { takingWorld } from "../../support/channels/taking-world.ts";

const START_MS = 1_800_000_000_000;
const PLACES = ["11", "22"] as const;
type Place = (typeof PLACES)[number];

type Told = { readonly atMs: number; readonly event: FactEvent };
type Level = { onHand: number; committed: number; damaged: number };

const line = { line: "1", item: sku("CUP"), location: null };
const place = fc.constantFrom<Place>(...PLACES);
const units = fc.integer({ min: 1, max: 6 });
const hour = fc.integer({ min: 1, max: 30 });

/** An order and what becomes of it, each part at a later moment, at one place. */
const order = fc
  .record({
    at: place,
    ordered: units,
    hours: fc.tuple(hour, hour, hour, hour),
    parts: fc.array(units, { maxLength: 3 }),
    returned: fc.option(fc.record({ hours: hour, restock: fc.boolean() })),
  })
  .map(({ at, ordered, hours, parts, returned }) => (id: string): readonly Told[] => {
    const [first, ...later] = hours.toSorted((a, b) => a - b).map((h) => START_MS + h * 3_600_000);
    const created: FactEvent = {
      ...{ type: "order.created", orderId: id, location: at },
      lines: [{ ...line, quantity: ordered, fulfilled: false }],
    };
    let open = ordered;
    const ends = parts.flatMap((part, i): readonly Told[] => {
      const quantity = Math.min(part, open);
      if (quantity === 0) return [];
      open -= quantity;
      const event: FactEvent =
        i % 2 === 0
          ? {
              ...{
                type: "shipment.confirmed",
                shipmentId: `${id}-${i}`,
                orderId: id,
                orderChannel: null,
                location: at,
              },
              lines: [{ ...line, quantity, ordered }],
            }
          : {
              ...{ type: "order.cancelled", orderId: id, cancellationId: `${i}`, location: at },
              lines: [{ ...line, quantity, ordered }],
            };
      return [{ atMs: later[i] ?? START_MS, event }];
    });
    // One unit of the first parcel comes back, hours after it left.
    const parcel = ends.find(({ event }) => event.type === "shipment.confirmed");
    const back: readonly Told[] =
      returned === null || parcel === undefined
        ? []
        : [
            {
              atMs: parcel.atMs + returned.hours * 3_600_000,
              event: {
                ...{ type: "order.returned", orderId: id, returnId: `${id}-back`, location: at },
                lines: [{ ...line, quantity: 1, ordered, restock: returned.restock, fulfilled: false }],
              },
            },
          ];
    return [{ atMs: first ?? START_MS, event: created }, ...ends, ...back];
  });

const stockEvent = (make: (id: string, at: Place, n: number) => FactEvent) =>
  fc.tuple(place, units, hour).map(([at, n, h]) => (id: string): readonly Told[] => [
    { atMs: START_MS + h * 3_600_000, event: make(id, at, n) },
  ]);
const other = (at: Place): Place => (at === "11" ? "22" : "11");

const story = fc.oneof(
  { weight: 4, arbitrary: order },
  stockEvent((id, at, quantity) => ({
    ...{ type: "order.created", orderId: id, location: at },
    lines: [{ ...line, quantity, fulfilled: true }],
  })),
  stockEvent((id, location, quantity) => ({
    ...{ type: "stock.received", receiptId: id, reorderId: null, location },
    lines: [{ ...line, quantity }],
  })),
  stockEvent((id, location, n) => ({
    ...{ type: "stock.adjusted", adjustmentId: id, location },
    lines: [{ ...line, delta: n % 2 === 0 ? n : -n, reason: null }],
  })),
  stockEvent((id, location, quantity) => ({
    ...{ type: "stock.damaged", damageId: id, location },
    lines: [{ ...line, quantity, reason: null }],
  })),
  stockEvent((id, at, quantity) => ({
    ...{ type: "stock.transferred", transferId: id, from: at, to: other(at) },
    lines: [{ line: "1", item: sku("CUP"), quantity }],
  })),
  {
    weight: 2,
    arbitrary: fc
      .tuple(place, fc.integer({ min: 0, max: 40 }), hour)
      .map(([location, counted, h]) => (id: string): readonly Told[] => {
        // No two things happen in one moment at a shelf that is being counted.
        const atMs = START_MS + h * 3_600_000 + 1 + Number(id.slice(1));
        const count: FactEvent = {
          ...{ type: "stock.counted", countId: id, of: "on_hand", countedAtMs: atMs, location },
          lines: [{ ...line, counted }],
        };
        return [{ atMs, event: count }];
      }),
  },
);

const history = fc
  .array(story, { maxLength: 14 })
  .map((stories) => stories.flatMap((tell, i) => tell(`d${i}`)).toSorted((a, b) => a.atMs - b.atMs));

/** The ledger: what is on hand, and of it what is sold or broken. */
function ledgerOf(told: readonly Told[]): Record<Place, Level> {
  const levels: Record<Place, Level> = {
    "11": { onHand: 20, committed: 0, damaged: 0 },
    "22": { onHand: 20, committed: 0, damaged: 0 },
  };
  for (const { event } of told) {
    if (event.type === "stock.transferred") {
      for (const { quantity } of event.lines) {
        levels[event.from as Place].onHand -= quantity;
        levels[event.to as Place].onHand += quantity;
      }
      continue;
    }
    const level = levels[event.location as Place];
    if (event.type === "order.created")
      for (const { quantity, fulfilled } of event.lines)
        if (fulfilled) level.onHand -= quantity;
        else level.committed += quantity;
    else if (event.type === "order.cancelled") for (const { quantity } of event.lines) level.committed -= quantity;
    else if (event.type === "shipment.confirmed")
      for (const { quantity } of event.lines) {
        level.committed -= quantity;
        level.onHand -= quantity;
      }
    else if (event.type === "order.returned")
      for (const { quantity, restock } of event.lines) {
        level.onHand += quantity;
        if (!restock) level.damaged += quantity;
      }
    else if (event.type === "stock.received") for (const { quantity } of event.lines) level.onHand += quantity;
    else if (event.type === "stock.adjusted") for (const { delta } of event.lines) level.onHand += delta;
    else if (event.type === "stock.damaged") for (const { quantity } of event.lines) level.damaged += quantity;
    else if (event.type === "stock.counted") for (const { counted } of event.lines) level.onHand = counted;
  }
  return levels;
}

const CHANNEL = fromStore<ChannelId>("wms-main");

async function levelsAfter(batches: readonly (readonly Told[])[]) {
  const world = takingWorld({
    skus: new Map([[fromStore<Sku>("CUP"), fromStore<SkuId>("sku_1")]]),
    stock: Object.fromEntries(PLACES.map((at) => [at, 20])),
    startMs: START_MS,
  });
  world.nowMs = START_MS + 70 * 3_600_000;
  for (const batch of batches) {
    const verdicts = await world.take(
      batch.map(({ atMs, event }) => ({ channel: CHANNEL, occurredAtMs: atMs, event })),
    );
    expect(verdicts.filter(({ kind }) => kind !== "done")).toEqual([]);
    world.nowMs += 1_000;
  }
  const shown = world.levels();
  return Object.fromEntries(
    shown.map(({ locationId, available, committed, damaged, onHand }) => [
      locationId as LocationId,
      { available, committed, damaged, onHand },
    ]),
  );
}

/** Each once, in any order, some once more, cut anywhere. */
const shuffled = (told: readonly Told[]) =>
  fc
    .tuple(
      fc.shuffledSubarray([...told], { minLength: told.length, maxLength: told.length }),
      fc.subarray([...told]),
      fc.infiniteStream(fc.integer({ min: 1, max: 5 })),
    )
    .map(([once, again, sizes]) => {
      const all = [...once, ...again];
      const batches: Told[][] = [];
      for (let i = 0; i < all.length; ) {
        const size = sizes.next().value ?? 1;
        batches.push(all.slice(i, i + size));
        i += size;
      }
      return batches;
    });

describe("what channels tell", () => {
  it("ends in the same levels in any order, told twice or in pieces, as the ledger says", async () => {
    await fc.assert(
      fc.asyncProperty(
        history.chain((told) => fc.tuple(fc.constant(told), shuffled(told))),
        async ([told, batches]) => {
          const ledger = ledgerOf(told);
          const expected = Object.fromEntries(
            PLACES.map((at) => {
              const { onHand, committed, damaged } = ledger[at];
              return [at, { available: onHand - committed - damaged, committed, damaged, onHand }];
            }),
          );
          expect(await levelsAfter([told])).toEqual(expected);
          expect(await levelsAfter(batches)).toEqual(expected);
        },
      ),
      { numRuns: 150 },
    );
  });
});
