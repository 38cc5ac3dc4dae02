import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { adjust, call, callWith } from "./support/api.ts";
import { list, stock } from "./support/catalogue.ts";
import { HERE, THERE } from "./support/counters.ts";
import { handOver, message } from "./support/queue.ts";
import { TEST_ENV } from "./support/test-env.ts";

describe("authorization", () => {
  it("answers 401 problem+json without the token, with a wrong one, and with a prefix of it", async () => {
    for (const authorization of ["", "Bearer wrong", "Bearer test-admin-token-012345678", "Basic dGVzdA=="]) {
      const { status, headers, body } = await call("GET", "/v1/inventory/X", undefined, { authorization });
      expect([status, headers.get("content-type"), headers.get("www-authenticate")]).toEqual([
        401,
        "application/problem+json",
        'Bearer realm="onhand"',
      ]);
      expect(body).toMatchObject({
        type: "urn:onhand:problem:unauthorized",
        status: 401,
        correlationId: expect.any(String),
      });
    }
  });

  it("takes the scheme's name in any case", async () => {
    const authorization = `bEARER ${TEST_ENV.ADMIN_TOKEN}`;
    expect((await call("GET", "/v1/inventory/X", undefined, { authorization })).status).toBe(404);
  });

  it("keeps the caller's correlation id, and replaces one that is no plain id", async () => {
    const kept = await call("GET", "/v1/inventory/X", undefined, { "x-correlation-id": "caller-id-1234" });
    expect([kept.headers.get("x-correlation-id"), kept.body["correlationId"]]).toEqual([
      "caller-id-1234",
      "caller-id-1234",
    ]);
    const replaced = await call("GET", "/v1/inventory/X", undefined, { "x-correlation-id": "no <b>good</b>" });
    expect(replaced.headers.get("x-correlation-id")).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe("GET /v1/inventory/{sku}", () => {
  it("tells the levels of every location, their source and an ETag that a repeat may send back", async () => {
    await stock("API-1", "801", 4, 6);
    const { status, headers, body } = await call("GET", "/v1/inventory/API-1");
    expect(status).toBe(200);
    expect(body).toEqual({
      sku: "API-1",
      version: 1,
      available: 10,
      floor: 10,
      reserved: 0,
      committed: 0,
      damaged: 0,
      safetyStock: 0,
      onHand: 10,
      locations: [
        {
          locationId: HERE,
          available: 4,
          floor: 4,
          reserved: 0,
          committed: 0,
          damaged: 0,
          safetyStock: 0,
          onHand: 4,
          ledger: 4,
          doubt: 0,
          anticipated: 0,
        },
        {
          locationId: THERE,
          available: 6,
          floor: 6,
          reserved: 0,
          committed: 0,
          damaged: 0,
          safetyStock: 0,
          onHand: 6,
          ledger: 6,
          doubt: 0,
          anticipated: 0,
        },
      ],
      source: "counter",
      asOf: expect.stringMatching(/^\d{4}-.*Z$/),
    });
    expect(headers.get("etag")).toBe('W/"1"');
    for (const tag of ['W/"1"', '"1"', '"0", W/"1"', "*"]) {
      const again = await call("GET", "/v1/inventory/API-1", undefined, { "if-none-match": tag });
      expect([again.status, again.body, again.headers.get("cache-control")]).toEqual([304, {}, "no-cache"]);
    }
    expect((await call("GET", "/v1/inventory/API-1", undefined, { "if-none-match": 'W/"2"' })).status).toBe(200);
  });

  it("answers 404 for an unknown SKU, and makes no counter for it", async () => {
    const { status, body } = await call("GET", "/v1/inventory/NOBODY");
    expect([status, body["code"], body["field"]]).toEqual([404, "not_found", "sku"]);
  });

  it("finds a SKU with a slash, a space or a letter beyond ASCII by its encoded name", async () => {
    await stock("A/B 50% grün", "802", 3);
    expect(await call("GET", `/v1/inventory/${encodeURIComponent("A/B 50% grün")}`)).toMatchObject({
      status: 200,
      body: { available: 3 },
    });
  });
});

describe("POST /v1/inventory/batch", () => {
  it("answers known and missing SKUs, each once", async () => {
    await stock("API-3", "803", 1);
    await stock("API-4", "804", 2);
    const { body } = await call("POST", "/v1/inventory/batch", { skus: ["API-4", "API-3", "API-4", "NOBODY"] });
    expect(body).toMatchObject({
      items: [
        { sku: "API-4", available: 2 },
        { sku: "API-3", available: 1 },
      ],
      missing: ["NOBODY"],
      unavailable: [],
    });
  });

  it.each([
    ["no list", {}, "skus"],
    ["an empty list", { skus: [] }, "skus"],
    ["251 SKUs", { skus: Array(251).fill("X") }, "skus"],
    ["a blank SKU", { skus: ["X", "  "] }, "skus.1"],
    ["an unknown field", { skus: ["X"], sku: "Y" }, "sku"],
    ["no JSON", "{", "body"],
  ])("names the field at fault for %s", async (_, given, field) => {
    expect(await call("POST", "/v1/inventory/batch", given)).toMatchObject({
      status: 400,
      body: { code: "bad_request", field },
    });
  });
});

describe("POST /v1/inventory/{sku}/adjustments", () => {
  it("books a movement once: the same key answers the same movement again", async () => {
    await stock("ADJ-1", "811", 5);
    const first = await adjust("ADJ-1", { delta: -2, reason: "till 3", reference: "receipt-9" }, "same");
    expect(first).toMatchObject({
      status: 201,
      body: {
        movement: {
          delta: -2,
          before: 5,
          after: 3,
          reason: "till 3",
          reference: "receipt-9",
          source: "api",
          locationId: HERE,
        },
        levels: { available: 3 },
      },
    });
    const again = await adjust("ADJ-1", { delta: -2, reason: "till 3", reference: "receipt-9" }, "same");
    expect([again.status, again.headers.get("idempotent-replayed"), again.body["movement"]]).toEqual([
      200,
      "true",
      first.body["movement"],
    ]);
    expect((await call("GET", "/v1/inventory/ADJ-1")).body["available"]).toBe(3);
  });

  it("answers 422 for the same key with another body", async () => {
    await stock("ADJ-2", "812", 5);
    await adjust("ADJ-2", { delta: -1 }, "k");
    expect(await adjust("ADJ-2", { delta: -3 }, "k")).toMatchObject({
      status: 422,
      body: { code: "idempotency_key_reused", field: "Idempotency-Key" },
    });
  });

  it("answers 409 with the shortage when there is not enough, and takes below zero only when told to", async () => {
    await stock("ADJ-3", "813", 2, 1);
    expect(await adjust("ADJ-3", { delta: -5 })).toMatchObject({
      status: 409,
      body: {
        code: "insufficient_stock",
        wanted: 5,
        floor: 3,
        shortage: 3,
        detail: "5 wanted; at most 2 at one location, 3 in all.",
        pending: false,
        locations: [
          { locationId: HERE, floor: 2, available: 2 },
          { locationId: THERE, floor: 1, available: 1 },
        ],
      },
    });
    expect(await adjust("ADJ-3", { delta: -5, allowNegative: true })).toMatchObject({
      status: 201,
      body: { movement: { after: -3 }, levels: { available: -2 } },
    });
  });

  it("never tells a shortage below what is wanted: six units at two places are not five at one", async () => {
    await stock("ADJ-7", "817", 3, 3);
    expect(await adjust("ADJ-7", { delta: -5 })).toMatchObject({
      status: 409,
      body: { detail: "5 wanted; at most 3 at one location, 6 in all.", floor: 6, shortage: 2 },
    });
    expect(await adjust("ADJ-7", { delta: -4, locationId: THERE })).toMatchObject({
      body: { detail: `4 wanted; at most 3 at location ${THERE}, 6 in all.`, shortage: 1 },
    });
  });

  it("takes at the named location alone, and at the first that has enough when none is named", async () => {
    await stock("ADJ-4", "814", 1, 9);
    expect(await adjust("ADJ-4", { delta: -2, locationId: HERE })).toMatchObject({ status: 409 });
    expect(await adjust("ADJ-4", { delta: -2 })).toMatchObject({
      status: 201,
      body: { movement: { locationId: THERE } },
    });
    expect(await adjust("ADJ-4", { delta: 4 })).toMatchObject({
      status: 201,
      body: { movement: { locationId: HERE, after: 5 } },
    });
  });

  it.each([
    [{ delta: 0 }, "delta"],
    [{ delta: 1.5 }, "delta"],
    [{ delta: "1" }, "delta"],
    [{ delta: 2_000_000_000 }, "delta"],
    [{ delta: 1, reason: "" }, "reason"],
    [{ delta: 1, locationId: "somewhere" }, "locationId"],
    [{ delta: 1, locationId: "999" }, "locationId"],
    [{ delta: 1, quantity: 2 }, "quantity"],
  ])("names the field at fault in %j", async (given, field) => {
    await stock("ADJ-5", "815", 1);
    expect(await adjust("ADJ-5", given)).toMatchObject({ status: 400, body: { code: "bad_request", field } });
  });

  it("says what is wrong with a field, and not only that it is", async () => {
    const { body } = await adjust("ADJ-5", { delta: "1", reason: "" });
    expect(body).toMatchObject({
      detail: "delta: Invalid input: expected number, received string",
      errors: [{ field: "delta" }, { field: "reason", message: "Too small: expected string to have >=1 characters" }],
    });
  });

  it("asks for an Idempotency-Key", async () => {
    expect(await call("POST", "/v1/inventory/ADJ-5/adjustments", { delta: 1, reason: "x" })).toMatchObject({
      status: 400,
      body: { field: "Idempotency-Key" },
    });
  });

  it("refuses a level that Shopify would refuse", async () => {
    await stock("ADJ-6", "816", 5);
    expect(await adjust("ADJ-6", { delta: 1_000_000_000 })).toMatchObject({
      status: 422,
      body: { code: "out_of_range" },
    });
  });

  it("answers 413 to a body that is too large", async () => {
    expect(
      await call("POST", "/v1/inventory/ADJ-6/adjustments", `{"reason":"${"x".repeat(300_000)}"}`, {
        "idempotency-key": "k",
      }),
    ).toMatchObject({ status: 413 });
  });
});

describe("GET /v1/inventory/{sku}/movements", () => {
  it("pages the history, newest first, each movement with its cause and the level before and after", async () => {
    await stock("MOV-1", "821", 10);
    await adjust("MOV-1", { delta: -1, reason: "first" });
    await adjust("MOV-1", { delta: -2, reason: "second" });
    const first = await call("GET", "/v1/inventory/MOV-1/movements?limit=2");
    expect(first.body).toMatchObject({
      movements: [
        { reason: "second", before: 9, after: 7, actor: "admin" },
        { reason: "first", before: 10, after: 9 },
      ],
    });
    const rest = await call("GET", `/v1/inventory/MOV-1/movements?limit=2&before=${first.body["next"]}`);
    expect(rest.body).toMatchObject({
      movements: [{ kind: "shopify", changedInShopify: 10 }],
      next: null,
    });
  });

  it.each(["limit=0", "limit=201", "limit=x", "before=0", "page=2"])("refuses ?%s", async (query) => {
    expect(await call("GET", `/v1/inventory/MOV-1/movements?${query}`)).toMatchObject({
      status: 400,
      body: { field: query.split("=")[0] },
    });
  });
});

describe("a SKU whose import is under way", () => {
  it("is not said to be unknown, nor to have no history: it comes in a moment", async () => {
    const { connect } = await list("IMP-1", "831");
    const later = { status: 503, body: { code: "importing", field: "sku" } };
    for (const answer of [
      await call("GET", "/v1/inventory/IMP-1"),
      await call("GET", "/v1/inventory/IMP-1/movements"),
      await adjust("IMP-1", { delta: -1 }),
    ]) {
      expect(answer).toMatchObject(later);
      expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
    }
    const batch = await call("POST", "/v1/inventory/batch", { skus: ["IMP-1", "NOBODY"] });
    expect(batch.body).toEqual({ items: [], missing: ["NOBODY"], unavailable: ["IMP-1"] });
    await connect(2);
    expect((await call("GET", "/v1/inventory/IMP-1")).status).toBe(200);
  });
});

describe("while a part is away", () => {
  const away = () => {
    throw new Error("D1_ERROR: Network connection lost.");
  };
  /** Fails for one SKU's counter, as an overloaded object does. */
  const countersWithout = (skuId: string) => ({
    idFromName: (name: string) => env.SKU_COUNTER.idFromName(name),
    get: (id: DurableObjectId) =>
      id.name === skuId
        ? new Proxy(
            {},
            { get: () => async () => Promise.reject(Object.assign(new Error("overloaded"), { overloaded: true })) },
          )
        : env.SKU_COUNTER.get(id),
  });

  it("says so, and when to come again, and reports nothing as broken", async () => {
    const { skuId } = await stock("AWAY-1", "841", 3);
    const get = (path: string, broken: object) => callWith(broken, "GET", path);
    const answers = [
      await get("/v1/inventory/NEVER-SEEN", { DB: { prepare: away, batch: away } }),
      await get("/v1/inventory/NEVER-SEEN/movements", { DB: { prepare: away, batch: away } }),
      await get("/v1/dead-letters", { DB: { prepare: away } }),
      await get("/v1/inventory/AWAY-1", { SKU_COUNTER: countersWithout(skuId) }),
      await get("/v1/inventory/AWAY-1/movements", { SKU_COUNTER: countersWithout(skuId) }),
    ];
    for (const { status, headers, body } of answers)
      expect([status, body["code"], headers.get("retry-after")]).toEqual([503, "unavailable", "2"]);
  });

  it("leaves a letter waiting whose replay no queue would take", async () => {
    await handOver("onhand-events", message("poison-api", { v: 7 }));
    const { body } = await call("GET", "/v1/dead-letters?correlationId=poison-api");
    const [letter] = body["deadLetters"] as { id: string }[];
    const EVENTS = { send: async () => Promise.reject(new Error("Too Many Requests")) };
    const path = `/v1/dead-letters/${letter?.id}`;
    expect(await callWith({ EVENTS }, "POST", `${path}/replay`)).toMatchObject({
      status: 503,
      body: { code: "unavailable" },
    });
    expect((await call("GET", path)).body).toMatchObject({ status: "waiting", replays: 0 });
  });

  it("answers the rest of a batch", async () => {
    const { skuId } = await stock("AWAY-2", "842", 3);
    await stock("AWAY-3", "843", 4);
    const { status, body } = await callWith({ SKU_COUNTER: countersWithout(skuId) }, "POST", "/v1/inventory/batch", {
      skus: ["AWAY-2", "AWAY-3", "NOBODY"],
    });
    expect([status, body]).toMatchObject([
      200,
      { items: [{ sku: "AWAY-3", available: 4 }], missing: ["NOBODY"], unavailable: ["AWAY-2"] },
    ]);
  });
});

describe("the rest", () => {
  it("tells that it lives and that its parts answer", async () => {
    expect(await call("GET", "/healthz")).toMatchObject({ status: 200, body: { status: "ok" } });
    expect(await call("GET", "/readyz")).toMatchObject({
      status: 200,
      body: { status: "ready", checks: { redis: "disabled", d1: "ok", counter: "ok" } },
    });
  });

  it("says on /readyz which part is away", async () => {
    const DB = {
      prepare: () => {
        throw new Error("D1 is away");
      },
    };
    const { status, body } = await callWith({ DB }, "GET", "/readyz");
    expect([status, body]).toEqual([
      503,
      { status: "not_ready", checks: { redis: "disabled", d1: "unavailable", counter: "ok" }, redisBreaker: null },
    ]);
  });

  it("names what is misconfigured instead of running half", async () => {
    const { status, body } = await callWith(
      { ADMIN_TOKEN: "short", SHOPIFY_SHOPS: "shop.example.com" },
      "GET",
      "/readyz",
    );
    expect([status, body]).toMatchObject([
      500,
      { code: "misconfigured", detail: expect.stringContaining("ADMIN_TOKEN") },
    ]);
  });

  it("answers 404 problem+json for a path that is none, and for a shop that is not ours", async () => {
    expect(await call("GET", "/v1/nothing")).toMatchObject({ status: 404, body: { code: "not_found" } });
    expect(await call("GET", "/v1/shops/stranger.myshopify.com/gate")).toMatchObject({
      status: 404,
      body: { field: "shop" },
    });
  });
});
