/** The emergency stop: every shop of the deployment by one request. */
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it } from "vitest";
import { fromStore, type ShopDomain } from "../../src/domain/ids.ts";
import { askAllGates } from "../../src/services/all-gates.ts";
import { gateOf } from "../../src/store/durable-counters.ts";
import { call } from "./support/api.ts";
import { SHOP } from "./support/counters.ts";

const SECOND = fromStore<ShopDomain>("second-shop.myshopify.com");
const isStopped = async (shop: ShopDomain) => (await gateOf(env.SHOP_GATE, shop).status()).settings.stopped;
afterEach(async () => void (await call("PATCH", "/v1/gate", { stopped: false, readOnly: false })));

describe("/v1/gate", () => {
  it("stops every shop in the configuration, and tells each one's answer", async () => {
    const { status, body } = await call("PATCH", "/v1/gate", { stopped: true });
    expect(status).toBe(200);
    expect(body["shops"]).toMatchObject([
      { shop: SHOP, status: { settings: { stopped: true }, pausedReason: "stopped" } },
      { shop: SECOND, status: { settings: { stopped: true }, pausedReason: "stopped" } },
    ]);
    expect([await isStopped(SHOP), await isStopped(SECOND)]).toEqual([true, true]);
    // Nothing leaves: not even what is no push.
    const imported = await call("POST", `/v1/shops/${SECOND}/import`, {});
    expect(imported).toMatchObject({ status: 503, body: { detail: expect.stringContaining("stopped") } });
    await call("PATCH", "/v1/gate", { stopped: false });
    expect([await isStopped(SHOP), await isStopped(SECOND)]).toEqual([false, false]);
  });

  it("leaves the other catches as they are, shows them, and takes no others", async () => {
    await call("PATCH", `/v1/shops/${SECOND}/gate`, { deltaMax: 7 });
    await call("PATCH", "/v1/gate", { readOnly: true });
    const { body } = await call("GET", "/v1/gate");
    expect(body["shops"]).toMatchObject([
      { shop: SHOP, status: { settings: { readOnly: true, deltaMax: 10_000 } } },
      { shop: SECOND, status: { settings: { readOnly: true, deltaMax: 7 } } },
    ]);
    expect(await call("PATCH", "/v1/gate", { stop: true })).toMatchObject({ status: 400, body: { field: "stop" } });
  });

  it("reaches the others when one gate does not answer, and says which", async () => {
    const answers = await askAllGates([SHOP, SECOND], async (shop) => {
      if (shop === SHOP) throw new Error("overloaded");
      return gateOf(env.SHOP_GATE, shop).configure({ stopped: true });
    });
    expect(answers).toMatchObject([
      { shop: SHOP, error: "Error: overloaded" },
      { shop: SECOND, status: {} },
    ]);
    expect(await isStopped(SECOND)).toBe(true);
  });
});
