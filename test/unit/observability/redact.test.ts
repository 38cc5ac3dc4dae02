import { afterEach, describe, expect, it, vi } from "vitest";
import { consoleLog, reasonOf } from "../../../src/observability/log.ts";
import { hideInLogs, redacted } from "../../../src/observability/redact.ts";

afterEach(() => vi.restoreAllMocks());

const reason = (text: string): unknown => redacted({ reason: text })["reason"];

describe("a log line", () => {
  it("has the fields that are named, and no others, whatever a caller passes", () => {
    const line = vi.spyOn(console, "warn").mockImplementation(() => {});
    const fields = { shop: "a.myshopify.com", counts: { pushes: 2, "no <b>name</b>": 1, rows: Number.NaN } };
    const foreign = {
      email: "norman@example.com",
      body: { first_name: "Norman" },
      status: "paid",
      reason: { a: 1 },
      ms: "5",
    };
    consoleLog("warn", "webhook.refused", { ...fields, ...foreign } as never);
    expect(line.mock.calls).toEqual([
      ['{"level":"warn","event":"webhook.refused","shop":"a.myshopify.com","counts":{"pushes":2}}'],
    ]);
  });

  it("cuts texts, so that no payload fits into one", () => {
    expect(String(reason("x ".repeat(5_000)))).toHaveLength(300);
    expect(String(redacted({ topic: "y ".repeat(5_000) })["topic"])).toHaveLength(200);
  });

  it.each([
    ["an e-mail address", "sent to norman.o-neil+shop@mail.example.co.uk today", "sent to [email] today"],
    ["Shopify's token", "token shpat_0123456789abcdef0123456789abcdef", "token [secret]"],
    ["a bearer token", "Authorization: Bearer abc.def-ghi", "Authorization: Bearer [secret]"],
    ["a JSON web token", "got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.sig-1", "got [secret]"],
    ["a named secret", 'refused: client_secret="hush-hush", again', 'refused: client_secret="[secret]", again'],
    ["a key of letters and digits", "key AKIAiosfodnn7EXAMPLEbPxRfiCYEXAMPLEKEY0 is bad", "key [secret] is bad"],
    [
      "a web address",
      "fetch https://user:pass@hooks.example.com/services/T0/B0/xyz?k=1 failed",
      "fetch https://hooks.example.com/… failed",
    ],
    ["a phone number", "call +49 151 2345 6789 or (555) 123-4567", "call [phone] or [phone]"],
    ["an IP address", "from 203.0.113.9", "from [ip]"],
  ])("masks %s", (_, text, shown) => {
    expect(reason(text)).toBe(shown);
  });

  it("leaves ids as they are, or nobody could follow them", () => {
    const ids = {
      correlationId: "0af7651916cd43dd8448eb211c80319c",
      eventId: "shopify/a.myshopify.com/3f0c9f0e-9d5c-4e53-8e2a-8d4f9d0c6f11",
      callKey: "Ab3dEf6hIj9lMn2pQr5tUv8xYz1bCd4fGh7jKl0n",
      sku: "555-123-4567",
      listingId: "a.myshopify.com/1234567890123",
    };
    expect(redacted(ids)).toEqual(ids);
    expect(reason("counter sku_3f0c9f0e-9d5c-4e53-8e2a-8d4f9d0c6f11: TimeoutError: no reply in time")).toBe(
      "counter sku_3f0c9f0e-9d5c-4e53-8e2a-8d4f9d0c6f11: TimeoutError: no reply in time",
    );
  });

  it("never tells the deployment's own secrets, whatever they look like", () => {
    hideInLogs(["plain-words-as-a-secret", null, undefined, "short"]);
    expect(redacted({ reason: "it was plain-words-as-a-secret", topic: "plain-words-as-a-secret/short" })).toEqual({
      reason: "it was [secret]",
      topic: "[secret]/short",
    });
  });

  it("quotes nothing of a text that is no JSON", () => {
    let caught: unknown;
    try {
      JSON.parse('{"first_name": Norman Smith}');
    } catch (error) {
      caught = error;
    }
    expect(String(caught)).toContain("Norman");
    expect(reasonOf(caught)).toBe("SyntaxError");
  });
});
