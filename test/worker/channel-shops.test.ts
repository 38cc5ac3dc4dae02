/** Shops that are added while the Worker runs: each with an app, and secrets, of its own. */
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { fromStore, type InventoryItemId, type ShopDomain, type ShopLocationId } from "../../src/domain/ids.ts";
import { importPage } from "../../src/services/import-catalogue.ts";
import { gateOf } from "../../src/store/durable-counters.ts";
import { knownGates } from "../../src/wiring/our-shops.ts";
import { adjust, call, callWith } from "./support/api.ts";
import { HERE, OPENED_MS, SHOP } from "./support/counters.ts";
import { importDeps } from "./support/import.ts";
import { ScriptedShopify } from "./support/shopify.ts";
import { TEST_ENV } from "./support/test-env.ts";
import { until } from "./support/until.ts";
import { deliver, levelBody, sign } from "./support/webhooks.ts";

afterEach(() => vi.restoreAllMocks());

let shops = 0;
const newShop = (): ShopDomain => fromStore<ShopDomain>(`added-${++shops}.myshopify.com`);
const store = (shop: string, name: string, value: string) =>
  call("PUT", `/v1/channels/${shop}/credentials/${name}`, { value });

async function addShop(secret: string, given: Readonly<Record<string, string>> = { client_id: `app of ${secret}` }) {
  const shop = newShop();
  expect((await call("PUT", `/v1/channels/${shop}`, { type: "shopify" })).status).toBe(201);
  for (const [name, value] of Object.entries({ ...given, client_secret: secret })) await store(shop, name, value);
  return shop;
}

const LEVEL = levelBody("9801", HERE, 3, "2026-11-20T12:00:00Z");
const told = async (shop: string, secret: string) =>
  (await deliver({ topic: "inventory_levels/update", shop, secret, body: LEVEL })).status;

describe("webhooks of a shop that was added", () => {
  it("are verified with the secret of its own app, and of no other", async () => {
    const one = await addShop("secret-of-app-one");
    const two = await addShop("secret-of-app-two");
    expect([await told(one, "secret-of-app-one"), await told(two, "secret-of-app-two")]).toEqual([200, 200]);
    expect([await told(one, "secret-of-app-two"), await told(two, "secret-of-app-one")]).toEqual([401, 401]);
    expect([await told(one, TEST_ENV.SHOPIFY_CLIENT_SECRET), await told(SHOP, "secret-of-app-one")]).toEqual([
      401, 401,
    ]);
  });

  it("are accepted with the present secret and the one before it, for as long as that is stored", async () => {
    const shop = await addShop("secret-before");
    await store(shop, "client_secret_previous", "secret-before");
    await store(shop, "client_secret", "secret-now");
    expect([await told(shop, "secret-now"), await told(shop, "secret-before")]).toEqual([200, 200]);
    await call("DELETE", `/v1/channels/${shop}/credentials/client_secret_previous`);
    expect([await told(shop, "secret-now"), await told(shop, "secret-before")]).toEqual([200, 401]);
  });

  it("are refused while it has no secret, and once it is removed, whoever signs", async () => {
    const shop = newShop();
    await call("PUT", `/v1/channels/${shop}`, { type: "shopify" });
    expect([await told(shop, "undefined"), await told(shop, TEST_ENV.SHOPIFY_CLIENT_SECRET)]).toEqual([401, 401]);
    const gone = await addShop("secret-of-gone");
    expect(await told(gone, "secret-of-gone")).toBe(200);
    expect((await call("DELETE", `/v1/channels/${gone}`)).status).toBe(200);
    expect(await told(gone, "secret-of-gone")).toBe(401);
  });

  it("go on to count while it is paused: Shopify would drop the subscription of who refuses", async () => {
    const shop = await addShop("secret-of-paused");
    await call("POST", `/v1/channels/${shop}/pause`, {});
    expect(await told(shop, "secret-of-paused")).toBe(200);
    expect((await gateOf(env.SHOP_GATE, shop).status()).settings.stopped).toBe(true);
    await call("POST", `/v1/channels/${shop}/resume`);
    expect((await gateOf(env.SHOP_GATE, shop).status()).settings.stopped).toBe(false);
  });

  it("come again later while nobody can say whether it is ours; those of the environment's shops pass meanwhile", async () => {
    const { default: worker } = await import("../../src/index.ts");
    const ctx = { waitUntil: () => {}, passThroughOnException: () => {}, props: {} } as unknown as ExecutionContext;
    const away = () => {
      throw new Error("D1_ERROR: Network connection lost.");
    };
    const given = { ...env, DB: { prepare: away, batch: away } } as unknown as Env;
    const statusOf = async (shop: string) => {
      const headers = {
        ...{ "x-shopify-topic": "inventory_levels/update", "x-shopify-shop-domain": shop },
        ...{ "x-shopify-hmac-sha256": await sign(LEVEL), "x-shopify-webhook-id": `away-${shop}` },
      };
      const request = new Request("https://onhand.test/webhooks/shopify", { method: "POST", headers, body: LEVEL });
      return (await worker.fetch(request as Parameters<typeof worker.fetch>[0], given, ctx)).status;
    };
    expect([await statusOf("never-seen.myshopify.com"), await statusOf(SHOP)]).toEqual([503, 200]);
    expect(await knownGates(given)).toMatchObject({ isComplete: false });
  });
});

describe("a shop that was added", () => {
  let shopify: ScriptedShopify;
  beforeEach(() => {
    shopify = new ScriptedShopify().listen();
  });
  const grants = () =>
    shopify.requests.flatMap(({ url, body }) => (url.endsWith("/access_token") ? [new URLSearchParams(body)] : []));

  /** One SKU, of which it has 10. */
  async function connect(shop: ShopDomain, sku: string, number: string): Promise<void> {
    const item = fromStore<InventoryItemId>(number);
    const location = fromStore<ShopLocationId>(HERE);
    const page = await importPage(shop, null, { mode: null, dryRun: false }, fromStore("import-added"), {
      ...importDeps({
        locations: async () => ({ kind: "ok", value: [{ id: location, name: "Warehouse", isActive: true }] }),
        items: async () => ({
          kind: "ok",
          value: {
            items: [
              {
                ...{ id: item, sku, isTracked: true },
                variants: [{ id: fromStore(number), title: sku, isGiftCard: false, isBundleParent: false }],
                levels: [{ location, available: 10, committed: 0, atMs: OPENED_MS + 60_000 }],
              },
            ],
            nextCursor: null,
          },
        }),
      }),
    });
    expect(page).toMatchObject({ kind: "page", findings: [] });
    shopify.model.levels.set(`${number}@${HERE}`, 10);
  }
  const level = (number: string) => shopify.model.level(fromStore(number), fromStore(HERE));

  it("is pushed to with a token of its own app, and its webhooks count", async () => {
    const shop = await addShop("secret-of-pushed", { client_id: "app-of-pushed" });
    await connect(shop, "ADD-1", "9811");
    await adjust("ADD-1", { delta: -4, locationId: HERE });
    await until(
      async () => level("9811"),
      (available) => available === 6,
    );
    expect(grants().map((form) => [form.get("client_id"), form.get("client_secret")])).toEqual([
      ["app-of-pushed", "secret-of-pushed"],
    ]);
    const sold = levelBody("9811", HERE, 5, new Date(Date.now() + 1_000).toISOString());
    await deliver({ topic: "inventory_levels/update", shop, secret: "secret-of-pushed", body: sold });
    await until(
      async () => (await call("GET", "/v1/inventory/ADD-1?fresh=true")).body["available"] ?? null,
      (available) => available === 5 || available === null,
    );
  });

  it("is told nothing while its credentials are missing, and catches up when they are there", async () => {
    const shop = newShop();
    await call("PUT", `/v1/channels/${shop}`, { type: "shopify" });
    await connect(shop, "ADD-2", "9812");
    await adjust("ADD-2", { delta: -1, locationId: HERE });
    await until(
      () => gateOf(env.SHOP_GATE, shop).status(),
      ({ pausedReason }) => pausedReason === "token_NO_CREDENTIALS",
    );
    expect((await call("GET", `/v1/channels/${shop}/health`)).body).toMatchObject({
      ...{ verdict: "failing", reasons: ["credential missing: client_id", "credential missing: client_secret"] },
    });
    await store(shop, "client_id", "late-app");
    await store(shop, "client_secret", "late-secret-0123");
    await until(
      async () => level("9812"),
      (available) => available === 9,
    );
    expect(grants().at(-1)?.get("client_id")).toBe("late-app");
  });

  it("of an app made before 2026 is called with its fixed token, and no token is asked for", async () => {
    const shop = await addShop("secret-of-fixed", { access_token: "shpat_fixed-0123456789" });
    shopify.model.validToken = "shpat_fixed-0123456789";
    await connect(shop, "ADD-3", "9813");
    await adjust("ADD-3", { delta: -1, locationId: HERE });
    await until(
      async () => level("9813"),
      (available) => available === 9,
    );
    expect(grants()).toEqual([]);
    shopify.model.validToken = "shpat_rotated-0123456789";
    await adjust("ADD-3", { delta: -1, locationId: HERE });
    await until(
      () => gateOf(env.SHOP_GATE, shop).status(),
      ({ pausedReason }) => pausedReason === "unauthorized",
    );
    await store(shop, "access_token", "shpat_rotated-0123456789");
    await until(
      async () => level("9813"),
      (available) => available === 8,
    );
  });

  it("is one of ours everywhere: gates, breakers, metrics, reconciliations, its own paths", async () => {
    const shop = await addShop("secret-of-everywhere");
    const gates = (await call("GET", "/v1/gate")).body["shops"] as { shop: string }[];
    expect(gates.map((each) => each.shop)).toContain(shop);
    const { breakers } = (await call("GET", "/v1/breakers")).body as { breakers: { destination: string }[] };
    expect(breakers.map(({ destination }) => destination)).toContain(`shopify/${shop}`);
    expect((await call("GET", `/v1/shops/${shop}/gate`)).status).toBe(200);
    expect((await call("GET", "/v1/shops/stranger.myshopify.com/gate")).status).toBe(404);
    expect((await call("POST", "/v1/reconciliations", { scope: { shop } })).status).toBeLessThan(300);
    expect((await call("POST", `/v1/channels/${shop}/test`)).body).toMatchObject({ sent: true, ok: true, status: 200 });
  });

  it("does not keep the emergency stop from the environment's shops while nobody can list the others", async () => {
    const away = () => {
      throw new Error("D1_ERROR: Network connection lost.");
    };
    const stopped = await callWith({ DB: { prepare: away, batch: away } }, "PATCH", "/v1/gate", { stopped: true });
    expect(stopped).toMatchObject({
      status: 503,
      body: { detail: expect.stringContaining("shops that are channels") },
    });
    expect((await gateOf(env.SHOP_GATE, SHOP).status()).settings.stopped).toBe(true);
    await call("PATCH", "/v1/gate", { stopped: false });
  });
});
