import { describe, expect, it } from "vitest";
import { fromStore, type VariantId } from "../../../src/domain/ids.ts";
import type { OrderEvent, OrderLine, Restock } from "../../../src/domain/shop-event.ts";
import { type Envelope, parseEnvelope } from "../../../src/queues/envelope.ts";
import { splitEnvelope } from "../../../src/queues/split-event.ts";

const line = (i: number): OrderLine => ({
  lineId: `${i}`,
  variantId: fromStore<VariantId>("9"),
  sku: "S".repeat(255),
  quantity: 1,
  fulfilled: false,
  skip: null,
});
const restock = (i: number): Restock => ({
  refundLineId: `r${i}`,
  lineId: `${i}`,
  variantId: fromStore<VariantId>("9"),
  sku: null,
  quantity: 1,
  restockType: "return",
  location: null,
  atMs: 1,
  skip: null,
});
const order = (lines: number, restocks = 0): Envelope => ({
  v: 1,
  id: "e",
  correlationId: fromStore("correlation"),
  channel: { type: "shopify", shop: fromStore("a.myshopify.com") },
  kind: "orders/create",
  occurredAt: 1,
  receivedAt: 2,
  data: {
    kind: "order",
    topic: "orders/create",
    orderId: "7",
    createdAtMs: 1,
    location: null,
    lines: Array.from({ length: lines }, (_, i) => line(i)),
    restocks: Array.from({ length: restocks }, (_, i) => restock(i)),
  },
});
const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value)).byteLength;

describe("splitEnvelope", () => {
  it("leaves an event whole that fits", () => {
    const envelope = order(3, 2);
    expect(splitEnvelope(envelope, 120_000)).toEqual([envelope]);
  });

  it("cuts a long order into parts that fit, each line and restock in exactly one, under ids of their own", () => {
    const parts = splitEnvelope(order(700, 300), 60_000);
    expect(Math.max(...parts.map(bytes))).toBeLessThanOrEqual(60_000);
    const events = parts.map(({ data }) => data as OrderEvent);
    expect(events.flatMap(({ lines }) => lines.map(({ lineId }) => lineId))).toEqual(
      Array.from({ length: 700 }, (_, i) => `${i}`),
    );
    expect(events.flatMap(({ restocks }) => restocks.map(({ refundLineId }) => refundLineId))).toEqual(
      Array.from({ length: 300 }, (_, i) => `r${i}`),
    );
    expect(new Set(parts.map(({ id }) => id)).size).toBe(parts.length);
  });

  it("makes parts that are events like any other", () => {
    for (const part of splitEnvelope(order(40, 1), 4_000))
      expect(parseEnvelope(JSON.parse(JSON.stringify(part)))).toEqual({ ok: true, value: part });
  });

  it("gives back what cannot be cut any further", () => {
    expect(splitEnvelope(order(1), 10)).toHaveLength(1);
  });
});
