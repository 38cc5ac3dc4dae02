/** Channels over HTTP: what they are, their secrets, their items, how they are. */
import { env } from "cloudflare:workers";
import { Webhook } from "standardwebhooks";
import { afterEach, describe, expect, it, vi } from "vitest";
import { fromStore } from "../../src/domain/ids.ts";
import { channelsOf, channelTtlMsOf, pauseChannel } from "../../src/wiring/channels.ts";
import { type Answer, call, callWith } from "./support/api.ts";
import { stock } from "./support/catalogue.ts";
import { HERE } from "./support/counters.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

const WMS = { type: "wms", endpoint: "https://wms.example.com/onhand" };
const put = (id: string, body: object = WMS, headers = {}) => call("PUT", `/v1/channels/${id}`, body, headers);
const get = (id: string) => call("GET", `/v1/channels/${id}`);
const secretOf = ({ body }: Answer): string => String(body["secret"]);
const actionsOf = async (subject: string) => {
  const { entries } = (await call("GET", `/v1/audit?subject=${subject}`)).body as { entries: { action: string }[] };
  return entries.map(({ action }) => action);
};

describe("PUT /v1/channels/{id}", () => {
  it("makes a channel and shows its secret once; afterwards it changes it and shows none", async () => {
    const made = await put("wms-1");
    expect(made).toMatchObject({
      status: 201,
      body: {
        ...{ id: "wms-1", type: "wms", adapter: "onhand", name: "wms-1", direction: "both", state: "active" },
        ...{ readOnly: false, locations: {}, listings: "by_sku", eventTypes: null, endpoint: WMS.endpoint },
        outbound: { levels: true, orders: [], reorders: false, batchMax: 100, callsPerSecond: 5 },
        countApproval: { units: 10, percent: 10 },
      },
    });
    expect(secretOf(made)).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    const again = await put("wms-1", { ...WMS, name: "The warehouse", outbound: { orders: ["*"], batchMax: 7 } });
    expect(again).toMatchObject({
      status: 200,
      body: { name: "The warehouse", outbound: { orders: ["*"], batchMax: 7 } },
    });
    expect(again.body["secret"]).toBeUndefined();
    const shown = await get("wms-1");
    expect(shown.body).toMatchObject({ secrets: { signing: [{ version: 1, retiresAt: null }], credentials: [] } });
    expect(JSON.stringify(shown.body)).not.toContain(secretOf(made).slice(6));
    expect(await actionsOf("wms-1")).toEqual(["channel.changed", "channel.created"]);
  });

  it("says from when on it is in force everywhere, and so does each change of it", async () => {
    const startMs = Date.now();
    const ttlMs = channelTtlMsOf(env);
    const made = await put("wms-when");
    expect(made.body["effectiveWithinSeconds"]).toBe(ttlMs / 1_000);
    const changes = [
      made,
      await call("POST", "/v1/channels/wms-when/pause"),
      await call("POST", "/v1/channels/wms-when/resume"),
      await call("POST", "/v1/channels/wms-when/read-only", { on: true }),
      await call("POST", "/v1/channels/wms-when/secrets/rotate"),
      await call("DELETE", "/v1/channels/wms-when/secrets/previous"),
      await call("PUT", "/v1/channels/wms-when/credentials/token", { value: "t" }),
      await call("DELETE", "/v1/channels/wms-when/credentials/token"),
      await call("DELETE", "/v1/channels/wms-when"),
    ];
    for (const { status, body } of changes) {
      expect(status).toBeLessThan(300);
      const atMs = Date.parse(String(body["inForceAt"]));
      expect(atMs).toBeGreaterThanOrEqual(startMs + ttlMs);
      expect(atMs).toBeLessThanOrEqual(Date.now() + ttlMs);
    }
    expect((await call("PUT", "/v1/channels/wms-when?dryRun=true", WMS)).body["inForceAt"]).toBeUndefined();
  });

  it("stores the secret sealed", async () => {
    const secret = secretOf(await put("wms-sealed"));
    const { results } = await env.DB.prepare(
      "SELECT ciphertext FROM channel_secrets WHERE channel = 'wms-sealed'",
    ).all<{
      ciphertext: number[];
    }>();
    const stored = String.fromCharCode(...(results[0]?.ciphertext ?? []));
    expect(stored.length).toBeGreaterThan(40);
    expect(stored).not.toContain(secret.slice(6, 20));
  });

  it("says what it would do in a dry run, and does nothing", async () => {
    expect(await call("PUT", "/v1/channels/wms-dry?dryRun=true", WMS)).toMatchObject({
      status: 200,
      body: { dryRun: true, id: "wms-dry" },
    });
    expect((await get("wms-dry")).status).toBe(404);
    expect((await call("DELETE", "/v1/channels/wms-dry?dryRun=true")).body).toMatchObject({ field: "dryRun" });
  });

  it("goes over the revision that the caller saw, and no other", async () => {
    const etag = (await put("wms-etag")).headers.get("etag") ?? "";
    expect((await put("wms-etag", WMS, { "if-match": etag })).status).toBe(200);
    expect(await put("wms-etag", WMS, { "if-match": etag })).toMatchObject({
      status: 412,
      body: { code: "version_mismatch", field: "If-Match" },
    });
  });

  it.each([
    [{ ...WMS, type: "shopify", endpoint: null }, "id"],
    [{ ...WMS, adapter: "square" }, "adapter"],
    [{ type: "wms", direction: "both" }, "endpoint"],
    [{ ...WMS, endpoint: "http://wms.example.com/" }, "endpoint"],
    [{ ...WMS, endpoint: "https://10.0.0.1/" }, "endpoint"],
    [{ ...WMS, locations: { north: "999" } }, "locations.north"],
    [{ ...WMS, eventTypes: ["order.eaten"] }, "eventTypes.0"],
    [{ ...WMS, outbound: { batchMax: 501 } }, "outbound.batchMax"],
    [{ ...WMS, outbound: { orders: ["no such name!"] } }, "outbound.orders.0"],
    [{ ...WMS, outbound: { orders: ["wms-bad"] } }, "outbound.orders"],
    [{ ...WMS, rules: { buffer: { kind: "fixed", units: -1 } } }, "rules.buffer.units"],
    [{ ...WMS, color: "red" }, "color"],
  ])("refuses %j and names %s", async (body, field) => {
    expect(await put("wms-bad", body)).toMatchObject({ status: 400, body: { field } });
    expect((await get("wms-bad")).status).toBe(404);
  });

  it("takes names of locations that are ours, and rules of what it may sell", async () => {
    await stock("CHN-1", "9701", 3, 0);
    const given = { ...WMS, locations: { north: HERE }, rules: { buffer: { kind: "fixed", units: 2 } } };
    expect(await put("wms-2", given)).toMatchObject({ status: 201, body: { locations: { north: HERE } } });
    expect((await call("GET", "/v1/channels/wms-2/rules")).body).toMatchObject({
      rules: { buffer: { kind: "fixed", units: 2 } },
    });
  });

  it("knows a Shopify shop by its domain alone, and none that the environment has", async () => {
    expect(await put("wms.myshopify.com")).toMatchObject({ status: 400, body: { field: "type" } });
    expect(await put("test-shop.myshopify.com", { type: "shopify" })).toMatchObject({ status: 409 });
    const made = await put("third-shop.myshopify.com", { type: "shopify" });
    expect(made).toMatchObject({ status: 201, body: { adapter: "shopify", direction: "both" } });
    expect(made.body["secret"]).toBeUndefined();
  });

  it("is misconfigured by name without the key, and everything that stores no secret goes on", async () => {
    await put("wms-keyless");
    const keyless = { CHANNEL_KEY: "" };
    expect(await callWith(keyless, "PUT", "/v1/channels/wms-x", WMS)).toMatchObject({
      status: 500,
      body: { code: "misconfigured", detail: expect.stringContaining("CHANNEL_KEY") },
    });
    expect((await callWith(keyless, "POST", "/v1/channels/wms-keyless/pause")).status).toBe(200);
  });
});

describe("a channel", () => {
  it("is listed, beside the shops of the environment", async () => {
    await put("wms-list");
    const { body } = await call("GET", "/v1/channels");
    expect((body["channels"] as { id: string }[]).map(({ id }) => id)).toContain("wms-list");
    expect(body["environmentShops"]).toContain("test-shop.myshopify.com");
  });

  it("is paused with a reason, resumed, and made read-only", async () => {
    await put("wms-3");
    expect((await call("POST", "/v1/channels/wms-3/pause", { reason: "their stocktake" })).body).toMatchObject({
      ...{ state: "paused", stateReason: "their stocktake", stateBy: "admin" },
    });
    expect((await call("GET", "/v1/channels/wms-3/health")).body).toMatchObject({
      ...{ verdict: "paused", reasons: ["their stocktake"] },
    });
    expect((await call("POST", "/v1/channels/wms-3/resume")).body).toMatchObject({
      state: "active",
      stateReason: null,
    });
    expect((await call("POST", "/v1/channels/wms-3/read-only", { on: true })).body).toMatchObject({ readOnly: true });
    expect((await channelsOf(env).get(fromStore("wms-3")))?.channel).toMatchObject({ readOnly: true });
    expect(await actionsOf("wms-3")).toEqual([
      ...["channel.read_only", "channel.resumed", "channel.paused", "channel.created"],
    ]);
  });

  it("is paused by a part of ours, too, and its own isolate knows at once", async () => {
    await put("wms-gone");
    await channelsOf(env).get(fromStore("wms-gone"));
    const by = { actor: "outbound", correlationId: fromStore<never>("c-1") };
    await pauseChannel(env, fromStore("wms-gone"), "the endpoint answered 410", by);
    expect((await channelsOf(env).get(fromStore("wms-gone")))?.channel.state).toBe("paused");
    expect((await get("wms-gone")).body).toMatchObject({
      stateReason: "the endpoint answered 410",
      stateBy: "outbound",
    });
    expect(await pauseChannel(env, fromStore("nobody"), "x", by)).toBeNull();
  });

  it("is removed with its secrets, unless a counter still has its items", async () => {
    await put("wms-4");
    await env.DB.prepare("INSERT INTO shops VALUES ('wms-4', 'adopt', 'connected', 0)").run();
    expect(await call("DELETE", "/v1/channels/wms-4")).toMatchObject({ status: 409, body: { code: "conflict" } });
    await env.DB.prepare("UPDATE shops SET state = 'disconnected' WHERE shop = 'wms-4'").run();
    expect(await call("DELETE", "/v1/channels/wms-4")).toMatchObject({ status: 200, body: { removed: true } });
    expect((await call("DELETE", "/v1/channels/wms-4")).status).toBe(404);
  });

  it.each([
    ["GET", ""],
    ["GET", "/health"],
    ["POST", "/pause"],
    ["POST", "/resume"],
    ["POST", "/test"],
    ["POST", "/secrets/rotate"],
    ["DELETE", "/secrets/previous"],
    ["GET", "/listings"],
  ])("that nobody knows is 404 to %s %s", async (method, path) => {
    expect(await call(method, `/v1/channels/nobody${path}`)).toMatchObject({ status: 404, body: { field: "channel" } });
  });
});

describe("secrets of a channel", () => {
  it("are two while one is rotated, and the one before ends on demand", async () => {
    const first = secretOf(await put("wms-5"));
    const rotated = await call("POST", "/v1/channels/wms-5/secrets/rotate", { keepOldForSeconds: 60 });
    const second = secretOf(rotated);
    expect(second).not.toBe(first);
    expect(Date.parse(String(rotated.body["previousRetiresAt"]))).toBeGreaterThan(Date.now() + 50_000);
    const active = async () => (await channelsOf(env).get(fromStore("wms-5")))?.secrets.signing;
    expect(await active()).toEqual([second, first]);
    const third = secretOf(await call("POST", "/v1/channels/wms-5/secrets/rotate"));
    expect(await active()).toEqual([third, second]);
    expect((await call("DELETE", "/v1/channels/wms-5/secrets/previous")).body).toMatchObject({
      ...{ id: "wms-5", retired: true },
    });
    expect(await active()).toEqual([third]);
  });

  it("that the merchant gave are used and never shown", async () => {
    await put("pos-1", { type: "pos", adapter: "square" });
    const value = "sq0atp-very-secret-token";
    expect((await call("PUT", "/v1/channels/pos-1/credentials/access_token", { value })).body).toEqual({
      ...{ id: "pos-1", name: "access_token", stored: true, inForceAt: expect.any(String) as unknown },
    });
    expect((await channelsOf(env).get(fromStore("pos-1")))?.secrets.credentials).toEqual({ access_token: value });
    const told = [(await get("pos-1")).body, (await call("GET", "/v1/audit?subject=pos-1")).body];
    expect(told[0]).toMatchObject({ secrets: { credentials: [{ name: "access_token" }] } });
    expect(JSON.stringify(told)).not.toContain(value);
    expect((await call("DELETE", "/v1/channels/pos-1/credentials/access_token")).status).toBe(200);
    expect((await call("DELETE", "/v1/channels/pos-1/credentials/access_token")).status).toBe(404);
  });

  it("of ours are no credential that anybody may set", async () => {
    await put("wms-6");
    for (const name of ["signing", "Not-a-name"])
      expect(await call("PUT", `/v1/channels/wms-6/credentials/${name}`, { value: "x" })).toMatchObject({
        status: 400,
        body: { field: "name" },
      });
  });

  it("are sealed anew under a new key, which then opens them alone", async () => {
    await put("wms-7");
    const CHANNEL_KEY = btoa("n".repeat(32));
    const both = { CHANNEL_KEY, CHANNEL_KEY_PREVIOUS: (env as unknown as { CHANNEL_KEY: string }).CHANNEL_KEY };
    const resealed = (await callWith(both, "POST", "/v1/channels/secrets/reseal")).body;
    expect(resealed).toMatchObject({ kept: 0, unreadable: [] });
    expect(resealed["resealed"]).toBeGreaterThan(0);
    const alone = { ...env, CHANNEL_KEY } as unknown as Env;
    expect((await channelsOf(alone).get(fromStore("wms-7")))?.secrets.signing).toHaveLength(1);
    const back = { CHANNEL_KEY: both.CHANNEL_KEY_PREVIOUS, CHANNEL_KEY_PREVIOUS: CHANNEL_KEY };
    expect((await callWith(back, "POST", "/v1/channels/secrets/reseal")).body["resealed"]).toBe(resealed["resealed"]);
  });
});

describe("items of a channel", () => {
  it("are mapped to SKUs row by row, listed and taken away", async () => {
    await stock("CHI-1", "9702", 3, 0);
    await stock("CHI-2", "9703", 3, 0);
    await put("mkt-1", { type: "marketplace", listings: "mapped" });
    const rows = [
      { itemId: "A-1", sku: "CHI-1" },
      { itemId: "A-2", sku: "NO-SUCH" },
      { itemId: "A-3", sku: "CHI-2" },
      { itemId: "A-1", sku: "CHI-2" },
    ];
    const path = "/v1/channels/mkt-1/listings";
    const expected = {
      mapped: 2,
      errors: [
        { index: 1, itemId: "A-2", sku: "NO-SUCH", reason: "unknown_sku" },
        { index: 3, itemId: "A-1", sku: "CHI-2", reason: "named_twice" },
      ],
    };
    expect((await call("PUT", `${path}?dryRun=true`, { listings: rows })).body).toEqual({ ...expected, dryRun: true });
    expect((await call("GET", path)).body).toEqual({ listings: [], next: null });
    expect((await call("PUT", path, { listings: rows })).body).toEqual(expected);
    expect((await call("GET", `${path}?limit=1`)).body).toEqual({
      ...{ listings: [{ itemId: "A-1", sku: "CHI-1" }], next: "A-1" },
    });
    expect((await call("GET", `${path}?after=A-1`)).body).toMatchObject({ listings: [{ itemId: "A-3" }], next: null });
    expect((await call("DELETE", path, {})).body).toMatchObject({ field: "itemIds" });
    expect((await call("DELETE", path, { itemIds: ["A-1"] })).body).toEqual({ removed: 1 });
    expect((await call("DELETE", path, { all: true })).body).toEqual({ removed: 1 });
  });
});

describe("a test of a channel", () => {
  it("is one signed call, and says what came of it", async () => {
    const secret = secretOf(await put("wms-8"));
    const heard: { url: string; headers: Headers; body: string }[] = [];
    vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
      heard.push({ url: String(input), headers: new Headers(init?.headers as HeadersInit), body: String(init?.body) });
      return new Response("thanks, ".repeat(200), { status: 202 });
    });
    const tested = (await call("POST", "/v1/channels/wms-8/test")).body;
    expect(tested).toMatchObject({ sent: true, ok: true, status: 202, reason: null, retryAt: null });
    expect(String(tested["reply"])).toHaveLength(500);
    const [request] = heard;
    expect(request?.url).toBe(WMS.endpoint);
    expect(new Webhook(secret).verify(request?.body ?? "", Object.fromEntries(request?.headers ?? []))).toMatchObject({
      ...{ type: "channel.test", channel: "wms-8", data: {} },
    });
  });

  it("tells a receiver that fails from one that refuses, and trips its breaker as any call does", async () => {
    await put("wms-9");
    const fetched = vi.spyOn(globalThis, "fetch").mockImplementation(async () => new Response("no", { status: 404 }));
    const test = async () => (await call("POST", "/v1/channels/wms-9/test")).body;
    expect(await test()).toMatchObject({ sent: true, ok: false, status: 404, reply: "no" });
    fetched.mockImplementation(async () => new Response("", { status: 503 }));
    for (let i = 0; i < 3; i += 1) expect(await test()).toMatchObject({ sent: true, ok: false, status: 503 });
    expect(await test()).toMatchObject({ sent: false, reason: expect.stringContaining("breaker") });
    expect((await call("GET", "/v1/channels/wms-9/health")).body).toMatchObject({
      ...{ verdict: "failing", breaker: { state: "open" } },
    });
    await put("wms-in", { type: "wms" });
    expect(await call("POST", "/v1/channels/wms-in/test")).toMatchObject({ status: 409, body: { field: "endpoint" } });
  });
});

describe("GET /v1/channels/{id}/health", () => {
  it("tells what was received, sent and buried, and how it is", async () => {
    await put("wms-10");
    expect((await call("GET", "/v1/channels/wms-10/health")).body).toMatchObject({
      ...{ verdict: "idle", lastReceivedAt: null, lastError: null, waitingDeadLetters: 0, breaker: null },
    });
    const atMs = Date.now() - 1_000;
    const entry = `INSERT INTO event_journal (at_ms, key, correlation_id, step, topic, shop, outcome) VALUES (?, ?, 'c', ?, 't', 'wms-10', ?)`;
    await env.DB.prepare(entry).bind(atMs, "k1", "received", "queued").run();
    await env.DB.prepare(entry)
      .bind(atMs + 1, "k2", "received", "refused")
      .run();
    expect((await call("GET", "/v1/channels/wms-10/health")).body).toMatchObject({
      ...{ verdict: "degraded", reasons: ["1 refused within a day"], lastReceivedAt: new Date(atMs + 1).toISOString() },
      last24h: { counts: { "received/queued": 1, "received/refused": 1 }, isPartial: false },
    });
  });
});
