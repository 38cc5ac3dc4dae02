import { describe, expect, it } from "vitest";
import { correlationIdFrom } from "../../../src/domain/correlation.ts";

const from = (headers: Readonly<Record<string, string>>): string =>
  correlationIdFrom(
    (name) => headers[name],
    () => "made-anew",
  );

const TRACE = "0af7651916cd43dd8448eb211c80319c";

describe("the correlation id of a request", () => {
  it("is that of the first header that gives one, Shopify's own before what proxies add", () => {
    const all = {
      "x-correlation-id": "caller-id-1",
      "x-shopify-event-id": "event-id-2",
      "x-shopify-webhook-id": "webhook-id-3",
      "x-request-id": "request-id-4",
      traceparent: `00-${TRACE}-b7ad6b7169203331-01`,
    };
    const order = Object.keys(all).map((_, i) => from(Object.fromEntries(Object.entries(all).slice(i))));
    expect(order).toEqual(["caller-id-1", "event-id-2", "webhook-id-3", "request-id-4", TRACE]);
    expect(from({ "shopify-event-id": "event-id-5", "shopify-webhook-id": "webhook-id-6" })).toBe("event-id-5");
  });

  it.each([
    ["too short", { "x-correlation-id": "short" }],
    ["too long", { "x-correlation-id": "x".repeat(129) }],
    ["not plain", { "x-correlation-id": "no <b>good</b>" }],
    ["no trace context", { traceparent: "00-xyz" }],
    ["a trace id of zeros", { traceparent: `00-${"0".repeat(32)}-b7ad6b7169203331-01` }],
    ["nothing", {}],
  ])("is a new one where a header gives one that is %s", (_, headers) => {
    expect(from(headers)).toBe("made-anew");
  });

  it("goes on to the next header where one gives a bad one", () => {
    expect(from({ "x-correlation-id": "no good", "x-request-id": "request-id-4" })).toBe("request-id-4");
  });
});
