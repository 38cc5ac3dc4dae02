import { describe, expect, it } from "vitest";
import { fromStore, type VariantId } from "../../../src/domain/ids.ts";
import type { OrderEvent, RefundEvent } from "../../../src/domain/shop-event.ts";
import type { ShopEnvelope } from "../../../src/queues/envelope.ts";
import { eventShards, sendEvent } from "../../../src/queues/send-event.ts";
import { envelopeOf, fakeQueue } from "../../support/queues/fake-queue.ts";

const order = (orderId: string, lines = 1): OrderEvent => ({
  kind: "order",
  topic: "orders/create",
  orderId,
  createdAtMs: 5,
  location: null,
  lines: Array.from({ length: lines }, (_, i) => ({
    lineId: `${i}`,
    variantId: fromStore<VariantId>("9"),
    sku: "S".repeat(255),
    quantity: 1,
    fulfilled: false,
    skip: null,
  })),
  restocks: [],
});
const refund = (orderId: string): RefundEvent => ({ kind: "refund", refundId: "r", orderId, restocks: [] });

describe("eventShards", () => {
  it("finds the numbered bindings up to the first gap, the unnumbered one first", () => {
    expect(eventShards({ EVENTS_1: "b", EVENTS: "a", EVENTS_3: "d", EVENTS_DLQ: "x" })).toEqual(["a", "b"]);
    expect(eventShards({})).toEqual([]);
  });
});

describe("sendEvent", () => {
  it("sends all that tells of one order the same way, and uses every shard", async () => {
    const shards = Array.from({ length: 4 }, () => fakeQueue());
    const queues = shards.map(({ queue }) => queue);
    const shardsOf = new Map<string, Set<number>>();
    for (let i = 0; i < 60; i += 1) {
      const orderId = `${5_000 + i}`;
      for (const data of [order(orderId), refund(orderId)]) {
        const before = shards.map(({ requests }) => requests.length);
        await sendEvent(queues, envelopeOf("e", data));
        const shard = shards.findIndex(({ requests }, n) => requests.length > (before[n] ?? 0));
        shardsOf.set(orderId, (shardsOf.get(orderId) ?? new Set()).add(shard));
      }
    }
    expect([...shardsOf.values()].every((seen) => seen.size === 1)).toBe(true);
    expect(new Set([...shardsOf.values()].flatMap((seen) => [...seen]))).toEqual(new Set([0, 1, 2, 3]));
  });

  it("sends a long order as several messages, two to a request", async () => {
    const { queue, requests } = fakeQueue();
    await sendEvent([queue], envelopeOf("long", order("1", 1_500)));
    const parts = requests.flat() as ShopEnvelope[];
    expect(requests.every((request) => request.length <= 2)).toBe(true);
    expect(parts.flatMap(({ data }) => (data.kind === "order" ? data.lines : []))).toHaveLength(1_500);
  });

  it("fails as a whole when the queue refuses a part: Shopify delivers again, and what was sent counts once", async () => {
    const refusing = fakeQueue(2);
    const envelope = envelopeOf("long", order("1", 1_500));
    await expect(sendEvent([refusing.queue], envelope)).rejects.toThrow("Too Many Requests");
    const again = fakeQueue();
    await sendEvent([again.queue], envelope);
    const idsOf = (requests: readonly unknown[][]) => (requests.flat() as ShopEnvelope[]).map(({ id }) => id);
    expect(idsOf(again.requests).slice(0, 2)).toEqual(idsOf(refusing.requests));
  });

  it("says that no queue is bound instead of losing the event", async () => {
    await expect(sendEvent([], envelopeOf("e", order("1")))).rejects.toThrow("no event queue");
  });
});
