import { describe, expect, it } from "vitest";
import type { ShopifySimulator } from "../../../dev/shopify-simulator/simulator.ts";
import { startShop, startSmallShop } from "./support/shop.ts";

type Answer = { readonly status: number; readonly body: Record<string, never> };

async function control(simulator: ShopifySimulator, method: string, path: string, body?: unknown): Promise<Answer> {
  const response = await fetch(`${simulator.url}/_simulator${path}`, {
    method,
    headers: { "X-Shopify-Access-Token": simulator.accessToken, "Content-Type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, never> };
}

describe("the control API", () => {
  it("is closed without the simulator's token, and open with it even when the API's tokens are revoked", async () => {
    const shop = await startShop();
    expect((await fetch(`${shop.url}/_simulator/levels`)).status).toBe(401);
    const wrong = { headers: { "X-Shopify-Access-Token": "shpat_0000" } };
    expect((await fetch(`${shop.url}/_simulator/levels`, wrong)).status).toBe(401);
    shop.revokeTokens();
    expect((await control(shop, "GET", "/levels")).status).toBe(200);
  });

  it("plays a whole story: seed, sell, ship, refund, count, and shows the levels", async () => {
    const shop = await startShop();
    await control(shop, "POST", "/seed", { skus: 1, locations: 2, stock: [10, 10] });
    const [sku] = shop.store.variants.map((variant) => variant.item.sku ?? "");
    const locations = (await control(shop, "GET", "/locations")).body["locations"] as unknown as { id: string }[];
    const [near, far] = locations.map((location) => location.id);
    const sold = await control(shop, "POST", "/orders", { lines: [{ sku, quantity: 4 }] });
    expect(sold.status).toBe(200);
    const order = sold.body["order"] as unknown as { id: string; lines: { id: string; allocations: unknown }[] };
    expect(order.lines[0]?.allocations).toEqual([{ locationId: near, quantity: 4 }]);
    const lineId = order.lines[0]?.id;
    await control(shop, "POST", `/orders/${order.id}/fulfil`, { lines: [{ lineId, quantity: 1 }] });
    const refund = { lines: [{ lineId, quantity: 1, restockType: "return", locationId: far }] };
    expect(await control(shop, "POST", `/orders/${order.id}/refunds`, refund)).toMatchObject({
      status: 200,
      body: { kind: "done", refund: { lines: [{ quantity: 1, restockType: "return", locationId: far }] } },
    });
    await control(shop, "POST", "/levels", { sku, locationId: near, available: 20 });
    const levels = await control(shop, "GET", `/levels?sku=${sku}`);
    expect(levels.body["levels"]).toMatchObject([
      { locationId: near, available: 20, committed: 3, onHand: 23 },
      { locationId: far, available: 11, committed: 0, onHand: 11 },
    ]);
    const changes = (await control(shop, "GET", "/changes?after=0")).body["changes"] as unknown as { cause: string }[];
    expect([...new Set(changes.map((change) => change.cause))]).toEqual([
      "seed",
      "order",
      "fulfilment",
      "refund",
      "merchant",
    ]);
    expect((await control(shop, "GET", "/stats")).body).toMatchObject({ orders: 1 });
  });

  it("answers 409 to what a shop would refuse, 404 to unknown ids, 422 to a wrong body", async () => {
    const { simulator, addItem } = await startSmallShop();
    addItem("A-1", [1, null]);
    expect(await control(simulator, "POST", "/orders", { lines: [{ sku: "A-1", quantity: 2 }] })).toEqual({
      status: 409,
      body: { kind: "out_of_stock", sku: "A-1", wanted: 2, available: 1 },
    });
    expect((await control(simulator, "POST", "/orders/999/cancel", { restock: true })).status).toBe(404);
    expect((await control(simulator, "POST", "/levels", { sku: "NO", locationId: "1" })).status).toBe(404);
    expect((await control(simulator, "POST", "/orders", { lines: [{ skew: "A-1" }] })).status).toBe(422);
    expect((await control(simulator, "GET", "/nowhere")).status).toBe(404);
  });

  it("sets, patches and lifts faults", async () => {
    const shop = await startShop();
    expect((await control(shop, "PUT", "/faults", { graphql: { throttledRate: 1 } })).status).toBe(200);
    expect((await control(shop, "PATCH", "/faults", { webhooks: { dropRate: 0.5 } })).body).toMatchObject({
      graphql: { throttledRate: 1 },
      webhooks: { dropRate: 0.5 },
    });
    expect((await control(shop, "PUT", "/faults", { graphql: { throttledRat: 1 } })).status).toBe(422);
    expect((await control(shop, "POST", "/plan", { mutations: [{ kind: "lost_response" }] })).body).toEqual({
      planned: 1,
    });
    expect((await control(shop, "POST", "/plan", { queries: [{ kind: "unheard of" }] })).status).toBe(422);
    expect((await control(shop, "PUT", "/faults", {})).body).toMatchObject({ graphql: { throttledRate: 0 } });
    expect((await control(shop, "POST", "/outage", { forMs: 60_000 })).body).toMatchObject({
      graphql: { outageStatus: 503 },
    });
  });

  it("connects and closes places, and waits for the end of deliveries", async () => {
    const { simulator, near, far, addItem } = await startSmallShop();
    addItem("A-1", [1, null]);
    expect(
      (await control(simulator, "POST", "/levels/connect", { sku: "A-1", locationId: far.id })).body,
    ).toMatchObject({
      available: 0,
      isActive: true,
    });
    await control(simulator, "POST", "/levels/disconnect", { sku: "A-1", locationId: near.id });
    expect(simulator.level({ sku: "A-1" }, near.id)?.isActive).toBe(false);
    await control(simulator, "POST", `/locations/${far.id}/active`, { isActive: false });
    expect(simulator.store.locationById(far.id)?.isActive).toBe(false);
    expect((await control(simulator, "POST", "/idle")).body).toMatchObject({ webhooks: { pending: 0 } });
  });
});

describe("the stand-alone shop", () => {
  it("prints where it is and its credentials as one line of JSON, and answers there", async () => {
    const { spawn } = await import("node:child_process");
    const main = new URL("../../../dev/shopify-simulator/main.ts", import.meta.url).pathname;
    const child = spawn(process.execPath, [main, "--skus", "3"], { stdio: ["ignore", "pipe", "inherit"] });
    try {
      const line = await new Promise<string>((resolve) => child.stdout.once("data", (data) => resolve(String(data))));
      const facts = JSON.parse(line) as Record<string, string>;
      expect(Object.keys(facts)).toEqual(["url", "shop", "clientId", "clientSecret", "accessToken", "webhookSecret"]);
      const response = await fetch(`${facts["url"]}/_simulator/variants`, {
        headers: { "X-Shopify-Access-Token": facts["accessToken"] ?? "" },
      });
      const { variants } = (await response.json()) as { variants: { sku: string | null; isBundle: boolean }[] };
      // Three sellable ones, a gift card, an untracked one, one without SKU, two twins and a bundle.
      expect(variants).toHaveLength(9);
      expect(variants.filter((variant) => variant.sku === "TWIN-01")).toHaveLength(2);
      expect(variants.filter((variant) => variant.isBundle)).toHaveLength(1);
    } finally {
      child.kill("SIGTERM");
      expect(await new Promise((resolve) => child.once("exit", resolve))).toBe(0);
    }
  });
});
