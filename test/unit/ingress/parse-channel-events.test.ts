import { describe, expect, it } from "vitest";
import { CHANNEL_EVENT_TYPES } from "../../../src/domain/channel/channel-event.ts";
import { parseChannelEvents } from "../../../src/ingress/parse-channel-events.ts";
import { WIRE_EVENTS } from "../../support/channels/wire-events.ts";

const SIGNED_MS = Date.parse("2026-11-28T10:00:00Z");
const DELIVERED = { webhookId: "msg_1", signedAtMs: SIGNED_MS, latestMs: SIGNED_MS + 300_000, eventsMax: 100 };

const parse = (body: unknown) => parseChannelEvents(body, DELIVERED);
function errorsOf(body: unknown): readonly string[] {
  const parsed = parse(body);
  if (!parsed.ok) return parsed.error.errors.map(({ field, message }) => `${field}: ${message}`);
  return parsed.value.flatMap(({ parsed: item }) =>
    item.ok ? [] : item.error.errors.map(({ field, message }) => `${field}: ${message}`),
  );
}
const eventOf = (body: unknown) => {
  const parsed = parse(body);
  const item = parsed.ok ? parsed.value[0]?.parsed : undefined;
  return item?.ok === true ? item.value : null;
};
const order = (line: object) => ({ type: "order.created", data: { orderId: "1", lines: [{ line: "1", ...line }] } });

describe("events as a channel posts them", () => {
  it("are read, one of each type", () => {
    expect(WIRE_EVENTS.map(({ type }) => type)).toEqual([...CHANNEL_EVENT_TYPES]);
    for (const event of WIRE_EVENTS) expect(errorsOf(event)).toEqual([]);
  });

  it("take their id and time from the delivery, where a single one names none", () => {
    expect(eventOf(order({ sku: " ABC ", quantity: 2 }))).toEqual({
      id: "msg_1",
      occurredAtMs: SIGNED_MS,
      event: {
        ...{ type: "order.created", orderId: "1", location: null },
        lines: [{ line: "1", item: { sku: "ABC", itemId: null }, location: null, quantity: 2, fulfilled: false }],
      },
    });
    const named = { id: "e7", occurredAt: "2026-11-28T10:59:00+01:00", ...order({ itemId: "5", quantity: 2 }) };
    expect(eventOf(named)).toMatchObject({ id: "e7", occurredAtMs: Date.parse("2026-11-28T09:59:00Z") });
  });

  it("name a bundle's part as whoever ships it was told, however long its names are", () => {
    const line = `${"9".repeat(255)}/part/${"C".repeat(255)}`;
    const data = { shipmentId: "s", orderId: "1", lines: [{ line, sku: "C".repeat(255), quantity: 1 }] };
    expect(eventOf({ type: "shipment.confirmed", data })?.event).toMatchObject({ lines: [{ line }] });
    expect(errorsOf({ type: "shipment.confirmed", data: { ...data, lines: [{ line: `${line}9` }] } })).not.toEqual([]);
  });

  it("mean the whole line where no part of it is named, the shelf where no other number is", () => {
    const cancelled = { type: "order.cancelled", data: { ...order({ sku: "A", quantity: 3 }).data } };
    expect(eventOf(cancelled)?.event).toMatchObject({ cancellationId: null, lines: [{ quantity: 3, ordered: 3 }] });
    const counted = {
      ...{ type: "stock.counted", occurredAt: "2026-11-28T09:00:00Z" },
      data: { countId: "c", locationId: "main", lines: [{ line: "1", sku: "A", counted: 4 }] },
    };
    expect(eventOf(counted)?.event).toMatchObject({ of: "on_hand", countedAtMs: Date.parse("2026-11-28T09:00:00Z") });
  });

  it.each([
    ["a quantity below 1", order({ sku: "A", quantity: 0 }), "data.lines.0.quantity: "],
    ["a quantity in text", order({ sku: "A", quantity: "2" }), "data.lines.0.quantity: "],
    ["no item", order({ quantity: 1 }), "data.lines.0.sku: name the item"],
    ["two names of an item", order({ sku: "A", itemId: "5", quantity: 1 }), "data.lines.0.itemId: name the item once"],
    ["a field that there is not", order({ sku: "A", quantity: 1, qty: 2 }), "data.lines.0.qty: is no field of this"],
    [
      "a line that is named like a bundle's part",
      order({ line: "1/part/CUP", sku: "CUP", quantity: 1 }),
      'data.lines.0.line: must not hold "/part/"',
    ],
    ["no data", { type: "order.created" }, "data: "],
    ["another type", { type: "order.updated", data: {} }, "type: "],
    ["no object", "hello", "body: "],
    ["a future", { ...order({ sku: "A", quantity: 1 }), occurredAt: "2026-11-28T10:06:00Z" }, "occurredAt: is in the"],
    [
      "a time without a zone",
      { ...order({ sku: "A", quantity: 1 }), occurredAt: "2026-11-28T10:00:00" },
      "occurredAt: ",
    ],
    [
      "a part beyond the whole",
      { type: "order.cancelled", data: order({ sku: "A", quantity: 3, ordered: 2 }).data },
      "data.lines.0.ordered: is below the quantity",
    ],
    [
      "a line's name used twice",
      {
        type: "order.created",
        data: { orderId: "1", lines: ["A", "B"].map((sku) => ({ line: "1", sku, quantity: 1 })) },
      },
      "data.lines.1.line: is the name of another line, too",
    ],
    [
      "a transfer to where it was",
      {
        type: "stock.transferred",
        data: {
          ...{ transferId: "t", fromLocationId: "a", toLocationId: "a" },
          lines: [{ line: "1", sku: "A", quantity: 1 }],
        },
      },
      "data.toLocationId: must be another location",
    ],
    [
      "an adjustment by nothing",
      {
        type: "stock.adjusted",
        data: { adjustmentId: "a", locationId: "main", lines: [{ line: "1", sku: "A", delta: 0 }] },
      },
      "data.lines.0.delta: must not be 0",
    ],
    [
      "a shelf with less than nothing on it",
      {
        type: "stock.counted",
        data: { countId: "c", locationId: "main", lines: [{ line: "1", sku: "A", counted: -1 }] },
      },
      "data.lines.0.counted: is on the shelf: 0 or more",
    ],
    [
      "251 lines",
      {
        type: "order.created",
        data: { orderId: "1", lines: Array.from({ length: 251 }, (_, i) => ({ line: `${i}`, sku: "A", quantity: 1 })) },
      },
      "data.lines: ",
    ],
  ])("name the field of %s", (_, body, expected) => {
    expect(errorsOf(body)).toEqual([expect.stringContaining(expected) as unknown]);
  });

  it("stand each by itself in an array, with ids of their own", () => {
    const good = { id: "e1", ...order({ sku: "A", quantity: 1 }) };
    const parsed = parse([good, { ...good, id: "e2", data: {} }, { ...good, id: undefined }, good]);
    const items = parsed.ok ? parsed.value : [];
    expect(items.map(({ id, parsed: { ok } }) => [id, ok])).toEqual([
      ["e1", true],
      ["e2", false],
      [null, false],
      ["e1", false],
    ]);
    expect(errorsOf([good, good])).toEqual(["id: is the id of an earlier event of this array, too"]);
  });

  it("are 1 to 100 in an array", () => {
    expect(errorsOf([])).toEqual(["body: must be one event, or an array of 1–100"]);
    expect(errorsOf(Array(101).fill({}))).toEqual(["body: must be one event, or an array of 1–100"]);
  });
});
