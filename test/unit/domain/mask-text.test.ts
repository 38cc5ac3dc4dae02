import { describe, expect, it } from "vitest";
import { maskId, maskText } from "../../../src/domain/mask-text.ts";

const scrubbed = (text: string): string => maskText(text, 1_000);

describe("a text from elsewhere", () => {
  it.each([
    ["mail to norman.jones@example.co.uk bounced", "mail to [email] bounced"],
    ["call +49 151 2345 6789 or (555) 123-4567", "call [phone] or [phone]"],
    ["Authorization: Bearer abcdef123456", "Authorization: Bearer [secret]"],
    ["token=0123456789abcdef refused", "token=[secret] refused"],
    ["shpat_0123456789abcdef0123456789abcdef is revoked", "[secret] is revoked"],
    ["from 203.0.113.7", "from [ip]"],
    ["GET https://user:pw@api.test/orders/1?signature=zz#x failed", "GET https://api.test/… failed"],
    [`key ${"aB3".repeat(20)} unknown`, "key [secret] unknown"],
    ["eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc", "[secret]"],
  ])("loses what is a person's or secret: %s", (given, kept) => {
    expect(scrubbed(given)).toBe(kept);
  });

  it.each([
    "not in the catalogue: variant 44556677889900112 (SKU CUP-1/RED), location 9",
    "counter sku_2f1e9c1a-30c4-4d6e-9a5b-0a8f3f2f8a11: Error: overloaded",
    "data.lines.0.quantity: Invalid input: expected int, received string",
    "CUP: level of a.myshopify.com/808950810 at 655441491, 24826418",
    "token was refused: reinstall the app",
    "2026-11-27T10:00:00.000Z is no time",
  ])("keeps what names our things: %s", (given) => {
    expect(scrubbed(given)).toBe(given);
  });

  it("is cut, and scrubbing twice changes nothing more", () => {
    const long = `${"x y ".repeat(500)}a@b.example`;
    expect(maskText(long, 50)).toHaveLength(50);
    expect(scrubbed(scrubbed("a@b.example +49 151 2345 6789"))).toBe(scrubbed("a@b.example +49 151 2345 6789"));
  });
});

describe("an id from elsewhere", () => {
  it.each([
    ["norman.jones@example.co.uk", "[email]"],
    ["orders/shpat_0123456789abcdef", "orders/[secret]"],
    ["https://api.test/orders?signature=zz", "https://api.test/…"],
    ["Bearer\tabcdef123456", "Bearer [secret]"],
    ["eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc", "[secret]"],
    ["token=abcdef", "token=[secret]"],
    ["password:abcdef", "password:[secret]"],
  ])("loses what no id is: %s", (given, kept) => {
    expect(maskId(given)).toBe(kept);
  });

  it.each(["shopify/onhand-demo.myshopify.com/2f1e9c1a-30c4-4d6e-9a5b-0a8f3f2f8a11", "orders/create", "1234567890"])(
    "stays as it is: %s",
    (given) => {
      expect(maskId(given)).toBe(given);
    },
  );
});
