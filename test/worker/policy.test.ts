/** What a channel may sell, over HTTP: said once, it holds for our own takes and reaches the shop's safety stock. */
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { runMinute } from "../../src/wiring/minute.ts";
import { adjust, call } from "./support/api.ts";
import { list, stock } from "./support/catalogue.ts";
import { HERE, SHOP, THERE } from "./support/counters.ts";
import { ScriptedShopify } from "./support/shopify.ts";
import { until } from "./support/until.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

const of = (sku: string, path: string) => `/v1/inventory/${sku}/${path}`;
const sellable = async (sku: string, channel: string) =>
  (await call("GET", of(sku, `sellable?channel=${channel}`))).body;

describe("a shop's buffer", () => {
  it("is moved to its safety stock, and back when the channel is let go", async () => {
    const shopify = new ScriptedShopify().listen();
    await stock("POL-1", "9101", 10, 4);
    shopify.model.levels.set(`9101@${HERE}`, 10);
    shopify.model.levels.set(`9101@${THERE}`, 4);
    const aside = () => [HERE, THERE].map((at) => shopify.model.safetyStock.get(`9101@${at}`) ?? 0);
    const rules = { buffer: { kind: "fixed", units: 6 } };
    expect(await call("PUT", of("POL-1", `channels/${SHOP}`), rules)).toMatchObject({
      status: 200,
      body: { sku: "POL-1", policy: { channels: { [SHOP]: { ...rules, isStopped: false } } } },
    });
    await until(
      async () => aside(),
      (units) => units[0] === 2 && units[1] === 4,
    );
    expect([shopify.model.level("9101", HERE), shopify.model.level("9101", THERE)]).toEqual([8, 0]);
    await call("POST", of("POL-1", `channels/${SHOP}/stop`));
    await until(
      async () => aside(),
      (units) => units[0] === 10,
    );
    expect(await sellable("POL-1", SHOP)).toMatchObject({ sellable: 0, withheld: 14 });
    await call("POST", of("POL-1", `channels/${SHOP}/resume`));
    await until(
      async () => aside(),
      (units) => units[0] === 2,
    );
    expect((await call("DELETE", of("POL-1", `channels/${SHOP}`))).body).toMatchObject({ policy: { channels: {} } });
    await until(
      async () => aside(),
      (units) => units[0] === 0 && units[1] === 0,
    );
    expect(shopify.model.level("9101", HERE)).toBe(10);
  });
});

describe("the policy of a SKU", () => {
  it("is read and written whole, for whoever knows the current version", async () => {
    await stock("POL-2", "9102", 5);
    const read = await call("GET", of("POL-2", "policy"));
    expect(read).toMatchObject({
      status: 200,
      body: { sku: "POL-2", policy: { strategy: "atomic", channels: {} }, channelDefaults: {} },
    });
    const policy = { strategy: "atomic", channels: { market: { cap: 2 } } };
    const etag = read.headers.get("etag") ?? "";
    const written = await call("PUT", of("POL-2", "policy"), policy, { "if-match": etag });
    expect(written).toMatchObject({ status: 200, body: { policy: { channels: { market: { cap: 2 } } } } });
    expect(await call("PUT", of("POL-2", "policy"), {}, { "if-match": etag })).toMatchObject({
      status: 412,
      body: { code: "version_mismatch" },
    });
    expect(await sellable("POL-2", "market")).toMatchObject({
      sku: "POL-2",
      sellable: 2,
      certain: 2,
      rulesFrom: "sku",
    });
  });

  it("is tried without being set", async () => {
    await stock("POL-3", "9103", 5);
    const tried = await call("PUT", `${of("POL-3", "policy")}?dryRun=true`, { strategy: "pessimistic" });
    expect(tried).toMatchObject({ status: 200, body: { dryRun: true, policy: { strategy: "pessimistic" } } });
    expect((await call("GET", of("POL-3", "policy"))).body).toMatchObject({ policy: { strategy: "atomic" } });
  });

  it.each([
    ["strategy", "policy", { strategy: "hope" }],
    ["colour", "policy", { colour: "red" }],
    ["channels.market.zerobelow", "policy", { channels: { market: { zerobelow: 3 } } }],
    ["buffer.percent", "channels/market", { buffer: { kind: "percentage", percent: 120 } }],
    ["zerobelow", "channels/market", { zerobelow: 3 }],
    ["channel", "channels/no%20name", {}],
  ])("is refused with the field that is wrong: %s", async (field, path, body) => {
    await list("POL-4", "9104");
    expect(await call("PUT", of("POL-4", path), body)).toMatchObject({
      status: 400,
      body: { code: "bad_request", field },
    });
  });

  it("of an unknown SKU is 404, and nothing is made for it", async () => {
    for (const [method, path] of [
      ["GET", "policy"],
      ["PUT", "policy"],
      ["POST", "channels/market/stop"],
      ["GET", "sellable?channel=market"],
    ] as const) {
      expect((await call(method, of("POL-NONE", path), method === "GET" ? undefined : {})).status).toBe(404);
    }
  });
});

describe("what a channel may sell", () => {
  it("stands beside the levels when they are asked for with the channel", async () => {
    await stock("POL-5", "9105", 5, 3);
    await call("PUT", of("POL-5", "channels/market"), { excludedLocations: [THERE], zeroBelow: 2 });
    expect((await call("GET", "/v1/inventory/POL-5?channel=market")).body).toMatchObject({
      sku: "POL-5",
      available: 8,
      channel: {
        channel: "market",
        sellable: 5,
        withheld: 3,
        locations: [
          { locationId: HERE, available: 5, withheld: 0, sellable: 5 },
          { locationId: THERE, available: 3, withheld: 3, sellable: 0 },
        ],
      },
    });
    expect((await call("GET", "/v1/inventory/POL-5?channel=no%20name")).status).toBe(400);
  });
});

describe("default rules of a channel", () => {
  it("hold for the SKUs without rules of their own, at once for the first ones, and for new ones within a minute", async () => {
    await stock("POL-6", "9106", 9);
    const put = await call("PUT", "/v1/channels/bazaar/rules", { cap: 4 });
    expect(put).toMatchObject({
      status: 200,
      body: { channel: "bazaar", rules: { cap: 4 }, revision: expect.any(Number) },
    });
    expect(await sellable("POL-6", "bazaar")).toMatchObject({ sellable: 4, rulesFrom: "channel" });
    await stock("POL-7", "9107", 9);
    expect(await sellable("POL-7", "bazaar")).toMatchObject({ sellable: 9, rulesFrom: "nobody" });
    await runMinute(env, Date.now());
    expect(await sellable("POL-7", "bazaar")).toMatchObject({ sellable: 4, rulesFrom: "channel" });
    const read = (await call("GET", "/v1/channels/bazaar/rules")).body;
    expect(read["counters"]).toBeGreaterThanOrEqual(2);
    await adjust("POL-7", { delta: -6 });
    await call("POST", of("POL-7", "channels/bazaar/stop"));
    expect(await sellable("POL-7", "bazaar")).toMatchObject({ sellable: 0, rulesFrom: "sku" });
    await call("DELETE", "/v1/channels/bazaar/rules");
    expect(await sellable("POL-6", "bazaar")).toMatchObject({ sellable: 9, rulesFrom: "nobody" });
  });

  it("are refused with the field that is wrong", async () => {
    expect(await call("PUT", "/v1/channels/bazaar/rules", { cap: -1 })).toMatchObject({
      status: 400,
      body: { field: "cap" },
    });
    expect((await call("GET", "/v1/channels/no%20name/rules")).status).toBe(400);
  });
});
