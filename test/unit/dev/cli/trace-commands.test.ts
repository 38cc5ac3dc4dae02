import { expect, it } from "vitest";
import { sayCommand } from "../../../support/cli/say-command.ts";

it("prints a trace as one timeline, with what is cut and who could not be asked", async () => {
  const { calls, text } = await sayCommand(["trace", "cause-1234"], { sku: ["CUP"] }, () => ({
    ...{ correlationId: "cause-1234", from: "2026-11-27T10:00:00.000Z", ms: 1_250, skus: ["CUP"] },
    steps: [
      {
        ...{ at: "2026-11-27T10:00:00.000Z", sinceMs: 0, step: "received", outcome: "accepted" },
        ...{ topic: "orders/create", shop: "a.myshopify.com" },
      },
      {
        ...{ at: "2026-11-27T10:00:00.040Z", sinceMs: 40, step: "movement", outcome: "shopify", skus: ["CUP"] },
        ...{ delta: -2, detail: "changed in Shopify, told by webhook: 10 → 8 at 11" },
      },
      {
        ...{ at: "2026-11-27T10:00:01.250Z", sinceMs: 1_250, step: "push.answered", outcome: "applied", skus: ["CUP"] },
        ...{ shop: "b.myshopify.com", callKey: "call-1", cause: "cause-5678" },
      },
    ],
    cut: ["SKUs: the first 20"],
    unreached: [{ part: "gate of c.myshopify.com", reason: "no reply in time" }],
  }));
  expect(calls).toEqual([["GET", "/v1/traces/cause-1234?sku=CUP"]]);
  expect(text.split("\n")).toEqual([
    "cause-1234: 3 steps in 1250 ms, of CUP",
    "AT                        SINCE     STEP           OUTCOME   SKU",
    "2026-11-27T10:00:00.000Z  +0 ms     received       accepted       orders/create · a.myshopify.com",
    "2026-11-27T10:00:00.040Z  +40 ms    movement       shopify   CUP  -2 · changed in Shopify, told by webhook: 10 → 8 at 11",
    "2026-11-27T10:00:01.250Z  +1250 ms  push.answered  applied   CUP  b.myshopify.com · call call-1 · asked for by cause-5678",
    "More is there than is shown: SKUs: the first 20.",
    "Not asked: gate of c.myshopify.com (no reply in time).",
  ]);
  await expect(sayCommand(["trace"], {}, () => ({}))).rejects.toThrow("Name a correlation id.");
});

it("turns pages of events until there is something to show", async () => {
  const event = {
    ...{ at: "2026-11-27T10:00:00.000Z", step: "consumed", outcome: "dead", topic: "orders/create" },
    ...{ shop: "a.myshopify.com", code: "unknown_variant", ms: 12, correlationId: "cause-1234" },
  };
  const pages = [
    { events: [], next: "5.a" },
    { events: [event], next: null },
  ];
  const { calls, text } = await sayCommand(["events"], { outcome: "dead", sku: ["CUP"] }, (n) => pages[n]);
  expect(calls.map(([, path]) => path)).toEqual([
    "/v1/events?outcome=dead&sku=CUP&limit=50",
    "/v1/events?outcome=dead&sku=CUP&limit=50&cursor=5.a",
  ]);
  expect(text.split("\n")[1]).toBe(
    "2026-11-27T10:00:00.000Z  consumed  dead     orders/create  a.myshopify.com  unknown_variant  12  cause-1234",
  );
  expect((await sayCommand(["events"], {}, () => ({ events: [], next: null }))).text).toBe("No events.");
});
