import { describe, expect, it } from "vitest";
import { CHANNEL_EVENT_TYPES, type OrderCreated } from "../../../src/domain/channel/channel-event.ts";
import { type ChannelId, fromStore } from "../../../src/domain/ids.ts";
import { checkLetterPayload } from "../../../src/ingress/check-letter-payload.ts";
import { deadLetterOf, letterOf } from "../../../src/queues/dead-letter-message.ts";
import { parseEnvelope } from "../../../src/queues/envelope.ts";
import { refsOf } from "../../../src/queues/letter-refs.ts";
import { sendEvent } from "../../../src/queues/send-event.ts";
import { splitEnvelope } from "../../../src/queues/split-event.ts";
import { channelEnvelopeOf, lineOf, ONE_OF_EACH } from "../../support/channels/channel-envelopes.ts";
import { fakeQueue } from "../../support/queues/fake-queue.ts";

const order = (lines: number): OrderCreated => ({
  ...{ type: "order.created", orderId: "o1", location: null },
  lines: Array.from({ length: lines }, (_, i) => ({ ...lineOf(`${i}`, "S".repeat(255)), fulfilled: false })),
});
const roundTrip = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe("an envelope of a channel's event", () => {
  it("is read back as it was sent, whatever its type", () => {
    expect(ONE_OF_EACH.map(({ type }) => type)).toEqual([...CHANNEL_EVENT_TYPES]);
    for (const event of ONE_OF_EACH) {
      const envelope = channelEnvelopeOf("e1", event);
      expect(parseEnvelope(roundTrip(envelope))).toEqual({ ok: true, value: envelope });
    }
  });

  it("is told by its channel's id, and what is wrong with it in the words of channels", () => {
    const envelope = channelEnvelopeOf("e1", order(1));
    const broken = { ...envelope, data: { ...envelope.data, lines: [{ ...lineOf(), quantity: 0, fulfilled: false }] } };
    const parsed = parseEnvelope(roundTrip(broken));
    expect(parsed.ok ? [] : parsed.error.problems).toEqual([
      expect.stringMatching(/^data\.lines\.0\.quantity: /) as unknown,
    ]);
  });

  it("stands beside a till that keeps its stock as a shop does: that one is addressed like a shop", () => {
    const level = { kind: "level", item: "CAT-1", location: "LOC-1", available: 4, atMs: 500 };
    const envelope = {
      ...{ v: 1, id: "square/1", correlationId: "c", channel: { type: "pos", shop: "square-1" }, kind: "level" },
      ...{ occurredAt: 500, receivedAt: 600, data: level },
    };
    expect(parseEnvelope(envelope)).toEqual({ ok: true, value: envelope });
  });

  it("is cut by its lines where it is too long, all but a reservation, which is all or none", () => {
    const parts = splitEnvelope(channelEnvelopeOf("long", order(250)), 60_000);
    expect(parts.length).toBeGreaterThan(1);
    expect(new Set(parts.map(({ id }) => id)).size).toBe(parts.length);
    const lines = parts.flatMap(({ data }) => (data as OrderCreated).lines);
    expect(lines.map(({ line }) => line)).toEqual(Array.from({ length: 250 }, (_, i) => `${i}`));
    const reservation = { type: "reservation.created", reservationId: "v", ttlMs: 1, lines: order(50).lines } as const;
    expect(splitEnvelope(channelEnvelopeOf("whole", reservation), 1_000)).toHaveLength(1);
  });

  it("goes the way of its order, so that few counters are called from two batches at once", async () => {
    const shards = [fakeQueue(), fakeQueue(), fakeQueue(), fakeQueue()];
    const queues = shards.map(({ queue }) => queue);
    const [created, cancelled] = ONE_OF_EACH;
    for (const event of [created, cancelled])
      if (event !== undefined) await sendEvent(queues, channelEnvelopeOf(`e-${event.type}`, event));
    expect(shards.map(({ requests }) => requests.length).toSorted()).toEqual([0, 0, 0, 2]);
  });

  it("becomes a letter of its channel, found by the SKUs and items that it names", async () => {
    const adjusted = ONE_OF_EACH.find(({ type }) => type === "stock.adjusted") ?? order(1);
    const envelope = channelEnvelopeOf("e1", adjusted);
    const words = deadLetterOf(
      { id: "m1", attempts: 1, body: envelope },
      "onhand-events",
      { code: "x", message: "y" },
      1,
    );
    expect(await letterOf(words)).toMatchObject({ shop: "wms-main", topic: "stock.adjusted", eventId: "e1" });
    expect(refsOf(envelope)).toEqual(["item:wms-main/item-5"]);
    expect(refsOf(channelEnvelopeOf("e2", order(1)))).toEqual([`sku:${"S".repeat(255)}`]);
    expect(refsOf(channelEnvelopeOf("e3", { type: "reservation.released", reservationId: "v1" }))).toEqual([]);
  });

  it("may be edited, but stays the event of its channel", () => {
    const letter = {
      ...({ origin: "queue/onhand-events", topic: "order.created", eventId: "e1" } as const),
      shop: fromStore<ChannelId>("wms-main"),
    };
    const limits = { messageBytesMax: 120_000, isOurShop: () => false };
    const edited = channelEnvelopeOf("e1", order(2));
    expect(checkLetterPayload(letter, edited, limits)).toMatchObject({ ok: true, value: { isFreeForm: false } });
    expect(checkLetterPayload(letter, channelEnvelopeOf("e1", order(2), "wms-other"), limits)).toEqual({
      ok: false,
      error: [{ field: "channel.id", message: "must stay wms-main" }],
    });
  });
});
