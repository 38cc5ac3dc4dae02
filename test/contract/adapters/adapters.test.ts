/** Senders' published samples, signed as they sign, verified and read. */
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Channel } from "../../../src/domain/channel/channel.ts";
import type { ChannelEvent } from "../../../src/domain/channel/channel-event.ts";
import { keptOf } from "../../../src/ingress/adapter-letter.ts";
import type { Adapter, News } from "../../../src/ingress/adapters/adapter.ts";
import { amazon } from "../../../src/ingress/adapters/amazon.ts";
import { shiphero } from "../../../src/ingress/adapters/shiphero.ts";
import { square } from "../../../src/ingress/adapters/square.ts";

const NOW_MS = Date.parse("2026-11-28T09:00:00Z");
const textOf = (name: string): string => readFileSync(new URL(`./payloads/${name}.json`, import.meta.url), "utf8");
const sample = (name: string) => JSON.parse(textOf(name));

type About = Partial<Pick<Channel, "listings" | "eventTypes" | "locations">>;
const read = (adapter: Adapter, body: unknown, about: About = {}) =>
  adapter.project(body, {
    channel: { listings: "by_sku", eventTypes: null, locations: new Map(), ...about },
    eventId: "e1",
    receivedAtMs: NOW_MS,
  });
function newsOf(adapter: Adapter, body: unknown, about: About = {}): readonly News[] {
  const projected = read(adapter, body, about);
  if (projected.kind !== "news") throw new Error(JSON.stringify(projected));
  return projected.news;
}
const eventsOf = (news: readonly News[]): readonly ChannelEvent[] =>
  news.flatMap((each) => (each.kind === "event" ? [each.event] : []));
const reasonOf = (adapter: Adapter, body: unknown, about: About = {}) => {
  const projected = read(adapter, body, about);
  return projected.kind === "nothing" ? projected.reason : projected.kind;
};
const hmac = (key: string, ...parts: string[]) => createHmac("sha256", key).update(parts.join("")).digest("base64");
const delivery = (text: string, headers: Record<string, string>) => ({
  raw: new TextEncoder().encode(text),
  headers: new Headers(headers),
});

describe("Square", () => {
  const url = "https://onhand.example/webhooks/channels/till-main";
  const text = textOf("square-inventory-count-updated");
  const credentials = { notification_url: url, signature_key: "key-of-the-subscription" };
  const signed = (by: string, of = text) => delivery(text, { "x-square-hmacsha256-signature": hmac(by, url, of) });

  it("is known by its signature over the address and the bytes, under any key in force", async () => {
    expect(await square.verify(signed("key-of-the-subscription"), credentials)).toBeNull();
    expect(await square.verify(signed("next-key"), { ...credentials, signature_key_2: "next-key" })).toBeNull();
    expect(await square.verify(signed("another"), credentials)).toBe("signature_mismatch");
    expect(await square.verify(signed("key-of-the-subscription", `${text} `), credentials)).toBe("signature_mismatch");
    const elsewhere = { ...credentials, notification_url: `${url}/` };
    expect(await square.verify(signed("key-of-the-subscription"), elsewhere)).toBe("signature_mismatch");
    expect(await square.verify(delivery(text, {}), credentials)).toBe("headers_missing");
    expect(await square.verify(signed("x"), {})).toBe("credentials_missing");
  });

  it("tells a level of a replica, stamped to the second", () => {
    expect(square.eventId(sample("square-inventory-count-updated"), new Headers())).toBe(
      "df5f3813-a913-45a1-94e9-fdc3f7d5e3b6",
    );
    expect(newsOf(square, sample("square-inventory-count-updated"))).toEqual([
      {
        kind: "level",
        event: {
          ...{ kind: "level", item: "6F4K33KPNUVDWKZ43KUIFH6K", location: "EF6D9SACKWBKZ", available: 90 },
          atMs: Date.parse("2020-12-29T18:38:45Z"),
        },
      },
    ]);
  });

  it("reads what is in stock, of both counts that a change of state tells", () => {
    const body = sample("square-inventory-count-updated");
    const [count] = body.data.object.inventory_counts;
    body.data.object.inventory_counts = [count, { ...count, state: "WASTE", quantity: "3" }];
    expect(newsOf(square, body)).toHaveLength(1);
    body.data.object.inventory_counts = [{ ...count, state: "WASTE" }];
    expect(reasonOf(square, body)).toBe("no_quantity");
  });

  it.each([
    ["90.00000", 90],
    ["-4", -4],
    ["0", 0],
  ])("takes %s for whole units", (quantity, available) => {
    const body = sample("square-inventory-count-updated");
    body.data.object.inventory_counts[0].quantity = quantity;
    expect(newsOf(square, body)).toMatchObject([{ event: { available } }]);
  });

  it("leaves a fraction, a time that is none and an unknown shape to a person, and drops other types", () => {
    const body = sample("square-inventory-count-updated");
    expect(reasonOf(square, { ...body, type: "payment.created" })).toBe("topic_not_needed");
    expect(reasonOf(square, { ...body, data: {} })).toBe("unreadable");
    body.data.object.inventory_counts[0].quantity = "1.5";
    expect(reasonOf(square, body)).toBe("unreadable");
  });
});

describe("Amazon", () => {
  const change = (summary: object = {}, item: object = {}) => {
    const body = sample("amazon-order-change");
    const told = body.Payload.OrderChangeNotification.Summary;
    Object.assign(told, summary);
    Object.assign(told.OrderItems[0], item);
    return body;
  };

  it("is known by a secret in a header, whichever of two is in force", async () => {
    const credentials = { webhook_secret: "a".repeat(32), webhook_secret_2: "b".repeat(32) };
    const by = (secret: string) => amazon.verify(delivery("{}", { "x-onhand-secret": secret }), credentials);
    expect(await by("a".repeat(32))).toBeNull();
    expect(await by("b".repeat(32))).toBeNull();
    expect(await by("a".repeat(31))).toBe("signature_mismatch");
    expect(await amazon.verify(delivery("{}", {}), credentials)).toBe("headers_missing");
    expect(await amazon.verify(delivery("{}", { "x-onhand-secret": "" }), {})).toBe("credentials_missing");
  });

  it("tells the sale of the published sample, and nothing of its buyer", () => {
    const projected = read(amazon, sample("amazon-order-change"));
    expect(projected).toEqual({
      ...{ kind: "news", topic: "amazon/ORDER_CHANGE", occurredAtMs: Date.parse("2022-11-29T19:42:04.284Z") },
      news: [
        {
          kind: "event",
          event: {
            ...{ type: "order.created", orderId: "903-8868176-2219830", location: null },
            lines: [
              {
                ...{ line: "OIID34853450", item: { sku: "SellerSKUID1", itemId: null }, location: null },
                ...{ quantity: 10, fulfilled: false },
              },
            ],
          },
        },
      ],
    });
    expect(JSON.stringify(keptOf(sample("amazon-order-change"), amazon.keptFields))).not.toContain("48110");
  });

  it("reads it bare, in an event of EventBridge, and in a message of SQS", () => {
    const body = sample("amazon-order-change");
    const bare = read(amazon, body);
    const id = "d0e9e693-c3ad-4373-979f-ed4ec98dd746";
    for (const wrapped of [
      { "detail-type": "ORDER_CHANGE", source: "aws.partner", detail: body },
      { messageId: "m1", body: JSON.stringify(body) },
      [{ messageId: "m1", body: JSON.stringify(body) }],
    ]) {
      expect(read(amazon, wrapped)).toEqual(bare);
      expect(amazon.eventId(wrapped, new Headers())).toBe(id);
    }
  });

  it("gives back what was not shipped of a cancelled order, beside the sale that it undoes", () => {
    const news = newsOf(amazon, change({ OrderStatus: "Canceled" }, { QuantityShipped: 4 }));
    expect(eventsOf(news)).toMatchObject([
      { type: "order.created", lines: [{ quantity: 10 }] },
      { type: "order.cancelled", cancellationId: null, lines: [{ line: "OIID34853450", quantity: 6, ordered: 10 }] },
    ]);
  });

  it("tells shipped units as a total that grows, cut where the last one ended", () => {
    const [, shipped] = newsOf(amazon, change({ OrderStatus: "PartiallyShipped" }, { QuantityShipped: 7 }));
    expect(shipped).toMatchObject({ subject: "shipped/903-8868176-2219830/OIID34853450", units: 7 });
    if (shipped?.kind !== "running") throw new Error("no total");
    expect(shipped.eventOf({ from: 4, to: 7 })).toMatchObject({
      ...{ type: "shipment.confirmed", shipmentId: "903-8868176-2219830/4-7", orderId: "903-8868176-2219830" },
      lines: [{ line: "OIID34853450", quantity: 3, ordered: 10 }],
    });
  });

  it("skips what Amazon ships itself and what is not released, and leaves a cancelled line of no units to a person", () => {
    expect(reasonOf(amazon, change({ FulfillmentType: "AFN" }))).toBe("fulfilled_by_amazon");
    expect(reasonOf(amazon, change({ OrderStatus: "PendingAvailability" }))).toBe("not_released");
    expect(reasonOf(amazon, change({ OrderStatus: "Canceled" }, { Quantity: 0 }))).toBe("unreadable");
    expect(reasonOf(amazon, { ...change(), NotificationType: "ANY_OFFER_CHANGED" })).toBe("topic_not_needed");
    expect(reasonOf(amazon, { hello: 1 })).toBe("unreadable");
  });

  it("asks a channel of its own listings by its name of the item", () => {
    expect(eventsOf(newsOf(amazon, change(), { listings: "mapped" }))).toMatchObject([
      { lines: [{ item: { sku: null, itemId: "SellerSKUID1" } }] },
    ]);
  });
});

describe("ShipHero", () => {
  const CHANGES = { eventTypes: ["stock.received", "stock.adjusted"] as const };

  it("is known by its signature over the bytes", async () => {
    const text = textOf("shiphero-inventory-update");
    const by = (key: string) => delivery(text, { "x-shiphero-hmac-sha256": hmac(key, text) });
    const credentials = { webhook_secret: "shared-secret-1", webhook_secret_po: "shared-secret-2" };
    expect(await shiphero.verify(by("shared-secret-1"), credentials)).toBeNull();
    expect(await shiphero.verify(by("shared-secret-2"), credentials)).toBeNull();
    expect(await shiphero.verify(by("shared-secret-3"), credentials)).toBe("signature_mismatch");
    expect(shiphero.eventId(null, new Headers({ "X-Shiphero-Message-ID": "m-1" }))).toBe("m-1");
  });

  it("tells what is on a warehouse's shelf as a count of on_hand", () => {
    expect(eventsOf(newsOf(shiphero, sample("shiphero-inventory-update")))).toEqual([
      {
        ...{ type: "stock.counted", countId: "e1/0", location: "12345", of: "on_hand", countedAtMs: NOW_MS },
        lines: [{ line: "1", item: { sku: "string", itemId: null }, location: null, counted: 48 }],
      },
    ]);
  });

  it("takes counts or changes, never both of one delivery", () => {
    expect(reasonOf(shiphero, sample("shiphero-inventory-change"))).toBe("told_by_counts");
    expect(reasonOf(shiphero, sample("shiphero-po-update"))).toBe("told_by_counts");
    expect(reasonOf(shiphero, sample("shiphero-inventory-update"), CHANGES)).toBe("told_by_changes");
  });

  it("names a change by its own content, so that it counts once", () => {
    const [event] = eventsOf(newsOf(shiphero, sample("shiphero-inventory-change"), CHANGES));
    expect(event).toEqual({
      ...{ type: "stock.adjusted", adjustmentId: "2025-02-03 13:19:30/LOT01/AA-05-01-01/114475/110/10" },
      location: "76733",
      lines: [{ line: "1", item: { sku: "LOT01", itemId: null }, location: null, delta: 10, reason: "manual" }],
    });
    const received = { ...sample("shiphero-inventory-change"), source: "receiving" };
    expect(reasonOf(shiphero, received, CHANGES)).toBe("no_quantity");
  });

  it("tells receipts of a purchase order as totals that grow", () => {
    const news = newsOf(shiphero, sample("shiphero-po-update"), CHANGES);
    expect(news).toMatchObject([
      { subject: "received/31/628e770348136", units: 5 },
      { subject: "received/31/628e770348139", units: 5 },
    ]);
    const [first] = news;
    if (first?.kind !== "running") throw new Error("no total");
    expect(first.eventOf({ from: 2, to: 5 })).toEqual({
      ...{ type: "stock.received", receiptId: "31/2-5", reorderId: null, location: null },
      lines: [{ line: "628e770348136", item: { sku: "FUXT4B", itemId: null }, location: null, quantity: 3 }],
    });
  });

  it("counts a shipment only of orders that are its own", () => {
    expect(reasonOf(shiphero, sample("shiphero-shipment-update"))).toBe("told_by_seller");
    const own = { eventTypes: ["stock.counted", "shipment.confirmed"] as const };
    expect(eventsOf(newsOf(shiphero, sample("shiphero-shipment-update"), own))).toMatchObject([
      {
        ...{ type: "shipment.confirmed", shipmentId: "315518042", orderId: "test-track-url", location: "76733" },
        lines: [
          { line: "test-track-url-363346570", item: { sku: "FU2314R" }, quantity: 1 },
          { line: "test-track-url-363343850", item: { sku: "FU3314R" }, quantity: 1 },
        ],
      },
    ]);
  });

  it("drops what names no line, what is a test, and what is not needed", () => {
    expect(reasonOf(shiphero, sample("shiphero-order-canceled"))).toBe("no_lines");
    expect(reasonOf(shiphero, { ...sample("shiphero-inventory-update"), test: "1" })).toBe("test");
    expect(reasonOf(shiphero, { webhook_type: "Tote Complete" })).toBe("topic_not_needed");
    expect(reasonOf(shiphero, { webhook_type: "Inventory Update", inventory: [] })).toBe("unreadable");
  });
});
