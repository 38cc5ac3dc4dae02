import { describe, expect, it } from "vitest";
import { scrubText } from "../../../src/observability/scrub-text.ts";

describe("a text that leaves the house", () => {
  it.each([
    "cannot read the level of SKU-9 after 3 tries",
    "D1_ERROR: Network connection lost",
    "TypeError: fetch failed, HTTP 503 from https://a.myshopify.com",
    "503 Service Unavailable",
    "Internal Server Error",
    "Durable Object reset because its code was updated",
    "Queue onhand-events-1 lags: 45.5 s (critical at 30 s)",
    "shopify/shop-2024-store.myshopify.com is open",
  ])("keeps what says what went wrong: %s", (text) => {
    expect(scrubText(text)).toBe(text);
  });

  it.each([
    ["mail to norman.bates@example.com failed", "mail to […] failed"],
    ["token shpat_0123456789abcdef refused", "token […] refused"],
    ["Authorization: Bearer abc.def-ghi was refused", "Authorization […] was refused"],
    ["Bearer abc.def-ghi was refused", "Bearer […] was refused"],
    ["secret=hunter", "secret […]"],
    ["sent to Norman Bates", "sent to […]"],
    ["ships to 12 Old Highway Road", "ships to […]"],
    ["wohnt Lange Straße 7", "wohnt […]"],
    ["call +1 (555) 123-4567 back", "call […] back"],
    ["card 4242 4242 4242 4242 declined", "card […] declined"],
    ["order 5551234567890 unknown", "order […] unknown"],
    ["key a1b2c3d4e5f60718 unknown", "key […] unknown"],
    ["licence AB12-CD34-EF56 expired", "licence […] expired"],
    ["id 6f1c1d3e-8a2b-4c5d-9e8f-0123456789ab", "id […]"],
    ["from 203.0.113.77", "from […]"],
    ["from 2001:db8:0:0:1:2:3:4", "from […]"],
    ['name "Norman" is taken', 'name "[…]" is taken'],
    ['body {"customer":{"name":"Norman"}}', "body […]"],
    ["https://user:pw@shop.example/admin/orders?token=x#y failed", "https://shop.example failed"],
  ])("loses what is somebody's: %s", (text, left) => {
    expect(scrubText(text)).toBe(left);
  });

  it("is a line or two, however long it was", () => {
    expect(scrubText("word ".repeat(10_000)).length).toBe(500);
  });
});
