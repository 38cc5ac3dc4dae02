import { env, exports } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { call } from "./support/api.ts";
import { stock } from "./support/catalogue.ts";
import { HERE, SHOP } from "./support/counters.ts";
import { TEST_ENV } from "./support/test-env.ts";
import { until } from "./support/until.ts";
import { deliver, levelBody, orderBody, sign } from "./support/webhooks.ts";

const URL = "https://onhand.test/webhooks/shopify";

describe("POST /webhooks/shopify", () => {
  it("counts a signed order at the SKU's counter, through the queue", async () => {
    const { counter } = await stock("WEB-1", "701", 10);
    const response = await deliver({
      topic: "orders/create",
      body: orderBody("820982911946154508", [{ id: "487817672276298554", variant: "701", quantity: 2 }]),
    });
    expect([response.status, await response.text()]).toEqual([200, "ok"]);
    expect(
      await until(
        () => counter.levels(),
        (levels) => levels?.available === 8,
      ),
    ).toMatchObject({ available: 8, floor: 8, committed: 2, onHand: 10 });
  });

  it("accepts what the previous secret signed: a rotated one signs for another hour", async () => {
    const body = levelBody("1", "1", null, "2026-11-22T10:00:00Z");
    expect(
      (await deliver({ topic: "inventory_levels/update", body, secret: TEST_ENV.SHOPIFY_CLIENT_SECRET_PREVIOUS }))
        .status,
    ).toBe(200);
  });

  it("reads header names in any case, and the un-prefixed spelling", async () => {
    const body = levelBody("1", "1", null, "2026-11-22T10:00:00Z");
    const headers = {
      "SHOPIFY-TOPIC": "inventory_levels/update",
      "Shopify-Shop-Domain": "Test-Shop.MyShopify.com",
      "shopify-hmac-sha256": await sign(body),
    };
    expect((await exports.default.fetch(URL, { method: "POST", headers, body })).status).toBe(200);
  });

  it("answers 401 with one body for a wrong signature, a missing base64 and an unknown shop", async () => {
    const body = orderBody("1", []);
    const answers = await Promise.all([
      deliver({ topic: "orders/create", body, secret: "another-secret" }),
      deliver({ topic: "orders/create", body, headers: { "x-shopify-hmac-sha256": "%%%" } }),
      deliver({ topic: "orders/create", body, shop: "stranger.myshopify.com" }),
      deliver({ topic: "orders/create", body, shop: "not a shop" }),
    ]);
    expect(await Promise.all(answers.map(async (r) => [r.status, await r.text()]))).toEqual(
      Array(4).fill([401, "unauthorized"]),
    );
  });

  it("names the missing headers in a 400", async () => {
    const response = await exports.default.fetch(URL, {
      method: "POST",
      headers: { "x-shopify-topic": "orders/create" },
      body: "{}",
    });
    expect([response.status, await response.text()]).toEqual([
      400,
      "missing headers: X-Shopify-Hmac-Sha256, X-Shopify-Shop-Domain",
    ]);
  });

  it("answers 405 to anything but POST, naming what it takes", async () => {
    const response = await exports.default.fetch(URL);
    expect([response.status, response.headers.get("allow")]).toEqual([405, "POST"]);
  });

  it("answers 413 to a body over 2 MB, whether the length is told or found out while streaming", async () => {
    const body = `{"note":"${"x".repeat(2_000_001)}"}`;
    expect((await deliver({ topic: "orders/create", body })).status).toBe(413);
    let sent = 0;
    const stream = new ReadableStream({
      pull(controller) {
        sent += 100_000;
        if (sent > 3_000_000) controller.close();
        else controller.enqueue(new Uint8Array(100_000));
      },
    });
    const headers = {
      "x-shopify-topic": "orders/create",
      "x-shopify-shop-domain": SHOP,
      "x-shopify-hmac-sha256": "AAAA",
    };
    const response = await exports.default.fetch(new Request(URL, { method: "POST", headers, body: stream }));
    expect(response.status).toBe(413);
    expect(sent).toBeLessThan(3_000_000);
  });

  it("drops topics that it does not need, and test deliveries whose quantity is null, with a 200", async () => {
    const { counter } = await stock("WEB-2", "702", 5);
    const before = await counter.levels();
    expect((await deliver({ topic: "products/update", body: `{"id":1}` })).status).toBe(200);
    expect(
      (await deliver({ topic: "inventory_levels/update", body: levelBody("702", HERE, null, "2026-11-22T10:00:00Z") }))
        .status,
    ).toBe(200);
    expect((await counter.levels())?.version).toBe(before?.version);
  });

  it("takes a 1 MB order: only what moves stock goes on the queue", async () => {
    const { counter } = await stock("WEB-3", "703", 2_000);
    const lines = Array.from(
      { length: 900 },
      (_, i) =>
        `{"id":${10_000_000 + i},"variant_id":703,"sku":"WEB-3","quantity":1,"variant_inventory_management":"shopify","properties":[{"name":"n","value":"${"p".repeat(1_000)}"}]}`,
    );
    const body = `{"id":900,"created_at":"${new Date().toISOString()}","customer":{"email":"a@b.example"},"line_items":[${lines.join(",")}]}`;
    expect(body.length).toBeGreaterThan(1_000_000);
    expect((await deliver({ topic: "orders/create", body })).status).toBe(200);
    await until(
      () => counter.levels(),
      (levels) => levels?.available === 1_100,
    );
  });

  it("keeps a signed body of the wrong shape as a dead letter, scrubbed of people, and answers 200", async () => {
    const body = `{"id":5501,"email":"norman@example.com","line_items":{"sku":"X","first_name":"Norman"},"customer":{"phone":"+49 30"}}`;
    expect(
      (await deliver({ topic: "orders/create", body, headers: { "x-shopify-webhook-id": "wrong-shape-1" } })).status,
    ).toBe(200);
    const listed = await exports.default.fetch("https://onhand.test/v1/dead-letters?code=wrong_shape", {
      headers: { authorization: `Bearer ${TEST_ENV.ADMIN_TOKEN}` },
    });
    const { deadLetters } = (await listed.json()) as {
      deadLetters: { id: string; eventId: string; received: { bytes: number }; error: string }[];
    };
    const letter = deadLetters.find(({ eventId }) => eventId.endsWith("wrong-shape-1"));
    expect(letter).toMatchObject({
      origin: "ingress/shopify",
      shop: SHOP,
      status: "waiting",
      received: { bytes: body.length, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
    expect(letter?.error).toContain("created_at");
    const whole = await exports.default.fetch(`https://onhand.test/v1/dead-letters/${letter?.id}`, {
      headers: { authorization: `Bearer ${TEST_ENV.ADMIN_TOKEN}` },
    });
    expect(((await whole.json()) as { payload: unknown }).payload).toEqual({ id: 5501, line_items: { sku: "X" } });
  });

  it("keeps of a signed body that is not JSON that it came, how long it was and its hash", async () => {
    const body = "Norman Norman, 1 Infinite Loop";
    const headers = { "x-shopify-webhook-id": "not-json-1", "x-shopify-event-id": "not-json-event" };
    expect((await deliver({ topic: "orders/create", body, headers })).status).toBe(200);
    const { body: listed } = await call("GET", "/v1/dead-letters?correlationId=not-json-event");
    const [letter] = listed["deadLetters"] as { id: string; error: string; received: { bytes: number } }[];
    expect(letter).toMatchObject({ error: "not JSON", received: { bytes: body.length } });
    const { body: whole } = await call("GET", `/v1/dead-letters/${letter?.id}`);
    expect(whole["payload"]).toBe("(not JSON)");
  });

  it("tells a stranger nothing of a setting that is wrong, and Shopify to come again", async () => {
    const response = await deliverWith({ ADMIN_TOKEN: "short" }, "orders/create", "{}");
    expect([response.status, response.headers.get("retry-after"), await response.text()]).toEqual([
      503,
      "60",
      "try again",
    ]);
    expect(response.headers.get("x-correlation-id")).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("answers 503 with Retry-After when the queue refuses, and when a dead letter cannot be kept", async () => {
    const body = orderBody("77", [{ id: "1", variant: "703", quantity: 1 }]);
    const refused = await deliverWith(
      {
        EVENTS: {
          send: async () => {
            throw new Error("Too Many Requests");
          },
        },
      },
      "orders/create",
      body,
    );
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "5"]);
    const unkept = await deliverWith(
      {
        DB: {
          prepare: () => {
            throw new Error("D1 is away");
          },
        },
      },
      "orders/create",
      "{}",
    );
    expect([unkept.status, unkept.headers.get("retry-after")]).toEqual([503, "5"]);
  });
});

/** The handler itself, with a part of its environment broken. */
async function deliverWith(broken: object, topic: string, body: string): Promise<Response> {
  const { default: worker } = await import("../../src/index.ts");
  const headers = {
    "x-shopify-topic": topic,
    "x-shopify-shop-domain": SHOP,
    "x-shopify-hmac-sha256": await sign(body),
  };
  const request = new Request(URL, { method: "POST", headers, body });
  const ctx = { waitUntil: () => {}, passThroughOnException: () => {}, props: {} } as unknown as ExecutionContext;
  return worker.fetch(request as Parameters<typeof worker.fetch>[0], { ...env, ...broken } as unknown as Env, ctx);
}
