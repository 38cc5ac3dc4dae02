/** Circuit breakers over the API: how each stands, and the operator's stop of one. */
import { evictDurableObject } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { fromStore } from "../../src/domain/ids.ts";
import { d1AuditLog } from "../../src/store/d1-audit-log.ts";
import { d1Destinations } from "../../src/store/d1-destinations.ts";
import { call } from "./support/api.ts";
import { SHOP } from "./support/counters.ts";
import { TEST_ENV } from "./support/test-env.ts";

const NAME = fromStore<never>("webhook/hooks.example.com");
const listed = async () => (await call("GET", "/v1/breakers")).body["breakers"] as readonly Record<string, unknown>[];
const stateOf = async (name: string) => (await listed()).find(({ destination }) => destination === name);

describe("/v1/breakers", () => {
  it("tells of every shop, and of every other destination that was ever called", async () => {
    expect(await stateOf(NAME)).toBeUndefined();
    await d1Destinations(env.DB).note(NAME, Date.now());
    expect(await stateOf(NAME)).toEqual({
      ...{ destination: NAME, state: "closed", since: null, openedAt: null, reason: null, by: null },
      ...{ calls: 0, failures: 0, failuresInRow: 0, nextProbe: null },
    });
    expect(await stateOf(`shopify/${SHOP}`)).toMatchObject({ state: "closed" });
  });

  it("isolates a shop's Shopify and releases it; restarts change nothing", async () => {
    const path = `/v1/breakers/shopify/${SHOP}`;
    const isolated = await call("POST", `${path}/isolate`, { reason: " their deploy " });
    expect(isolated).toMatchObject({ status: 200, body: { state: "isolated", reason: "their deploy", by: "admin" } });
    await evictDurableObject(env.SHOP_GATE.getByName(SHOP));
    expect(await stateOf(`shopify/${SHOP}`)).toMatchObject({ state: "isolated" });
    expect((await call("GET", `/v1/shops/${SHOP}/gate`)).body).toMatchObject({ pausedReason: "isolated" });
    const imported = await call("POST", `/v1/shops/${SHOP}/import`, {});
    expect(imported).toMatchObject({ status: 503, body: { detail: expect.stringContaining("isolated") } });
    expect((await call("POST", `${path}/release`)).status).toBe(200);
    const { entries } = await d1AuditLog(env.DB).list({ subject: `shopify/${SHOP}`, limit: 5 });
    expect(entries.map(({ action, actor, detail }) => [action, actor, detail])).toEqual([
      ["breaker.released", "admin", {}],
      ["breaker.isolated", "admin", { reason: "their deploy" }],
    ]);
    expect(await stateOf(`shopify/${SHOP}`)).toMatchObject({ by: null });
  });

  it("isolates any other destination, and is a number of the metrics", async () => {
    await d1Destinations(env.DB).note(NAME, Date.now());
    await call("POST", `/v1/breakers/${NAME}/isolate`, { reason: "their deploy" });
    const metrics = await exports.default.fetch("https://onhand.test/metrics", {
      headers: { authorization: `Bearer ${TEST_ENV.ADMIN_TOKEN}` },
    });
    expect(await metrics.text()).toContain(`onhand_breaker_state{destination="${NAME}"} 3`);
    expect(await stateOf(NAME)).toMatchObject({ state: "isolated", by: "admin" });
    expect((await call("POST", `/v1/breakers/${NAME}/release`)).body).toMatchObject({ state: "half_open" });
  });

  it("makes no object for a name that nobody has called, and wants a reason", async () => {
    for (const name of ["webhook/elsewhere.example.com", "shopify/strange.myshopify.com", "x/..", "NO/%20"])
      expect(await call("POST", `/v1/breakers/${name}/isolate`, { reason: "x" })).toMatchObject({ status: 404 });
    const unsaid = await call("POST", `/v1/breakers/shopify/${SHOP}/isolate`, { reason: " " });
    expect(unsaid).toMatchObject({ status: 400, body: { field: "reason" } });
  });
});
